//! No two apps of a namespace have the same app-id.

use std::collections::BTreeMap;

use crate::dapr::keys;
use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-id-unique",
    title: "No two workloads of a namespace have the same app-id",
    source: Source::Dapr("pkg/operator/handlers/dapr_handler.go: patchDaprService"),
    why: "The operator makes one Service for an app-id. Two workloads keep taking it from each other, and calls reach now \
          the one, now the other.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: order-v2, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: staging}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: order-v2, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order-v2}}, spec: {containers: []}}}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    // Only for these kinds does the operator make a Service.
    let mut first: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut compared = 0;
    for (index, member, app) in inventory.replicated_apps() {
        let Some(app_id) = &app.app_id else { continue };
        compared += 1;
        let taken = *first.entry((member.home(), app_id)).or_insert(index);
        if taken == index {
            continue;
        }
        let other = &inventory.members[taken];
        let finding = Finding::new(
            member.at_annotation(keys::APP_ID),
            format!("{} is also the app-id of the {} {}", Quoted(app_id), other.kind, other.name),
            "the operator gives their one Service now to the one and now to the other",
            "give each workload an app-id of its own",
        );
        evaluation.find(index, finding);
    }
    if compared == 1 && !inventory.is_whole() {
        evaluation.needs(None, "the other apps of the namespace");
    }
    evaluation
}
