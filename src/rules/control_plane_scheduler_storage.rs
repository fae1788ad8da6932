//! The scheduler keeps jobs on a volume.

use crate::dapr::Quantity;
use crate::dapr::control_plane::{Service, flag};
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-scheduler-storage",
    title: "The scheduler has a persistent volume of 16Gi or more, or an etcd outside",
    source: Source::Reference("checklist: Persistent storage for Scheduler (etcd)"),
    why: "Jobs, reminders and workflows are in its database. In memory they are gone with the pods, and a volume that is full \
          stops all of them and cannot be enlarged through the chart.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::new("apps", "StatefulSet")], check),
    bad: r"{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dapr-scheduler-server}, spec: {replicas: 3,
        template: {metadata: {labels: {app: dapr-scheduler-server}}, spec: {containers: []}}, volumeClaimTemplates: [
        {metadata: {name: dapr-scheduler-data-dir}, spec: {resources: {requests: {storage: 1Gi}}}}]}}",
    good: r"{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dapr-scheduler-server}, spec: {replicas: 3,
        template: {metadata: {labels: {app: dapr-scheduler-server}}, spec: {containers: []}}, volumeClaimTemplates: [
        {metadata: {name: dapr-scheduler-data-dir}, spec: {resources: {requests: {storage: 16Gi}}}}]}}",
};

/// The chart's name of the volume.
const VOLUME: &str = "dapr-scheduler-data-dir";
/// What Dapr's documentation asks for (`kubernetes-persisting-scheduler.md`).
const LEAST: &str = "16Gi";
const LOST: &str = "jobs, reminders and workflows are gone when its pods are";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    if Service::of(subject.value) != Some(Service::Scheduler) || is_outside(subject) {
        return Vec::new();
    }
    let mut claims = subject.items("/spec/volumeClaimTemplates");
    let Some((at, claim)) = claims.find(|(_, claim)| claim["metadata"]["name"] == VOLUME) else {
        let mut volumes = subject.items("/spec/template/spec/volumes");
        let memory = volumes.find(|(_, volume)| volume["name"] == VOLUME && !volume["emptyDir"].is_null());
        let advice = "set dapr_scheduler.cluster.inMemoryStorage: false and storageSize: 16Gi in the chart's values";
        return vec![match memory {
            Some((at, _)) => Finding::new(at, "its database is in an emptyDir", LOST, advice),
            None => {
                let problem = format!("it claims no volume named {VOLUME}");
                Finding::new("/spec/volumeClaimTemplates".to_owned(), problem, LOST, advice)
            }
        }];
    };
    let written = claim.pointer("/spec/resources/requests/storage").and_then(Value::as_str).unwrap_or_default();
    let least = Quantity::parse(LEAST).ok();
    if Quantity::parse(written).ok() >= least {
        return Vec::new();
    }
    let finding = Finding::new(
        format!("{at}/spec/resources/requests/storage"),
        format!("its volume has {}", Quoted(written)),
        "once it is full, no job, reminder or workflow goes on; and the size in the StatefulSet cannot be changed",
        "set dapr_scheduler.cluster.storageSize: 16Gi before the first installation; later the claims have to be edited",
    );
    vec![finding]
}

/// Whether its database is an etcd of its own, outside (`--etcd-embed=false`).
fn is_outside(subject: &ObjectSubject<'_>) -> bool {
    let arguments = subject.items("/spec/template/spec/containers").map(|(_, container)| &container["args"]);
    arguments.into_iter().any(|arguments| {
        let elsewhere = flag(arguments, "etcd-client-endpoints").is_some_and(|endpoints| !endpoints.is_empty());
        flag(arguments, "etcd-embed") == Some("false") && elsewhere
    })
}
