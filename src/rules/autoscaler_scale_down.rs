//! An autoscaler takes its time before it takes replicas away.

use crate::json::Value;
use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "autoscaler-scale-down",
    title: "The autoscaler of an app waits before it takes replicas away",
    source: Source::Reference("HorizontalPodAutoscaler: behavior.scaleDown.stabilizationWindowSeconds: 300"),
    why: "Every replica that goes shuts a sidecar down, moves actors and drains subscriptions. A short window does that at \
          every dip of the load.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: order}, spec: {minReplicas: 3, maxReplicas: 20,
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: order},
        behavior: {scaleDown: {stabilizationWindowSeconds: 30}}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: order}, spec: {minReplicas: 3, maxReplicas: 20,
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: order},
        behavior: {scaleDown: {stabilizationWindowSeconds: 300}}}}"#,
};

/// Seconds: the reference's number, and what Kubernetes does where nothing is written.
const WINDOW: i64 = 300;

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (_, app, _) in inventory.replicated_apps() {
        let Some((index, scaler)) = inventory.scaler(app) else {
            if !inventory.shows_scalers() {
                evaluation.needs(None, "the HorizontalPodAutoscalers or ScaledObjects of these apps");
                return evaluation;
            }
            continue;
        };
        let behavior = match &*scaler.kind {
            "ScaledObject" => "/spec/advanced/horizontalPodAutoscalerConfig/behavior",
            _ => "/spec/behavior",
        };
        let at = format!("{behavior}/scaleDown/stabilizationWindowSeconds");
        let Some(seconds) = scaler.get(&at).and_then(Value::as_i64).filter(|seconds| *seconds < WINDOW) else {
            continue;
        };
        let finding = Finding::new(
            at,
            format!("replicas go after {seconds} seconds of less load"),
            "replicas come and go with every dip, and actors and subscriptions move each time",
            format!("write {WINDOW}, or leave it out, which is the same"),
        );
        evaluation.find(index, finding);
    }
    evaluation
}
