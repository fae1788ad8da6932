//! Nobody but Dapr sets Dapr's marks.

use crate::dapr::injection::Injection;
use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, Phase, PodSubject, Rule, Source, escape};

pub(super) static RULE: Rule = Rule {
    id: "label-reserved",
    title: "The labels by which Dapr marks its pods are left to Dapr",
    source: Source::Dapr("pkg/operator/watchdog.go"),
    why: "Dapr's watchdog looks for pods whose sidecar is missing, and passes over those that carry the injector's label \
          or its own: with the label in the template it never sees any.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {
        metadata: {labels: {dapr.io/sidecar-injected: "true"}, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {
        metadata: {labels: {app: order}, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    // A pod with its sidecar has the label from Dapr.
    if subject.phase != Phase::Template || matches!(subject.injection, Injection::AlreadyInjected(_)) {
        return Vec::new();
    }
    [keys::SIDECAR_INJECTED, keys::WATCHDOG_PATCHED]
        .into_iter()
        .filter(|key| subject.pod.label(key).is_some())
        .map(|key| {
            Finding::new(
                subject.at(&format!("/metadata/labels/{}", escape(key))),
                "Dapr sets this label itself",
                "where injection fails, Dapr's watchdog passes over the pod",
                "leave it out",
            )
        })
        .collect()
}
