//! An app's image is the same tomorrow.

use crate::dapr::pod::{Container, SIDECAR_CONTAINER};
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-image",
    title: "Every container's image has a tag that stays, or a digest",
    source: Source::Reference("image: myregistry/order-service:v1.2.3"),
    why: "Without a tag, or with latest, replicas of one Deployment may run different programs, and a rollback brings \
          back the one that was to be rolled back.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {containers: [{name: app, image: "registry:5000/order"}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {containers: [{name: app, image: "registry:5000/order:v1.2.3"}]}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.sidecar().is_none() {
        return Vec::new();
    }
    let spec = &subject.pod.spec;
    let all = [("initContainers", &spec.init_containers), ("containers", &spec.containers)];
    all.into_iter()
        .flat_map(|(list, containers)| {
            let found = containers.iter().enumerate();
            found.filter_map(move |(index, container)| unpinned(subject, list, index, container))
        })
        .collect()
}

fn unpinned(subject: &PodSubject<'_>, list: &str, index: usize, container: &Container<'_>) -> Option<Finding> {
    let image = &*container.image;
    // The API server refuses a container without an image; which image daprd has the injector says.
    if image.is_empty() || &*container.name == SIDECAR_CONTAINER {
        return None;
    }
    Some(Finding::new(
        subject.at(&format!("/spec/{list}/{index}/image")),
        problem(image, &["latest"])?,
        "replicas may run different programs, and a rollback may bring back the same one",
        "name a version, or a digest: image:v1.2.3, image@sha256:…",
    ))
}

/// What is wrong with an image's name, if it may mean another image tomorrow.
pub(super) fn problem(image: &str, moving: &[&str]) -> Option<String> {
    if image.contains('@') {
        return None;
    }
    let name = image.rsplit('/').next().unwrap_or_default();
    match name.split_once(':') {
        None => Some(format!("{} has no tag, which means latest", Quoted(image))),
        Some((_, tag)) if moving.contains(&tag) => Some(format!("{} moves with every release", Quoted(image))),
        Some(_) => None,
    }
}
