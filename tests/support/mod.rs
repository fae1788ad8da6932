//! What several test files share: examples as documents, a rule run alone, patches applied.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod arbitrary;
pub mod reviews;
pub mod together;

use dapr_preflight::dapr::pod::{Metadata, Pod};
use dapr_preflight::json;
use dapr_preflight::policy::{
    Check, Engine, Finding, GroupKind, Inventory, Kind, ObjectKind, ObjectSubject, Phase, PodSubject, Policies, Policy,
    Rule, Scope, patch,
};
use dapr_preflight::rules;
use jiff::Timestamp;
use serde_json::Value;

/// A YAML document as JSON.
pub fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The built-in policy and every rule.
pub fn engine() -> Engine {
    Engine::new(rules::ALL, Policies::default())
}

/// YAML documents as JSON.
pub fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The same documents, as rules read them.
pub fn ours(documents: &[Value]) -> Vec<json::Value> {
    documents.iter().cloned().map(json::Value::from).collect()
}

/// What one rule finds in a document.
pub fn findings(rule: &Rule, document: &Value, policy: &Policy) -> Vec<Finding> {
    findings_in(rule, std::slice::from_ref(document), policy)
}

/// What one rule finds in these documents: in each, or in all of them together.
pub fn findings_in(rule: &Rule, documents: &[Value], policy: &Policy) -> Vec<Finding> {
    let documents = ours(documents);
    match rule.check {
        Check::Pod(check) | Check::StoredPod(check) => {
            documents.iter().flat_map(|document| with_pod(document, policy, check)).collect()
        }
        Check::Object(kinds, check) => {
            documents.iter().flat_map(|document| object(document, kinds, policy, check)).collect()
        }
        Check::Inventory(check) => {
            let mut inventory = Inventory::new(Scope::Files);
            for document in documents {
                inventory.add(document, &Policies::new(vec![(vec!["*".to_owned()], policy.clone())]).unwrap());
            }
            check(&inventory).found.into_iter().map(|(_, finding)| finding).collect()
        }
    }
}

/// Calls `check` with the pod that is about to be stored, or with the workload's template.
fn with_pod(document: &json::Value, policy: &Policy, check: fn(&PodSubject<'_>) -> Vec<Finding>) -> Vec<Finding> {
    let ObjectKind { group, version, kind } = kind_of(document);
    let kind = Kind::find(group, version, kind).unwrap_or_else(|| panic!("no kind with pods: {document}"));
    let pod = document.pointer(kind.base()).unwrap().to_string();
    let pod: Pod<'_> = serde_json::from_str(&pod).unwrap();
    let metadata = document["metadata"].to_string();
    let metadata: Metadata<'_> = serde_json::from_str(&metadata).unwrap();
    match kind {
        Kind::Pod => check(&PodSubject::pod(&pod, Phase::Final, policy)),
        kind => check(&PodSubject::template(&pod, kind, &metadata, policy)),
    }
}

fn object(
    document: &json::Value,
    kinds: &[GroupKind],
    policy: &Policy,
    check: fn(&ObjectSubject<'_>) -> Vec<Finding>,
) -> Vec<Finding> {
    let ObjectKind { group, kind, .. } = kind_of(document);
    match kinds.iter().any(|wanted| wanted.covers(group, kind)) {
        true => check(&ObjectSubject::new(group, kind, document, policy).at(Timestamp::UNIX_EPOCH)),
        false => Vec::new(),
    }
}

/// What it is; a document that says nothing is one of values.
fn kind_of(document: &json::Value) -> ObjectKind<'_> {
    ObjectKind::of(document).unwrap_or_else(ObjectKind::dapr_chart_values)
}

/// The ids of the rules that, run with all others, find something in these documents: of this rule, its own.
pub fn judged_by(rule: &Rule, documents: &[Value], policy: &Policy) -> Vec<&'static str> {
    let policies = Policies::new(vec![(vec!["*".to_owned()], policy.clone())]).unwrap();
    let engine = Engine::new(rules::ALL, policies);
    let mut judged = Vec::new();
    let mut inventory = Inventory::new(Scope::Files);
    for document in ours(documents) {
        judged.extend(engine.judge_manifest(kind_of(&document), &document, Timestamp::UNIX_EPOCH).unwrap());
        inventory.add(document, engine.policies());
    }
    judged.extend(engine.survey(&inventory, Timestamp::UNIX_EPOCH).judged.into_iter().map(|(_, judged)| judged));
    judged.iter().map(|judged| judged.rule.id).filter(|id| *id == rule.id).collect()
}

/// The pod after the edits of these findings.
pub fn mended<'f>(pod: &Value, findings: impl IntoIterator<Item = &'f Finding>) -> Value {
    let text = pod.to_string();
    let view: Pod<'_> = serde_json::from_str(&text).unwrap();
    let policy = Policy::default();
    let subject = PodSubject::pod(&view, Phase::Final, &policy);
    let edits = findings.into_iter().flat_map(|finding| &finding.edits);
    let mut after = pod.clone();
    let patch: json_patch::Patch = serde_json::from_slice(&patch(&subject, edits)).unwrap();
    json_patch::patch(&mut after, &patch).unwrap();
    after
}
