//! Every service of Dapr's control plane has three replicas.

use crate::dapr::control_plane::Service;
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-replicas",
    title: "Every service of Dapr's control plane has three replicas",
    source: Source::Reference("checklist: All control plane components: 3+ replicas"),
    why: "With one replica, the loss of a node stops injection, certificates, actors or jobs until it is back.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(GroupKind::CONTROL_PLANE, check),
    bad: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {replicas: 1, template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: []}}}}",
    good: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {replicas: 3, template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: []}}}}",
};

const LEAST: i64 = 3;

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(service) = Service::of(subject.value) else { return Vec::new() };
    let number = |pointer| subject.get(pointer).and_then(Value::as_i64);
    let replicas = number("/spec/replicas").unwrap_or(1);
    if replicas < LEAST {
        let problem = match number("/spec/replicas") {
            Some(replicas) => format!("replicas is {replicas}"),
            None => "no number of replicas is written, which is 1".to_owned(),
        };
        let advice = "set global.ha.enabled: true in the chart's values, which gives every service three";
        return vec![Finding::new("/spec/replicas".to_owned(), problem, lost(service), advice)];
    }
    // A manifest has no status, and neither has an object that nobody has looked after yet.
    let ready = number("/status/readyReplicas").or(number("/status/replicas").map(|_| 0));
    match ready {
        Some(ready) if ready < replicas => {
            let problem = format!("{ready} of {replicas} replicas are ready");
            let advice = "see with kubectl describe pods what keeps the others from it";
            vec![Finding::new("/status/readyReplicas".to_owned(), problem, lost(service), advice)]
        }
        _ => Vec::new(),
    }
}

/// What stops while no replica of a service is there.
fn lost(service: Service) -> &'static str {
    match service {
        Service::Operator => "when a node goes, sidecars that start get no Components until a replica is back",
        Service::Injector => "when a node goes, pods start without a sidecar, or not at all, until a replica is back",
        Service::Sentry => "when a node goes, no sidecar gets a certificate, so none starts, until a replica is back",
        Service::Placement => "when a node goes, no actor is placed until a replica is back",
        Service::Scheduler => "when a node goes, jobs, reminders and workflows stand still until a replica is back",
    }
}
