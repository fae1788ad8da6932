//! The control plane has requests and limits.

use crate::dapr::helm::{SERVICES, Values};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Profile, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "helm-resources",
    title: "The control plane has requests and limits",
    source: Source::Reference("Control plane resource limits set"),
    why: "The chart gives the control plane no resources: it is the first to be evicted, and takes what its \
          neighbours need. Whether memory is limited too is the policy's: the production reference limits it, \
          Dapr's documentation advises against it.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{dapr_sentry: {resources: {requests: {cpu: 100m}}}}",
    good: "{dapr_operator: {resources: {requests: {cpu: 100m, memory: 128Mi},
        limits: {cpu: 500m, memory: 512Mi}}}, dapr_placement: {resources: {requests: {cpu: 100m, memory: 128Mi},
        limits: {cpu: 500m, memory: 512Mi}}}, dapr_scheduler: {resources: {requests: {cpu: 100m, memory: 128Mi},
        limits: {cpu: 500m, memory: 512Mi}}}, dapr_sentry: {resources: {requests: {cpu: 100m, memory: 128Mi},
        limits: {cpu: 500m, memory: 512Mi}}}, dapr_sidecar_injector: {resources: {requests: {cpu: 100m, memory: 128Mi},
        limits: {cpu: 500m, memory: 512Mi}}}}",
};

const ASKED: [(&str, &str); 4] = [("requests", "cpu"), ("requests", "memory"), ("limits", "cpu"), ("limits", "memory")];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(values) = Values::of(subject.value) else { return Vec::new() };
    SERVICES.iter().filter_map(|(chart, name)| of_service(subject, &values, chart, name)).collect()
}

fn of_service(subject: &ObjectSubject<'_>, values: &Values<'_>, chart: &str, name: &str) -> Option<Finding> {
    let pointer = format!("/{chart}/resources");
    let has = |(of, what): &(&str, &str)| values.get(&format!("{pointer}/{of}/{what}")).is_some();
    let limit = ("limits", "memory");
    let unlimited = subject.policy.profile == Profile::DaprDocs;
    if unlimited && has(&limit) {
        let at = values.at(&format!("{pointer}/limits/memory"));
        let consequence = "the kernel kills it when it needs more, which Dapr's documentation warns of";
        let advice = "leave the limit out, and keep the request";
        return Some(Finding::new(at, format!("the memory of {name} is limited"), consequence, advice));
    }
    let missing: Vec<_> = ASKED
        .iter()
        .filter(|asked| !(has(asked) || unlimited && **asked == limit))
        .map(|(of, what)| format!("{of}.{what}"))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let (problem, consequence) = match missing.len() {
        4 => (format!("{name} has no resources"), "it is the first to be evicted, and takes what its neighbours need"),
        _ => (
            format!("{name} has no {}", missing.join(", ")),
            "the node may have less for it, or lose more to it, than it should",
        ),
    };
    Some(Finding::new(values.at(&pointer), problem, consequence, format!("write {}", missing.join(", "))))
}
