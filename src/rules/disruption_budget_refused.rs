//! A budget says one thing.

use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "disruption-budget-refused",
    title: "A PodDisruptionBudget has minAvailable or maxUnavailable, not both",
    source: Source::Kubernetes("pkg/apis/policy/validation/validation.go: ValidatePodDisruptionBudgetSpec"),
    why: "The API server refuses a budget with both, and then there is none. Dapr's chart renders both where both values of \
          global.ha.disruption are set.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::new("policy", "PodDisruptionBudget")], check),
    bad: r"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: order}, spec: {minAvailable: 2,
        maxUnavailable: 1, selector: {matchLabels: {app: order}}}}",
    good: r"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: order}, spec: {maxUnavailable: 1,
        selector: {matchLabels: {app: order}}}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let at = "/spec/minAvailable";
    if subject.get(at).is_none() || subject.get("/spec/maxUnavailable").is_none() {
        return Vec::new();
    }
    let finding = Finding::new(
        at.to_owned(),
        "there is both a minAvailable and a maxUnavailable",
        "the API server refuses the budget",
        "leave one of them out, rather minAvailable: maxUnavailable also holds when the number of replicas changes",
    );
    vec![finding.certain()]
}
