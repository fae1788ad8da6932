//! A host of actors or workflows has a store for them.

use crate::policy::{Check, DAPR_GROUP, Evaluation, Finding, Fix, Inventory, Level, Role, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "actor-state-store",
    title: "A host of actors or workflows has an actor state store",
    source: Source::Dapr("pkg/actors/state/state.go: errStateStoreNotConfigured"),
    why: "Actors keep their state, and workflows their history, in the state store that is marked actorStateStore. Without one \
          every call of theirs fails.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr-preflight.io/role: actor}}, spec: {containers: []}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: store}, spec: {type: state.redis, version: v1,
        metadata: [{name: actorStateStore, value: "true"}]}, scopes: [cart]}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr-preflight.io/role: actor}}, spec: {containers: []}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: store}, spec: {type: state.redis, version: v1,
        metadata: [{name: actorStateStore, value: "true"}]}, scopes: [order]}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let stores = inventory.actor_state_stores();
    for (index, member, app) in inventory.apps().filter(|(_, _, app)| app.role != Role::Service) {
        if stores.iter().any(|store| store.is_loaded_by(member, app)) {
            continue;
        }
        if !inventory.shows_beside(DAPR_GROUP, "Component", member) {
            evaluation.needs(index, format!("the Components of the namespace {}", member.home()));
            continue;
        }
        let finding = Finding::new(
            member.at_pod("/metadata/annotations").unwrap_or_default(),
            format!("the app hosts {}s, and no Component that it loads is their state store", app.role.as_str()),
            "every call of an actor or workflow fails with \"state store does not exist or incorrectly configured\"",
            "give one state store of the namespace the metadata actorStateStore: \"true\", and this app in its scopes",
        );
        evaluation.find(index, finding);
    }
    evaluation
}
