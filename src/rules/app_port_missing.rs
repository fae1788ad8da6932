//! An app that daprd is to call says where it listens.

use super::app_port::app_port;
use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Role, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-port-missing",
    title: "An app that daprd is to call says on which port it listens",
    source: Source::Reference("dapr.io/app-port: \"8080\""),
    why: "Without dapr.io/app-port daprd never calls the app: no actors, no subscriptions, no invocation, no health \
          checks, whatever else is said about such calls.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: cart, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: cart, dapr-preflight.io/role: actor}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: cart, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: cart, dapr-preflight.io/role: actor, dapr.io/app-port: "8080"}},
        spec: {containers: []}}"#,
};

/// What only says how daprd calls the app.
const OF_CALLS: [&str; 3] = ["dapr.io/app-protocol", "dapr.io/app-max-concurrency", "dapr.io/app-channel-address"];

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.asked().filter(|_| app_port(subject).is_none()) else { return Vec::new() };
    let said = OF_CALLS.into_iter().find(|key| subject.pod.annotation(key).is_some());
    let checked = sidecar.is_on(keys::ENABLE_APP_HEALTH_CHECK).then_some(keys::ENABLE_APP_HEALTH_CHECK);
    let consequence = match said.or(checked) {
        _ if subject.role == Role::Actor => "daprd never calls the app, which therefore hosts no actors".to_owned(),
        Some(key) => format!("daprd never calls the app, and {key} has no effect"),
        None => return Vec::new(),
    };
    let advice = "write the port on which the app listens";
    vec![Finding::new(subject.at_annotation(keys::APP_PORT), "there is no app-port", consequence, advice)]
}
