//! `dapr.io/enabled` says what its writer means.

use crate::dapr::injection::Injection;
use crate::dapr::{boolean, keys};
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "enabled-misread",
    title: "dapr.io/enabled is written so that the injector reads it",
    source: Source::Dapr("pkg/injector/service/handler.go: podHasDaprEnabled (dapr/dapr#9669)"),
    why: "Since 1.17.3 the injector acts on \"true\" alone, while Dapr's operator and watchdog still take yes, on and 1 \
          for true: the pod gets no sidecar, nobody is told, and a watchdog deletes it over and over.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "yes", dapr.io/app-id: order}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(value) = subject.pod.annotation(keys::ENABLED) else { return Vec::new() };
    if !matches!(subject.injection, Injection::NotEnabled) || boolean::plainly_false(value) || value.is_empty() {
        return Vec::new();
    }
    let consequence = match boolean::truthy(value) {
        true => "the pod gets no sidecar, and Dapr's watchdog, where it is on, deletes it over and over",
        false => "Dapr reads it as false: the pod gets no sidecar",
    };
    vec![Finding::new(
        subject.at_annotation(keys::ENABLED),
        format!("Dapr {} (the policy's version) does not take {} for true", subject.version(), Quoted(value)),
        consequence,
        "write \"true\", or \"false\" if that is meant",
    )]
}
