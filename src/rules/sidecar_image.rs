//! A sidecar image of the app's own choice is the same tomorrow.

use super::app_image::problem;
use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-image",
    title: "A sidecar image of the app's own choice has a tag that stays, or a digest",
    source: Source::Reference("Helm chart version pinned (not `latest`)"),
    why: "daprd and the control plane must fit together. A tag that moves brings a daprd that nobody chose, on the day \
          when a node fails.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-image: "daprio/daprd:latest"}},
        spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-image: "daprio/daprd:1.18.2"}},
        spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let image = subject.pod.annotation(keys::SIDECAR_IMAGE).filter(|image| !image.is_empty());
    let (Some(_), Some(image)) = (subject.asked(), image) else { return Vec::new() };
    let Some(problem) = problem(image, &["latest", "edge", "nightly"]) else { return Vec::new() };
    vec![Finding::new(
        subject.at_annotation(keys::SIDECAR_IMAGE),
        problem,
        "pods of one app may run different versions of daprd, and none that fits the control plane",
        "name a version, or leave the annotation out: the injector knows the one that fits",
    )]
}
