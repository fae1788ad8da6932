//! What several test files share: examples as documents, a rule run alone, patches applied.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod arbitrary;
pub mod reviews;

use dapr_preflight::dapr::pod::Pod;
use dapr_preflight::policy::{Engine, Finding, Phase, PodSubject, Policies, Policy, Rule, patch};
use dapr_preflight::{policy, rules};
use serde_json::Value;

/// A YAML document as JSON.
pub fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The built-in policy and every rule.
pub fn engine() -> Engine {
    Engine::new(rules::ALL, Policies::default())
}

/// What one rule finds in a pod that is about to be stored.
pub fn findings(rule: &Rule, pod: &Value, policy: &Policy) -> Vec<Finding> {
    let text = pod.to_string();
    let pod: Pod<'_> = serde_json::from_str(&text).unwrap();
    let policy::Check::Pod(check) = rule.check;
    check(&PodSubject::pod(&pod, Phase::Final, policy))
}

/// The pod after the edits of these findings.
pub fn mended<'f>(pod: &Value, findings: impl IntoIterator<Item = &'f Finding>) -> Value {
    let text = pod.to_string();
    let view: Pod<'_> = serde_json::from_str(&text).unwrap();
    let policy = Policy::default();
    let subject = PodSubject::pod(&view, Phase::Final, &policy);
    let edits = findings.into_iter().flat_map(|finding| &finding.edits);
    let mut after = pod.clone();
    json_patch::patch(&mut after, &patch(&subject, edits)).unwrap();
    after
}
