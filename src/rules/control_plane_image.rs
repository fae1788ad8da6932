//! The control plane runs one version, today and tomorrow.

use crate::dapr::control_plane::{Service, tag};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-image",
    title: "The images of the control plane are of one version",
    source: Source::Reference("checklist: Helm chart version pinned (not latest)"),
    why: "A tag that moves gives each node the version of the day on which it first ran a pod, and a restart may be an \
          upgrade.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(GroupKind::CONTROL_PLANE, check),
    bad: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: [{name: dapr-sentry, image: ghcr.io/dapr/sentry:edge}]}}}}",
    good: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: [{name: dapr-sentry, image: ghcr.io/dapr/sentry:1.18.2}]}}}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    if Service::of(subject.value).is_none() {
        return Vec::new();
    }
    let containers = subject.items("/spec/template/spec/containers");
    containers.filter_map(|(at, container)| judge(&at, container["image"].as_str()?)).collect()
}

fn judge(at: &str, image: &str) -> Option<Finding> {
    let moving = match tag(image) {
        _ if image.contains('@') => return None,
        None => "no tag, which is latest".to_owned(),
        Some(tag) if moves(tag) => format!("the tag {}, which moves", Quoted(tag)),
        Some(_) => return None,
    };
    let consequence = "replicas of one service may run different versions, and a restart may be an upgrade";
    let problem = format!("the image has {moving}");
    Some(Finding::new(format!("{at}/image"), problem, consequence, "install a release of the chart, such as 1.18.2"))
}

/// A release has three numbers; Dapr's builds of the day are called otherwise.
fn moves(tag: &str) -> bool {
    let numbers = tag.trim_start_matches('v').split('-').next().unwrap_or_default();
    numbers.split('.').filter(|number| number.parse::<u16>().is_ok()).count() < 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_or_three_numbers_are_pinned() {
        for image in ["dapr/sentry:1.18.2", "r:5000/sentry:1.18.2-mariner", "sentry:1.18.0-rc.1", "sentry@sha256:0"] {
            assert_eq!(judge("", image), None, "{image}");
        }
        for image in
            ["dapr/sentry", "r:5000/sentry", "sentry:latest", "sentry:edge", "sentry:1.18", "sentry:nightly-2024-10-01"]
        {
            assert!(judge("", image).is_some(), "{image}");
        }
    }
}
