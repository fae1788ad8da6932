//! A sidecar with a memory limit has a GOMEMLIMIT below it.

use super::sidecar_resources::effective_memory_limit;
use crate::dapr::gomemlimit;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, SoftLimit, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-gomemlimit",
    title: "The sidecar's GOMEMLIMIT is set below its memory limit",
    source: Source::Reference("`GOMEMLIMIT` set to 90% of sidecar memory limit"),
    why: "Go's garbage collector does not know the container's limit. Without GOMEMLIMIT daprd grows until the kernel \
          kills it, although most of its memory may be garbage.",
    level: Level::Deny,
    fix: Fix::Safe,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-memory-limit: 256Mi,
        dapr.io/env: "GOGC=50, "}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-memory-limit: 256Mi,
        dapr.io/env: "GOGC=50,GOMEMLIMIT=230MiB"}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.sidecar() else { return Vec::new() };
    if sidecar.gomemlimit() != SoftLimit::Absent {
        return Vec::new();
    }
    let Some(limit) = effective_memory_limit(subject, &sidecar) else { return Vec::new() };
    let percent = subject.policy.gomemlimit_percent;
    let Some(value) = gomemlimit::for_limit(limit.quantity.bytes_floor(), percent) else { return Vec::new() };
    let advice = subject.say(|| match sidecar.is_there() {
        true => format!("set GOMEMLIMIT to {value} in the container's env, for a limit of {}", limit.text),
        false => format!("write GOMEMLIMIT={value} into dapr.io/env, for a limit of {}", limit.text),
    });
    let finding = Finding::new(
        sidecar.at_env(),
        "the sidecar has no GOMEMLIMIT",
        "daprd's garbage collector does not know its memory limit, and the kernel kills it there",
        advice,
    );
    vec![finding.safe(vec![sidecar.add_gomemlimit(&value)])]
}
