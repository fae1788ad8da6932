//! An access control list is one that daprd starts with.

use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-access-control",
    title: "An access control list is one that daprd starts with",
    source: Source::Dapr("pkg/acl/acl.go: ParseAccessControlSpec"),
    why: "The schema asks each policy for an appId alone; daprd asks for a namespace and a trust domain as well, and \
          exits without them.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {accessControl: {
        defaultAction: deny, trustDomain: public, policies: [{appId: order, defaultAction: allow}]}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {accessControl: {
        defaultAction: deny, trustDomain: public, policies: [{appId: order, defaultAction: allow,
        trustDomain: public, namespace: shop}]}}}",
};

const LIST: &str = "/spec/accessControl";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let mut findings: Vec<_> = action(LIST, subject.get(LIST).unwrap_or(&Value::Null), "defaultAction").collect();
    for (at, policy) in subject.items(&format!("{LIST}/policies")) {
        findings.extend(["appId", "namespace", "trustDomain"].iter().filter_map(|field| missing(&at, policy, field)));
        findings.extend(action(&at, policy, "defaultAction"));
        for (index, operation) in policy["operations"].as_array().into_iter().flatten().enumerate() {
            findings.extend(action(&format!("{at}/operations/{index}"), operation, "action"));
        }
    }
    findings
}

fn missing(at: &str, policy: &Value, field: &str) -> Option<Finding> {
    if policy[field].as_str().is_some_and(|text| !text.is_empty()) {
        return None;
    }
    let advice = match field {
        "appId" => "write the app-id of the caller",
        "namespace" => "write the namespace of the caller",
        _ => "write the trust domain of the caller; it is public unless its own Configuration says otherwise",
    };
    let problem = format!("the policy has no {field}");
    let consequence = "daprd exits at the start of every app that names this Configuration";
    Some(Finding::new(format!("{at}/{field}"), problem, consequence, advice).certain())
}

/// An action that is neither; an empty one is the default of the level above.
fn action(at: &str, of: &Value, field: &'static str) -> impl Iterator<Item = Finding> {
    let word = of[field].as_str().filter(|word| !word.is_empty());
    let known = |word: &str| word.eq_ignore_ascii_case("allow") || word.eq_ignore_ascii_case("deny");
    word.filter(|word| !known(word)).into_iter().map(move |word| {
        let problem = format!("{} is no action", Quoted(word));
        Finding::new(format!("{at}/{field}"), problem, "daprd takes it for deny", "write allow or deny").advisory()
    })
}
