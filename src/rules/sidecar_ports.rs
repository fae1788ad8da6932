//! Nobody else in the pod listens where daprd does.

use super::app_port::{self, advice};
use crate::dapr::injection::Port;
use crate::dapr::keys;
use crate::dapr::pod::{Container, SIDECAR_CONTAINER};
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-ports",
    title: "No two listeners of the pod want the same port",
    source: Source::Dapr("pkg/injector/patcher/sidecar_container.go: ports; dapr/dapr#2677, #7008, #8068"),
    why: "All containers of a pod share one network. Of two that want the same port the second one fails, and which \
          one that is depends on the day: 9090 and 50001 are favourites of apps, too.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {containers: [{name: app, ports: [{containerPort: 8080}, {containerPort: 9090}]}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/metrics-port: "9099"}},
        spec: {containers: [{name: app, ports: [{containerPort: 8080}, {containerPort: 9090}]}]}}"#,
};

const SECOND_FAILS: &str = "whichever of the two starts second fails to listen";

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.asked() else { return Vec::new() };
    let ports: Vec<Port> = sidecar.ports().collect();
    let mut findings = Vec::new();
    for (index, container) in subject.pod.spec.containers.iter().enumerate() {
        findings.extend(taken(subject, &ports, index, container));
    }
    findings.extend(undeclared(subject, &ports));
    for (index, port) in ports.iter().enumerate() {
        let earlier = ports[..index].iter().find(|earlier| earlier.number == port.number);
        findings.extend(earlier.and_then(|earlier| twice(subject, earlier, port)));
    }
    findings
}

/// Ports that an app's container declares and daprd listens on.
fn taken(subject: &PodSubject<'_>, ports: &[Port], index: usize, container: &Container<'_>) -> Vec<Finding> {
    let declared =
        container.ports.iter().enumerate().filter(|(_, port)| port.protocol.as_deref().is_none_or(|p| p == "TCP"));
    declared
        .filter(|_| &*container.name != SIDECAR_CONTAINER)
        .filter_map(|(nth, declared)| {
            let port = ports.iter().find(|port| i64::from(port.number) == declared.container_port)?;
            let at = subject.at(&format!("/spec/containers/{index}/ports/{nth}/containerPort"));
            let problem = format!("{} is the port of daprd's {} too", port.number, port.name);
            Some(Finding::new(at, problem, SECOND_FAILS, advice(port)))
        })
        .collect()
}

/// The app's port, where no container declares it and daprd has another use for it than its APIs (see `app-port`).
fn undeclared(subject: &PodSubject<'_>, ports: &[Port]) -> Option<Finding> {
    let number = app_port::app_port(subject)?;
    let containers = &subject.pod.spec.containers;
    let declared =
        |container: &Container<'_>| container.ports.iter().any(|port| port.container_port == i64::from(number));
    let port = ports.iter().find(|port| port.number == number && !app_port::is_api(port))?;
    let problem = format!("{number} is the port of daprd's {} too", port.name);
    let finding = Finding::new(subject.at_annotation(keys::APP_PORT), problem, SECOND_FAILS, advice(port));
    (!containers.iter().any(declared)).then_some(finding)
}

/// Two listeners of daprd's own on one port.
fn twice(subject: &PodSubject<'_>, earlier: &Port, port: &Port) -> Option<Finding> {
    let key = port.key.or(earlier.key)?;
    let problem = format!("{} is the port of daprd's {} and of its {}", port.number, earlier.name, port.name);
    Some(Finding::new(
        subject.at_annotation(key),
        problem,
        "daprd cannot listen on it twice",
        "give each a port of its own",
    ))
}
