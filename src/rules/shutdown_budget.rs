//! The grace period outlasts daprd's own shutdown.

use super::termination_grace::effective;
use crate::dapr::{duration, integer};
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "shutdown-budget",
    title: "The grace period outlasts the sidecar's own shutdown",
    source: Source::Dapr("pkg/runtime/runtime.go; docs: reference/arguments-annotations-overview.md"),
    why: "daprd first blocks (dapr.io/block-shutdown-duration), then closes within dapr.io/graceful-shutdown-seconds. \
          Kubernetes kills it in the middle when the grace period is not longer than both together.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/block-shutdown-duration: 25s}},
        spec: {terminationGracePeriodSeconds: 30, containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/block-shutdown-duration: 25s}},
        spec: {terminationGracePeriodSeconds: 31, containers: []}}"#,
};

const BLOCK: &str = "dapr.io/block-shutdown-duration";
const GRACEFUL: &str = "dapr.io/graceful-shutdown-seconds";
/// What daprd takes where nothing, a bad value or a negative one is given (`pkg/runtime/config.go`).
const GRACEFUL_DEFAULT: i64 = 5;
const NANOS: i64 = 1_000_000_000;

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.asked().is_none() {
        return Vec::new();
    }
    let pod = subject.pod;
    let graceful = pod.annotation(GRACEFUL).and_then(integer::parse).filter(|seconds| *seconds >= 0);
    let graceful = graceful.unwrap_or(GRACEFUL_DEFAULT);
    let block = pod.annotation(BLOCK).and_then(|value| duration::parse(value).ok()).unwrap_or(0).max(0);
    let block = block / NANOS + i64::from(block % NANOS > 0);
    let needed = block.saturating_add(graceful);
    let grace = effective(subject);
    if needed < grace {
        return Vec::new();
    }
    vec![Finding::new(
        subject.at("/spec/terminationGracePeriodSeconds"),
        format!("{grace} seconds, and daprd's own shutdown takes up to {needed} (block {block} + graceful {graceful})"),
        "SIGKILL cuts it off in the middle",
        format!("write {} or more, or shorten {BLOCK} or {GRACEFUL}", needed.saturating_add(10)),
    )]
}
