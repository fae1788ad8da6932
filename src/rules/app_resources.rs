//! The app's containers have resources, too.

use crate::dapr::pod::{Container, Quantities};
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-resources",
    title: "The app's containers have CPU and memory requests and a memory limit",
    source: Source::Reference("resources: requests: { cpu, memory } limits: { cpu, memory }"),
    why: "Without requests the scheduler packs nodes blindly and an autoscaler has nothing to measure by; without a \
          memory limit one app takes its neighbours down. A CPU limit is its owner's choice: it only slows down.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {containers: [{name: app, resources: {requests: {cpu: 200m}}}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {containers: [{name: app, resources: {requests: {cpu: 200m}, limits: {memory: 512Mi}}}]}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.sidecar().is_none() {
        return Vec::new();
    }
    subject.app_containers().filter_map(|(index, container)| wanting(subject, index, container)).collect()
}

fn wanting(subject: &PodSubject<'_>, index: usize, container: &Container<'_>) -> Option<Finding> {
    let resources = container.resources.as_ref();
    let requests = resources.and_then(|resources| resources.requests.as_ref());
    let limits = resources.and_then(|resources| resources.limits.as_ref());
    let cpu = |list: Option<&Quantities<'_>>| list.is_some_and(|list| list.cpu.is_some());
    let memory = |list: Option<&Quantities<'_>>| list.is_some_and(|list| list.memory.is_some());
    // A limit alone is the request too.
    let missing = [
        (cpu(requests) || cpu(limits), "CPU request"),
        (memory(requests) || memory(limits), "memory request"),
        (memory(limits), "memory limit"),
    ];
    let missing: Vec<_> = missing.into_iter().filter(|(there, _)| !there).map(|(_, name)| name).collect();
    if missing.is_empty() {
        return None;
    }
    Some(Finding::new(
        subject.at(&format!("/spec/containers/{index}/resources")),
        format!("container {} has no {}", &*container.name, missing.join(", no ")),
        "the pod is scheduled blindly, cannot be scaled by use, and is among the first to be evicted",
        "write what the app uses, as measured",
    ))
}
