//! The Configuration that an app names is there.

use crate::dapr::keys;
use crate::policy::{Check, DAPR_GROUP, Evaluation, Finding, Fix, Inventory, Level, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-missing",
    title: "The Configuration that an app names is in its namespace",
    source: Source::Dapr("pkg/config/configuration.go: LoadKubernetesConfiguration"),
    why: "daprd reads the Configuration before anything else, in the pod's own namespace, and ends where there is none.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/config: production-config}},
        spec: {containers: []}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: production, namespace: shop}, spec: {}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/config: production-config}},
        spec: {containers: []}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: production-config, namespace: shop}, spec: {}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (index, member, app) in inventory.apps() {
        let Some(config) = &app.config else { continue };
        let mut beside = inventory.beside(DAPR_GROUP, "Configuration", member);
        if beside.any(|(_, configuration)| configuration.name == *config) {
            continue;
        }
        let place = format!("{} in the namespace {}", Quoted(config), member.home());
        if !inventory.shows_beside(DAPR_GROUP, "Configuration", member) {
            evaluation.needs(index, format!("the Configuration {place}"));
            continue;
        }
        let finding = Finding::new(
            member.at_annotation(keys::CONFIG),
            format!("there is no Configuration {place}"),
            "daprd ends at its start, again and again",
            "create it there, or name one that is there",
        );
        evaluation.find(index, finding.certain());
    }
    evaluation
}
