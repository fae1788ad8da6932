//! An autoscaler leaves enough replicas to lose one.

use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Member, Profile, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "autoscaler-minimum",
    title: "The autoscaler of an app leaves enough replicas to lose one",
    source: Source::Reference("HorizontalPodAutoscaler: minReplicas: 3"),
    why: "At its minimum an app must survive the loss of a node. Left out, a HorizontalPodAutoscaler's minimum is 1 and a \
          ScaledObject's 0.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: order}, spec: {minReplicas: 1, maxReplicas: 20,
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: order}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: order}, spec: {minReplicas: 3, maxReplicas: 20,
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: order}}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (_, app, _) in inventory.replicated_apps() {
        match inventory.scaler(app) {
            Some((index, scaler)) => {
                too_few(scaler).into_iter().for_each(|finding| evaluation.find(index, finding));
            }
            None if !inventory.shows_scalers() => {
                evaluation.needs(None, "the HorizontalPodAutoscalers or ScaledObjects of these apps");
                return evaluation;
            }
            // That there is none is another rule's.
            None => {}
        }
    }
    evaluation
}

fn too_few(scaler: &Member) -> Option<Finding> {
    let (at, default) = match &*scaler.kind {
        "ScaledObject" => ("/spec/minReplicaCount", 0),
        _ => ("/spec/minReplicas", 1),
    };
    let written = scaler.get(at).and_then(crate::json::Value::as_i64);
    let (minimum, least) = (written.unwrap_or(default), least(scaler.profile));
    if minimum >= least {
        return None;
    }
    let problem = match written {
        Some(minimum) => format!("the minimum is {minimum}"),
        None => format!("no minimum is written, which is {default}"),
    };
    let consequence = match minimum {
        ..=1 => "without load there is no second replica when a node goes",
        _ => "without load the loss of a node leaves one replica",
    };
    Some(Finding::new(at.to_owned(), problem, consequence, format!("write {least} or more")))
}

/// The reference writes 3 for its own services; Dapr's documentation asks for 2 or more.
fn least(profile: Profile) -> i64 {
    match profile {
        Profile::Reference => 3,
        Profile::DaprDocs => 2,
    }
}
