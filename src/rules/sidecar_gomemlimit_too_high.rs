//! A GOMEMLIMIT is below the memory limit.

use super::sidecar_resources::effective_memory_limit;
use crate::dapr::gomemlimit;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, Rule, SoftLimit, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-gomemlimit-too-high",
    title: "The sidecar's GOMEMLIMIT is below its memory limit",
    source: Source::Reference("`GOMEMLIMIT` set to 90% of sidecar memory limit"),
    why: "A soft limit at or above the hard one never acts: the kernel kills daprd first. It happens when the limit is \
          lowered and GOMEMLIMIT is forgotten.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order,
        dapr.io/sidecar-memory-limit: 256Mi, dapr.io/env: GOMEMLIMIT=256MiB}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order,
        dapr.io/sidecar-memory-limit: 256Mi, dapr.io/env: GOMEMLIMIT=230MiB}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.sidecar() else { return Vec::new() };
    let SoftLimit::Written(text) = sidecar.gomemlimit() else { return Vec::new() };
    let (Some(soft), Some(limit)) = (sidecar.gomemlimit_bytes(), effective_memory_limit(subject, &sidecar)) else {
        return Vec::new();
    };
    let hard = limit.quantity.bytes_floor();
    if soft < hard {
        return Vec::new();
    }
    let advice = match gomemlimit::for_limit(hard, subject.policy.gomemlimit_percent) {
        Some(value) => format!("write GOMEMLIMIT={value}, or raise the memory limit"),
        None => "raise the memory limit".to_owned(),
    };
    vec![Finding::new(
        sidecar.at_env(),
        format!("GOMEMLIMIT={} is not below the memory limit of {}", Quoted(text), limit.text),
        "the kernel kills daprd before its garbage collector feels any pressure",
        advice,
    )]
}
