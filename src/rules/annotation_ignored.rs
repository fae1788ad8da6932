//! No annotation has a value that Dapr reads otherwise than it was meant.

use super::annotation_refused::{finding, judged};
use crate::dapr::annotation::BadValue;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "annotation-ignored",
    title: "Every annotation has a value that Dapr reads as it was meant",
    source: Source::Dapr("pkg/injector/patcher/sidecar.go: setFromAnnotations"),
    why: "Dapr reads numbers, booleans and lists leniently: what it cannot read it drops, takes for false or replaces by \
          the default. The pod runs, only not as its owner thinks.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080 "}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080"}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    judged(subject)
        .filter(|(_, _, verdict)| is_ours(verdict.outcome))
        .map(|(annotation, value, verdict)| finding(subject, annotation, value, verdict))
        .collect()
}

/// What no other rule says: refusals, resources and unknown annotations have rules of their own.
fn is_ours(outcome: BadValue) -> bool {
    match outcome {
        BadValue::Ignored | BadValue::ReadAsFalse | BadValue::Wraps | BadValue::FragmentSkipped | BadValue::Stuck => {
            true
        }
        BadValue::Denied
        | BadValue::ApiServerRejects
        | BadValue::Crash
        | BadValue::ResourcesDropped
        | BadValue::NotRead
        | BadValue::NotChecked => false,
    }
}
