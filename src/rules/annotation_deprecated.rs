//! No annotation is one that Dapr is about to give up.

use crate::dapr::annotation::Annotation;
use crate::dapr::annotations::lookup;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "annotation-deprecated",
    title: "No annotation is one that Dapr has replaced",
    source: Source::Dapr("docs: reference/arguments-annotations-overview.md; pkg/injector/patcher/sidecar.go"),
    why: "Dapr still reads an annotation that it has replaced, and will stop without a word: an unknown annotation is no \
          error to it.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/http-max-request-size: "4"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/max-body-size: "4Mi"}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.asked().is_none() {
        return Vec::new();
    }
    subject.dapr_annotations().filter_map(|(key, _)| deprecated(subject, lookup(key)?)).collect()
}

fn deprecated(subject: &PodSubject<'_>, annotation: &Annotation) -> Option<Finding> {
    let instead = annotation.deprecated_by?;
    let newer = instead.split(':').next().and_then(lookup)?;
    if !newer.known_to(subject.version()) {
        return None;
    }
    let at = subject.at_annotation(annotation.key);
    let finding = Finding::new(
        at,
        "this annotation is deprecated",
        "a coming version of Dapr ignores it in silence",
        format!("write {instead}"),
    );
    Some(finding.of_the_key())
}
