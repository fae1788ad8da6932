//! An autoscaler scales every production service.

use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "autoscaler",
    title: "Every app has a HorizontalPodAutoscaler or a KEDA ScaledObject",
    source: Source::Reference("checklist: HPA configured for all production services"),
    why: "Without one the number of replicas stays what somebody once wrote, whatever the load.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: order}, spec: {minReplicas: 3, maxReplicas: 20,
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: orders}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: order}, spec: {minReplicaCount: 3,
        scaleTargetRef: {name: order}}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let unscaled = inventory.replicated_apps().filter(|(_, app, _)| inventory.scaler(app).is_none());
    let mut unscaled = unscaled.peekable();
    if unscaled.peek().is_some() && !inventory.shows_scalers() {
        evaluation.needs(None, "the HorizontalPodAutoscalers or ScaledObjects of these apps");
        return evaluation;
    }
    for (index, app, _) in unscaled {
        let finding = Finding::new(
            "/metadata/name".to_owned(),
            format!("nothing scales the {} {}", app.kind, app.name),
            "it keeps the same number of replicas under any load",
            "add a HorizontalPodAutoscaler or a KEDA ScaledObject whose scaleTargetRef is this kind and name",
        );
        evaluation.find(index, finding);
    }
    evaluation
}
