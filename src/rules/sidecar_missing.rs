//! A pod that asks for a sidecar has one.

use crate::dapr::injection::Injection;
use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-missing",
    title: "A pod that asks for a sidecar has one when it is stored",
    source: Source::Dapr("pkg/injector/service/handler.go; charts/dapr: webhookFailurePolicy Ignore"),
    why: "Dapr's injector fails open: while it is down or slow, and for pods made by somebody whom it does not know, \
          the pod starts without a sidecar and nobody is told.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::StoredPod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: [{name: app}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: [{name: app}, {name: daprd}]}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let missing = matches!(subject.injection, Injection::Injected(_));
    if !missing {
        return Vec::new();
    }
    let finding = Finding::new(
        subject.at_annotation(keys::ENABLED),
        "Dapr has not put its sidecar into this pod",
        "the app starts without Dapr",
        "see whether dapr-sidecar-injector is up, and whether it knows the maker of the pod (allowedServiceAccounts); \
         then delete the pod, or make it again",
    );
    vec![finding.advisory()]
}
