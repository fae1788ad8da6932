//! The app's port is one that a container has.

use super::app_port::app_port;
use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-port-undeclared",
    title: "The app's port is one of those that the containers declare",
    source: Source::Reference("dapr.io/app-port: \"8080\"; ports: - containerPort: 8080"),
    why: "daprd waits for the app on that port and is not ready before. Where containers declare other ports only, it \
          most likely waits for ever.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8081"}},
        spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080"}},
        spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let (Some(_), Some(port)) = (subject.asked(), app_port(subject)) else { return Vec::new() };
    let declared: Vec<i64> =
        subject.app_containers().flat_map(|(_, app)| app.ports.iter().map(|port| port.container_port)).collect();
    // Kubernetes does not ask for declarations, so that none means nothing.
    if declared.is_empty() || declared.contains(&i64::from(port)) {
        return Vec::new();
    }
    let declared = declared.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    vec![Finding::new(
        subject.at_annotation(keys::APP_PORT),
        format!("no container declares port {port} (declared: {declared})"),
        "where nobody listens there, daprd is never ready, and so the pod is not",
        "write the port on which the app listens, or declare it",
    )]
}
