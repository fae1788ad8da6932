//! Replicas spread over nodes.

use serde_json::json;

use serde_json::Value;

use crate::dapr::app_id;
use crate::policy::{Check, Controller, Edit, Finding, Fix, Level, PodSubject, Quoted, Rule, Source, Spread};

pub(super) static RULE: Rule = Rule {
    id: "topology-spread",
    title: "Replicas spread over nodes",
    source: Source::Reference("topologySpreadConstraints: maxSkew 1, kubernetes.io/hostname"),
    why: "Without a constraint of its own all replicas of an app may sit on one node, and leave with it.",
    level: Level::Warn,
    fix: Fix::Safe,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {generateName: order-5447c47766-,
        labels: {pod-template-hash: 5447c47766},
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order},
        ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: order-5447c47766, controller: true}]},
        spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {generateName: order-5447c47766-,
        labels: {pod-template-hash: 5447c47766, dapr.io/app-id: order},
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order},
        ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: order-5447c47766, controller: true}]},
        spec: {containers: [], topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname,
        whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {dapr.io/app-id: order}},
        matchLabelKeys: [pod-template-hash], nodeTaintsPolicy: Honor}]}}"#,
};

/// The label that Dapr puts on every pod that it injects.
const APP_ID: &str = "dapr.io/app-id";
/// The label by which a Deployment tells the pods of one template from those of another.
const TEMPLATE_HASH: &str = "pod-template-hash";

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let pod = subject.pod;
    let replicated = matches!(subject.controller, Some(Controller::ReplicaSet | Controller::StatefulSet));
    let constraints = pod.spec.topology_spread_constraints.as_deref();
    if subject.sidecar().is_none() || !replicated || constraints.is_some_and(|list| !list.is_empty()) {
        return Vec::new();
    }
    let at = subject.at("/spec/topologySpreadConstraints");
    let spread = &subject.policy.spread;
    let finding = Finding::new(
        at.clone(),
        "no topology spread constraint",
        "all replicas may sit on one node, and leave with it",
        subject.say(|| format!("add one with maxSkew {} over {}", spread.max_skew, spread.topology_keys.join(" and "))),
    );
    // Dapr's fallback, the pod's own name, differs from replica to replica: there is nothing to select by.
    let Some(app_id) = pod.annotation(APP_ID).filter(|id| !id.is_empty() && app_id::is_label_value(id)) else {
        return vec![Finding {
            advice: format!(
                "{}; none is added without a {APP_ID} annotation that is a legal label value (it is {})",
                finding.advice,
                Quoted(pod.annotation(APP_ID).unwrap_or_default())
            )
            .into(),
            ..finding
        }];
    };
    let hashed = pod.label(TEMPLATE_HASH).is_some();
    let entries = spread.topology_keys.iter().map(|key| constraint(spread, key, app_id, hashed));
    let mut edits: Vec<Edit> = match constraints {
        None => vec![Edit::Add { at, value: entries.collect() }],
        Some(_) => entries.map(|value| Edit::Add { at: format!("{at}/-"), value }).collect(),
    };
    if pod.label(APP_ID).is_none() {
        let label = subject.at("/metadata/labels/dapr.io~1app-id");
        edits.push(Edit::Add { at: label, value: json!(app_id) });
    }
    vec![finding.safe(edits)]
}

fn constraint(spread: &Spread, topology_key: &str, app_id: &str, hashed: bool) -> Value {
    let mut constraint = json!({
        "maxSkew": spread.max_skew,
        "topologyKey": topology_key,
        "whenUnsatisfiable": spread.when_unsatisfiable.as_str(),
        "labelSelector": { "matchLabels": { APP_ID: app_id } },
        "nodeTaintsPolicy": "Honor",
    });
    if hashed {
        constraint["matchLabelKeys"] = json!([TEMPLATE_HASH]);
    }
    constraint
}
