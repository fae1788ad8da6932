//! Every annotation under Dapr's prefix is one that Dapr reads.

use crate::dapr::DAPR_PREFIX;
use crate::dapr::annotations::{ANNOTATIONS, lookup};
use crate::dapr::gone::{gone, is_reserved};
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "annotation-unknown",
    title: "Every dapr.io annotation is one that Dapr reads",
    source: Source::Dapr("pkg/injector/annotations/annotations.go"),
    why: "Dapr ignores an annotation that it does not know, in silence: a slip, a key of an older version or one that \
          never existed has no effect, and nobody is told.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/max-concurrency: "10"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-max-concurrency: "10"}},
        spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    subject.dapr_annotations().filter_map(|(key, _)| unknown(subject, key)).collect()
}

fn unknown(subject: &PodSubject<'_>, key: &str) -> Option<Finding> {
    let version = subject.version();
    let (problem, advice) = match lookup(key) {
        Some(annotation) if annotation.known_to(version) => return None,
        Some(annotation) => {
            let problem = format!("Dapr {version} does not know this annotation, which came with {}", annotation.since);
            (problem, "leave it out, or name the Dapr version that runs in the policy".to_owned())
        }
        None if is_reserved(key) => return None,
        None => match gone(key) {
            Some(gone) => {
                let instead = gone.replacement.map(|key| format!("write {key}"));
                let last = gone.last.map(|last| format!(", last in Dapr {last}")).unwrap_or_default();
                (
                    format!("this is no annotation of Dapr's ({}{last})", gone.note),
                    instead.unwrap_or("leave it out".to_owned()),
                )
            }
            None => (format!("Dapr has no annotation {}", Quoted(key)), did_you_mean(key)),
        },
    };
    Some(Finding::new(subject.at_annotation(key), problem, "it has no effect", advice).of_the_key().advisory())
}

/// Compared without the prefix, which would make every key resemble every other.
fn did_you_mean(key: &str) -> String {
    let name = key.strip_prefix(DAPR_PREFIX).unwrap_or(key);
    let names = ANNOTATIONS.iter().map(|annotation| &annotation.key[DAPR_PREFIX.len()..]);
    match closest(name, names) {
        Some(name) => format!("did you mean {DAPR_PREFIX}{name}?"),
        None => "leave it out".to_owned(),
    }
}
