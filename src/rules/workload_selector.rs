//! A workload's selector selects its own pods.

use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source, escape, selects};

pub(super) static RULE: Rule = Rule {
    id: "workload-selector",
    title: "The selector of a workload with Dapr is there and selects its own pods",
    source: Source::Kubernetes("pkg/apis/apps/validation/validation.go: ValidateDeploymentSpec"),
    why: "The API server refuses a Deployment, StatefulSet or DaemonSet without a selector, or whose selector does not select \
          the pods of its own template.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Object(
        &[
            GroupKind::new("apps", "DaemonSet"),
            GroupKind::new("apps", "Deployment"),
            GroupKind::new("apps", "StatefulSet"),
        ],
        check,
    ),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {
        labels: {app: order}, annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {selector: {matchLabels: {app: order}},
        template: {metadata: {labels: {app: order}, annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {containers: []}}}}"#,
};

const SELECTOR: &str = "/spec/selector";
const LABELS: &str = "/spec/template/metadata/labels";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    // Workloads without Dapr are nobody's here.
    let enabled = format!("/spec/template/metadata/annotations/{}", escape(keys::ENABLED));
    if subject.get(&enabled).is_none() {
        return Vec::new();
    }
    let selector = subject.get(SELECTOR);
    let empty = selector.is_none_or(|selector| selector.as_object().is_none_or(crate::json::Map::is_empty));
    let label = |key: &str| subject.get(LABELS)?.get(key)?.as_str();
    let (problem, advice) = if empty {
        ("there is no spec.selector", "add spec.selector.matchLabels with a label of the template, such as app")
    } else if !selects(selector, label) {
        ("spec.selector does not select the labels of the template", "give the template the labels that are selected")
    } else {
        return Vec::new();
    };
    let at = SELECTOR.to_owned();
    vec![Finding::new(at, problem, "the API server refuses the workload", advice).certain()]
}
