//! The app does not listen where daprd does.

use crate::dapr::injection::Port;
use crate::dapr::{integer, keys};
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-port",
    title: "The app's port is not one of daprd's APIs",
    source: Source::Dapr("pkg/runtime/config.go: conflicts with 'app-port'"),
    why: "The app and daprd share the pod's network. daprd compares its two API ports with the app's when it starts, \
          and exits where they are the same.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "3500"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080"}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.asked() else { return Vec::new() };
    let Some(app_port) = app_port(subject) else { return Vec::new() };
    sidecar
        .ports()
        .filter(|port| is_api(port) && port.number == app_port)
        .map(|port| {
            let problem = format!("{app_port} is the port of daprd's {}", port.name);
            let at = subject.at_annotation(keys::APP_PORT);
            Finding::new(at, problem, "daprd exits when it starts", advice(&port)).certain()
        })
        .collect()
}

/// The port that Dapr reads, if it reads one: out of range it wraps, and 0 or less is none.
pub(super) fn app_port(subject: &PodSubject<'_>) -> Option<i32> {
    let value = subject.pod.annotation(keys::APP_PORT)?;
    integer::parse(value).map(integer::wrapped).filter(|port| *port > 0)
}

/// Whether it is one of the two that daprd compares with the app's.
pub(super) fn is_api(port: &Port) -> bool {
    port.key == Some(keys::GRPC_PORT) || port.number == 3500 && port.key.is_none()
}

/// How to part an app and daprd that want the same port.
pub(super) fn advice(port: &Port) -> String {
    match port.key {
        Some(key) => format!("move the app to another port, or daprd's by {key}"),
        None => "move the app to another port".to_owned(),
    }
}
