//! The control plane runs a version that does not move.

use crate::dapr::helm::{SERVICES, Values};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "helm-image-tag",
    title: "The control plane runs a version that does not move",
    source: Source::Reference("Helm chart version pinned (not `latest`)"),
    why: "A tag that moves gives each node another Dapr, and a rollback what it was to leave. Without a tag \
          the chart runs its own version, which is what is wanted.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{global: {tag: latest, ha: {enabled: true}}}",
    good: "{global: {tag: 1.18.2, ha: {enabled: true}}}",
};

const MOVING: [&str; 6] = ["dev", "edge", "latest", "main", "master", "nightly"];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(values) = Values::of(subject.value) else { return Vec::new() };
    let tag = "/global/tag";
    let global = values.text(tag).filter(|tag| moves(tag)).map(|text| moving(values.at(tag), text));
    let images = SERVICES.iter().map(|(chart, _)| format!("/{chart}/image/name"));
    let images = images.chain(["/dapr_sidecar_injector/injectorImage/name".to_owned()]);
    let images = images.filter_map(|pointer| image(&values, &pointer));
    global.into_iter().chain(images).collect()
}

fn moves(tag: &str) -> bool {
    MOVING.iter().any(|moving| tag == *moving || tag.starts_with(&format!("{moving}-")) || tag.starts_with("nightly"))
}

fn moving(at: String, tag: &str) -> Finding {
    let problem = format!("{} moves", Quoted(tag));
    let consequence = "nodes run different versions, and a rollback does not roll back";
    Finding::new(at, problem, consequence, "write a released version, or leave it out: the chart has its own")
}

/// A name with a slash is a whole reference; of any other the chart adds registry and tag.
fn image(values: &Values<'_>, pointer: &str) -> Option<Finding> {
    let name = values.text(pointer).filter(|name| name.contains('/') && !name.contains('@'))?;
    let last = name.rsplit('/').next().unwrap_or_default();
    match last.split_once(':') {
        None => Some(moving(values.at(pointer), name)),
        Some((_, tag)) => moves(tag).then(|| moving(values.at(pointer), name)),
    }
}
