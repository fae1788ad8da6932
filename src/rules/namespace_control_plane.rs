//! Dapr's control plane has a namespace of its own.

use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "namespace-control-plane",
    title: "No app runs in the namespace of Dapr's control plane",
    source: Source::Reference("Namespace Organization: dapr-system (managed separately)"),
    why: "Who may change apps could there change the certificate authority of all of them, and read its key.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: dapr-system}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry, namespace: dapr-system}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: []}}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry, namespace: dapr-system}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: []}}}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let services: Vec<_> = inventory.control_plane().collect();
    if services.is_empty() && inventory.apps().next().is_some() {
        evaluation.needs(None, "the workloads of Dapr's control plane");
    }
    for (index, app, _) in inventory.apps() {
        let Some((_, service, _)) = services.iter().find(|(_, service, _)| service.home() == app.home()) else {
            continue;
        };
        let finding = Finding::new(
            "/metadata/name".to_owned(),
            format!("the app is in the namespace {}, as {} is", app.home(), service.name),
            "whoever may change the app may change Dapr's control plane, and read its certificate authority",
            "move the app, or the control plane, to a namespace of its own",
        );
        evaluation.find(index, finding);
    }
    evaluation
}
