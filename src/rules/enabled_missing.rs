//! A pod with Dapr's annotations says whether it wants Dapr.

use serde_json::json;

use crate::dapr::annotations::lookup;
use crate::dapr::keys;
use crate::policy::{Check, Edit, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "enabled-missing",
    title: "A pod with Dapr's annotations has dapr.io/enabled",
    source: Source::Reference("dapr.io/enabled: \"true\""),
    why: "Without dapr.io/enabled the injector does nothing, whatever other annotations there are, and says nothing.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/app-id: order, dapr.io/app-port: "8080"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080"}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let own = subject.workload.and_then(|workload| workload.annotations.as_ref());
    // On the workload itself it is misplaced, which has a rule of its own.
    if subject.pod.annotation(keys::ENABLED).is_some() || own.is_some_and(|own| own.get(keys::ENABLED).is_some()) {
        return Vec::new();
    }
    let asks = |key: &str| key != keys::COMPONENT_CONTAINER && lookup(key).is_some();
    let Some((key, _)) = subject.dapr_annotations().find(|(key, _)| asks(key)) else { return Vec::new() };
    let at = subject.at_annotation(keys::ENABLED);
    let finding = Finding::new(
        at.clone(),
        format!("there is {key}, and no {}", keys::ENABLED),
        "the pod gets no sidecar",
        "write \"true\", or \"false\" if that is meant",
    );
    vec![finding.suggested(vec![Edit::Add { at, value: json!("true") }])]
}
