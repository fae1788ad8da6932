//! A Dapr resource has only fields that Dapr reads.

use super::dapr_resource_refused::pointer;
use crate::dapr::schema::{self, Fault, FaultKind, Schema};
use crate::policy::{Check, DAPR_GROUP, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "dapr-resource-unknown-field",
    title: "A Dapr resource has only fields that Dapr reads",
    source: Source::Dapr("charts/dapr/crds"),
    why: "The API server drops a field that the schema does not have, and most GitOps tools do not ask it to complain: \
          scopes below spec, for one, scope nothing.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::ANY], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore},
        spec: {type: state.redis, version: v1, metadata: [], scopes: [order]}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore},
        spec: {type: state.redis, version: v1, metadata: []}, scopes: [order]}",
};

/// Of any Kubernetes object.
const GENERAL: [&str; 3] = ["apiVersion", "kind", "status"];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let known = schema::versions(subject.kind).filter(|_| subject.group == DAPR_GROUP);
    let Some(schema) = known.and_then(|versions| versions.get(subject.api_version())) else { return Vec::new() };
    let faults = schema.faults(subject.value, subject.version());
    faults.into_iter().filter_map(|fault| finding(schema, subject, &fault)).collect()
}

fn finding(root: &Schema, subject: &ObjectSubject<'_>, fault: &Fault<'_>) -> Option<Finding> {
    let (field, parents) = fault.path.split_last()?;
    let (problem, advice) = match &fault.kind {
        FaultKind::Later(since) => (
            format!("Dapr {} does not know this field, which came with {since}", subject.version()),
            "leave it out, or name the Dapr version that runs in the policy".to_owned(),
        ),
        FaultKind::Unknown(_) if parents.is_empty() && GENERAL.contains(&field.as_str()) => return None,
        FaultKind::Unknown(_) if !parents.is_empty() && root.properties.contains_key(field) => {
            (format!("{field} does not belong here"), format!("write {field} at the top level, beside spec"))
        }
        FaultKind::Unknown(siblings) => {
            let advice = match closest(field, siblings.keys().map(String::as_str)) {
                Some(known) => format!("did you mean {known}?"),
                None => "leave it out".to_owned(),
            };
            (format!("a {} has no field {} here", subject.kind, Quoted(field)), advice)
        }
        _ => return None,
    };
    Some(
        Finding::new(pointer(&fault.path), problem, "the API server drops it, and it has no effect", advice)
            .of_the_key()
            .advisory(),
    )
}
