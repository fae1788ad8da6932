//! Dapr's annotations are on the pod template, where Dapr reads them.

use serde_json::json;

use crate::dapr::annotations::lookup;
use crate::dapr::gone::gone;
use crate::dapr::{Annotations, keys};
use crate::policy::{Check, Edit, Finding, Fix, Level, PodSubject, Rule, Source, escape};

pub(super) static RULE: Rule = Rule {
    id: "annotation-misplaced",
    title: "Dapr's annotations are on the pod template, not on the workload",
    source: Source::Dapr("pkg/injector/patcher/sidecar.go: setFromAnnotations; dapr/dapr#4932"),
    why: "Dapr's injector sees pods alone. An annotation on the Deployment's own metadata never gets to them, and nobody \
          is told.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {template: {spec: {containers: []}}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {
        metadata: {annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let own = subject.workload.and_then(|workload| workload.annotations.as_ref());
    let misplaced: Vec<(&str, &str)> =
        own.iter().flat_map(|own| Annotations::iter(own)).filter(|(key, _)| is_a_pods(key)).collect();
    // What the template says too is merely said twice.
    let missing: Vec<_> = misplaced.into_iter().filter(|(key, _)| subject.pod.annotation(key).is_none()).collect();
    let [(first, _), rest @ ..] = &*missing else { return Vec::new() };
    let what = match rest.len() {
        0 => format!("{first} is"),
        1 => format!("{first} and {} are", rest[0].0),
        more => format!("{first} and {more} more of Dapr's annotations are"),
    };
    let finding = Finding::new(
        format!("/metadata/annotations/{}", escape(first)),
        format!("{what} on the workload itself"),
        "Dapr reads the pod's annotations only: this has no effect",
        "move it into the pod template: spec.template.metadata.annotations",
    );
    vec![finding.of_the_key().suggested(missing.iter().map(|(key, value)| add(subject, key, value)).collect())]
}

/// Whether an annotation is meant for a pod; a mark of Dapr's own, or of another tool, is not.
fn is_a_pods(key: &str) -> bool {
    key != keys::COMPONENT_CONTAINER && (lookup(key).is_some() || gone(key).is_some())
}

fn add(subject: &PodSubject<'_>, key: &str, value: &str) -> Edit {
    let value = json!(value);
    Edit::Add { at: subject.at_annotation(key), value }
}
