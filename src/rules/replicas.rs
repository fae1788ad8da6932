//! A host of actors or workflows has a second replica.

use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Role, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "replicas",
    title: "A host of actors or workflows has at least two replicas",
    source: Source::Reference("replicas: 3, Actor placement requires ≥2 for HA; Workflow: Minimum 2 for HA"),
    why: "Actors and workflows of a replica that is gone go on at another one. With one replica they wait until it is back.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {replicas: 1, template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr-preflight.io/role: actor}}, spec: {containers: []}}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {replicas: 2, template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr-preflight.io/role: actor}}, spec: {containers: []}}}}"#,
};

/// The reference's least for high availability.
const LEAST: i64 = 2;

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (index, member, app) in inventory.replicated_apps() {
        // What an autoscaler leaves is judged by its own minimum.
        if app.role == Role::Service || inventory.scaler(member).is_some() {
            continue;
        }
        let problem = match member.replicas() {
            Some(LEAST..) => continue,
            Some(replicas) => format!("replicas is {replicas}, and the app hosts {}s", app.role.as_str()),
            // Who scales by an autoscaler leaves the number out.
            None if !inventory.shows_scalers() => {
                evaluation.needs(index, "its number of replicas: neither it nor an autoscaler is here");
                continue;
            }
            None => format!("no number of replicas is written, which is 1, and the app hosts {}s", app.role.as_str()),
        };
        let consequence = "its actors and workflows stand still whenever that replica is away";
        let advice = format!("write {LEAST} or more; the reference has 3");
        evaluation.find(index, Finding::new("/spec/replicas".to_owned(), problem, consequence, advice));
    }
    evaluation
}
