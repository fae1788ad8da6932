//! Scopes name apps that are there.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::{
    Check, DAPR_GROUP, Evaluation, Finding, Fix, Inventory, Level, Member, Quoted, Rule, Source, closest,
};

pub(super) static RULE: Rule = Rule {
    id: "component-scope-unknown",
    title: "Every scope of a Dapr resource is the app-id of an app in its namespace",
    source: Source::Dapr("docs: operations/components/component-scopes.md"),
    why: "A scope is compared with app-ids as text. A mistyped one keeps the resource from the app that it was meant for, and \
          nothing says so.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: store}, spec: {type: state.redis, version: v1,
        metadata: []}, scopes: [orders]}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}"#,
    good: r#"{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: store}, spec: {type: state.redis, version: v1,
        metadata: []}, scopes: [order]}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let ids = app_ids(inventory);
    for (index, member) in inventory.members.iter().enumerate().filter(|(_, member)| member.group == DAPR_GROUP) {
        let scopes = member.items("/scopes");
        if scopes.is_empty() {
            continue;
        }
        let known: Vec<_> = ids.iter().filter(|(namespace, _)| may_be_one(namespace, &member.namespace)).collect();
        if known.is_empty() && !inventory.is_whole() {
            evaluation.needs(index, format!("the apps of the namespace {}", member.home()));
            continue;
        }
        let named = scopes.iter().enumerate().filter_map(|(nth, scope)| Some((nth, scope.as_str()?)));
        let unknown: Vec<_> = named.filter(|(_, scope)| !known.iter().any(|(_, ids)| ids.contains(scope))).collect();
        let nobody = unknown.len() == scopes.len();
        for (nth, scope) in unknown {
            let hint = closest(scope, known.iter().flat_map(|(_, ids)| ids.iter().copied()))
                .map(|id| format!(": did you mean {}?", Quoted(id)));
            evaluation.find(index, finding(member, nth, scope, hint, nobody));
        }
    }
    let unseen = !inventory.shows(DAPR_GROUP, "Component");
    if unseen && inventory.apps().next().is_some() {
        evaluation.needs(None, "the Components of these apps");
    }
    evaluation
}

/// The app-ids of each namespace, also of pods that something unknown here has made.
fn app_ids(inventory: &Inventory) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut ids: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for member in &inventory.members {
        if let Some(app_id) = member.app.as_ref().and_then(|app| app.app_id.as_deref()) {
            ids.entry(&*member.namespace).or_default().insert(app_id);
        }
    }
    ids
}

/// A manifest without a namespace goes wherever it is sent.
fn may_be_one(one: &str, other: &str) -> bool {
    one == other || one.is_empty() || other.is_empty()
}

fn finding(member: &Member, nth: usize, scope: &str, hint: Option<String>, nobody: bool) -> Finding {
    let problem = format!("no app in the namespace {} has the app-id {}", member.home(), Quoted(scope));
    let consequence = match nobody {
        true => format!("no sidecar loads this {}: none of its scopes is an app", member.kind),
        false => format!("this {} is not loaded by the app that was meant", member.kind),
    };
    let advice = format!("write the app-id of an app, or take the scope away{}", hint.unwrap_or_default());
    Finding::new(format!("/scopes/{nth}"), problem, consequence, advice)
}
