//! A sidecar's request is not above its limit.

use crate::policy::{Check, Finding, Fix, Given, Level, PodSubject, Quoted, Rule, Slot, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-request-above-limit",
    title: "The sidecar's requests are within its limits",
    source: Source::Kubernetes("concepts/configuration/manage-resources-containers"),
    why: "Dapr copies both values without comparing them, and the API server refuses the whole pod.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order,
        dapr.io/sidecar-memory-request: 1G, dapr.io/sidecar-memory-limit: 512Mi}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order,
        dapr.io/sidecar-memory-request: 512Mi, dapr.io/sidecar-memory-limit: 1G}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.sidecar() else { return Vec::new() };
    if Slot::ALL.into_iter().any(|slot| matches!(sidecar.given(slot), Given::Unparsable(_))) {
        return Vec::new();
    }
    [(Slot::CpuRequest, Slot::CpuLimit), (Slot::MemoryRequest, Slot::MemoryLimit)]
        .into_iter()
        .filter_map(|(request_slot, limit_slot)| {
            let (Given::Amount(request, asked), Given::Amount(limit, cap)) =
                (sidecar.given(request_slot), sidecar.given(limit_slot))
            else {
                return None;
            };
            let finding = Finding::new(
                sidecar.at(request_slot),
                format!("the {} {} is above the limit {}", request_slot.words(), Quoted(request), Quoted(limit)),
                "the API server refuses the pod",
                format!("raise the {} or lower the request", limit_slot.words()),
            );
            (asked > cap).then(|| finding.certain())
        })
        .collect()
}
