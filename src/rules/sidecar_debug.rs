//! daprd does not run under a debugger.

use serde_json::json;

use crate::dapr::keys;
use crate::policy::{Check, Edit, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-debug",
    title: "daprd does not run under a debugger",
    source: Source::Dapr("pkg/injector/patcher/sidecar_container.go: EnableDebug"),
    why: "daprd then runs under Delve, whose port lets anybody who reaches it read its memory and run code in it. Only \
          debug images have Delve at all: in others the container does not start.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/enable-debug: "true"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    switched_on(
        subject,
        keys::ENABLE_DEBUG,
        "daprd runs under a debugger",
        "whoever reaches the debugger's port runs code in daprd; without a debug image daprd does not start",
    )
}

/// A switch that is on and should not be in production.
pub(super) fn switched_on(
    subject: &PodSubject<'_>,
    key: &str,
    problem: &'static str,
    consequence: &'static str,
) -> Vec<Finding> {
    if !subject.asked().is_some_and(|sidecar| sidecar.is_on(key)) {
        return Vec::new();
    }
    let at = subject.at_annotation(key);
    let finding = Finding::new(at.clone(), problem, consequence, "leave it out in production");
    vec![finding.suggested(vec![Edit::Replace { at, value: json!("false") }])]
}
