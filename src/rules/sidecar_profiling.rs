//! daprd does not serve its profile.

use super::sidecar_debug::switched_on;
use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-profiling",
    title: "daprd does not serve Go's profiler",
    source: Source::Dapr("pkg/injector/patcher/sidecar_container.go: EnableProfiling"),
    why: "The profiler's port 7777 asks nobody for a token, and shows stacks and memory to whoever reaches it.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/enable-profiling: "true"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let consequence = "port 7777 shows daprd's stacks and memory, without asking for a token";
    switched_on(subject, keys::ENABLE_PROFILING, "daprd serves Go's profiler", consequence)
}
