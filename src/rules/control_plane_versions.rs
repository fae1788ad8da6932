//! The control plane and its sidecars are of one version.

use std::collections::BTreeMap;

use crate::dapr::control_plane::{SIDECAR_IMAGE, Service, tag, version};
use crate::dapr::pod::SIDECAR_CONTAINER;
use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Member, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-versions",
    title: "All services of the control plane and all sidecars run the same version",
    source: Source::Reference("Dapr Upgrade Strategy: restart application pods to get new sidecar version"),
    why: "Dapr tests a version against itself and its neighbours. A service that an upgrade forgot, or sidecars that nobody \
          restarted, speak an older protocol.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-operator}, spec: {template: {metadata: {
        labels: {app: dapr-operator}}, spec: {containers: [{name: dapr-operator, image: ghcr.io/dapr/operator:1.18.2}]}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: [{name: dapr-sentry, image: ghcr.io/dapr/sentry:1.17.0}]}}}}",
    good: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-operator}, spec: {template: {metadata: {
        labels: {app: dapr-operator}}, spec: {containers: [{name: dapr-operator, image: ghcr.io/dapr/operator:1.18.2}]}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: [{name: dapr-sentry, image: ghcr.io/dapr/sentry:1.18.2}]}}}}",
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let tagged = inventory.control_plane().filter_map(|(index, workload, service)| {
        let nth = service.container(workload.containers());
        let tag = tag(workload.containers().get(nth)?["image"].as_str()?)?;
        Some((index, workload, nth, tag))
    });
    let tagged: Vec<_> = tagged.collect();
    let Some(&(_, first, _, expected)) = tagged.first() else {
        evaluation.needs(None, "the workloads of Dapr's control plane, with tags in their images");
        return evaluation;
    };
    for &(index, workload, nth, _) in tagged.iter().filter(|(_, _, _, tag)| *tag != expected) {
        let at = workload.at_pod(&format!("/spec/containers/{nth}/image")).unwrap_or_default();
        let problem = format!("its image is not of the version {expected} that {} runs", first.name);
        evaluation.find(index, mixed(at, problem, "upgrade the whole release with helm upgrade"));
    }
    to_be_injected(&mut evaluation, inventory, expected);
    running(&mut evaluation, inventory, expected);
    evaluation
}

/// The image that the injector gives to pods from now on.
fn to_be_injected(evaluation: &mut Evaluation, inventory: &Inventory, expected: &str) {
    for (index, injector, _) in inventory.control_plane().filter(|(_, _, service)| *service == Service::Injector) {
        for (nth, container) in injector.containers().iter().enumerate() {
            // All other variables are let go of, and with them their places in the list.
            let image = container["env"].as_array().into_iter().flatten().find(|entry| entry["name"] == SIDECAR_IMAGE);
            let Some(image) = image.and_then(|entry| entry["value"].as_str()) else { continue };
            if tag(image).is_some_and(|tag| tag != expected) {
                let at = injector.at_pod(&format!("/spec/containers/{nth}/env")).unwrap_or_default();
                let problem =
                    format!("the injector gives pods {image}, and the control plane is of version {expected}");
                evaluation.find(index, mixed(at, problem, "take dapr_sidecar_injector.image.name out of the values"));
            }
        }
    }
}

/// The sidecars that run: of each namespace and version the first one, with how many there are.
fn running(evaluation: &mut Evaluation, inventory: &Inventory, expected: &str) {
    let sidecars = inventory.of("", "Pod").filter_map(|(index, pod)| Some((index, pod, sidecar(pod)?)));
    let mut versions: BTreeMap<(&str, &str), (usize, String, usize)> = BTreeMap::new();
    let mut seen = false;
    for (index, pod, (at, image)) in sidecars {
        seen = true;
        let Some(tag) = tag(image).filter(|tag| differ(image, tag, expected)) else { continue };
        versions.entry((pod.home(), tag)).or_insert((index, at, 0)).2 += 1;
    }
    if !seen && !inventory.is_whole() {
        evaluation.needs(None, "the running pods with their sidecars");
    }
    for ((namespace, tag), (index, at, pods)) in versions {
        let problem = format!(
            "its sidecar is of version {tag}, and the control plane of {expected} (such pods in {namespace}: {pods})"
        );
        evaluation.find(index, mixed(at, problem, "restart the workloads: kubectl rollout restart"));
    }
}

/// Where a pod has its sidecar, and its image.
fn sidecar(pod: &Member) -> Option<(String, &str)> {
    ["/spec/containers", "/spec/initContainers"].into_iter().find_map(|list| {
        let mut containers = pod.items(list).iter().enumerate();
        let (nth, container) = containers.find(|(_, container)| container["name"] == SIDECAR_CONTAINER)?;
        Some((format!("{list}/{nth}/image"), container["image"].as_str()?))
    })
}

/// Flavours of one version (`1.18.2-mariner`) do not differ.
fn differ(image: &str, tag: &str, expected: &str) -> bool {
    match (version(image), version(&format!("daprd:{expected}"))) {
        (Some(sidecar), Some(control_plane)) => sidecar != control_plane,
        _ => tag != expected,
    }
}

fn mixed(at: String, problem: String, advice: &'static str) -> Finding {
    Finding::new(at, problem, "two versions speak to each other that Dapr may never have tested together", advice)
}
