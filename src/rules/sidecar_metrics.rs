//! The sidecar's metrics are on.

use serde_json::json;

use crate::dapr::keys;
use crate::policy::{Check, Edit, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-metrics",
    title: "The sidecar's metrics are on",
    source: Source::Reference("dapr.io/enable-metrics: \"true\""),
    why: "What is not measured is noticed by customers first. And off is not off: since 1.12 daprd then serves its \
          metrics on 9090 all the same, whatever metrics-port says, while the pod's label tells scrapers otherwise.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/enable-metrics: "false"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/enable-metrics: "true"}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let off = subject.pod.annotation(keys::ENABLE_METRICS).is_some();
    if !off || subject.asked().is_none_or(|sidecar| sidecar.is_on(keys::ENABLE_METRICS)) {
        return Vec::new();
    }
    let at = subject.at_annotation(keys::ENABLE_METRICS);
    let finding = Finding::new(
        at.clone(),
        "the sidecar's metrics are off",
        "nobody measures the app's calls, and daprd listens on 9090 all the same",
        "write \"true\", or leave it out",
    );
    vec![finding.suggested(vec![Edit::Replace { at, value: json!("true") }])]
}
