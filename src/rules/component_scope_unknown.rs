//! Scopes name apps that are there.

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
    for (index, member) in inventory.members.iter().enumerate().filter(|(_, member)| member.group == DAPR_GROUP) {
        let scopes = member.items("/scopes");
        if scopes.is_empty() {
            continue;
        }
        let known = inventory.app_ids_beside(member);
        if known.is_empty() && !inventory.is_whole() {
            evaluation.needs(index, format!("the apps of the namespace {}", member.home()));
            continue;
        }
        let named = scopes.iter().enumerate().filter_map(|(nth, scope)| Some((nth, scope.as_str()?)));
        let unknown: Vec<_> = named.filter(|(_, scope)| !known.contains(scope)).collect();
        let nobody = unknown.len() == scopes.len();
        for (nth, scope) in unknown {
            let hint = closest(scope, known.iter().copied()).map(|id| format!(": did you mean {}?", Quoted(id)));
            evaluation.find(index, finding(member, nth, scope, hint, nobody));
        }
    }
    let unseen = !inventory.shows(DAPR_GROUP, "Component");
    if unseen && inventory.apps().next().is_some() {
        evaluation.needs(None, "the Components of these apps");
    }
    evaluation
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
