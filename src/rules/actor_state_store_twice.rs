//! An app loads one actor state store.

use crate::policy::{Check, DAPR_GROUP, Evaluation, Finding, Fix, Inventory, Level, Member, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "actor-state-store-twice",
    title: "No app loads two actor state stores",
    source: Source::Dapr("pkg/runtime/processor/state/state.go: detected duplicate actor state store"),
    why: "daprd takes one store for actors and workflows. The second one that it loads ends it, whether the app hosts any or \
          not.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: store}, spec: {type: state.redis, version: v1,
        metadata: [{name: actorStateStore, value: "true"}]}, scopes: [order]}
---
{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: another}, spec: {type: state.postgresql, version: v2,
        metadata: [{name: ActorStateStore, value: true}]}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: store}, spec: {type: state.redis, version: v1,
        metadata: [{name: actorStateStore, value: "true"}]}, scopes: [order]}
---
{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: another}, spec: {type: state.postgresql, version: v2,
        metadata: [{name: ActorStateStore, value: true}]}, scopes: [cart]}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let stores = inventory.actor_state_stores();
    for (index, member, app) in inventory.apps().filter(|(_, member, _)| has_actors(member)) {
        if !inventory.shows_beside(DAPR_GROUP, "Component", member) {
            evaluation.needs(index, format!("the Components of the namespace {}", member.home()));
            continue;
        }
        let loaded: Vec<_> = stores.iter().filter(|store| store.is_loaded_by(member, app)).collect();
        let [first, second, ..] = loaded[..] else { continue };
        let finding = Finding::new(
            member.at_pod("/metadata/annotations").unwrap_or_default(),
            format!("it loads two actor state stores, {} and {}", first.name, second.name),
            "daprd ends at its start with \"detected duplicate actor state store\"",
            "take the mark actorStateStore from one of them, or scope it to other apps",
        );
        evaluation.find(index, finding.certain());
    }
    evaluation
}

/// A blank placement address switches actors off, and the store is not looked at.
fn has_actors(app: &Member) -> bool {
    app.pod_annotation("dapr.io/placement-host-address").is_none_or(|address| !address.trim().is_empty())
}
