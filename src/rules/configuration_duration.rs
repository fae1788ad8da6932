//! Durations of a Configuration are ones that daprd starts with.

use crate::dapr::{Version, duration};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-duration",
    title: "Durations of a Configuration are ones that daprd starts with",
    source: Source::Dapr("pkg/apis/configuration/v1alpha1/types.go: metav1.Duration"),
    why: "The schema takes any text for a duration. With one that does not parse the operator cannot read any \
          Configuration of the cluster when it starts again, and no app that names one starts.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop},
        spec: {workflow: {stateRetentionPolicy: {completed: 7d}}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop},
        spec: {workflow: {stateRetentionPolicy: {completed: 168h}}}}",
};

/// The fields that are typed durations in Go; each came with 1.17.
const FIELDS: [&str; 5] = [
    "/spec/tracing/otel/timeout",
    "/spec/workflow/stateRetentionPolicy/anyTerminal",
    "/spec/workflow/stateRetentionPolicy/completed",
    "/spec/workflow/stateRetentionPolicy/failed",
    "/spec/workflow/stateRetentionPolicy/terminated",
];
const SINCE: Version = Version::new(1, 17, 0);

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    if subject.version() < SINCE {
        return Vec::new();
    }
    let given = FIELDS.iter().filter_map(|at| Some((at, subject.text(at)?)));
    given.filter(|(_, text)| duration::parse(text).is_err()).map(|(at, text)| finding(at, text)).collect()
}

fn finding(at: &str, text: &str) -> Finding {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
    let advice = match days.and_then(|days| days.checked_mul(24)) {
        Some(hours) => format!("write {hours}h: there is no unit for days"),
        None => "write numbers with units (h, m, s, ms), like 168h".to_owned(),
    };
    let problem = format!("{} is no duration", Quoted(text));
    let consequence = "the operator cannot read it, and after its next start no Configuration at all";
    Finding::new(at.to_owned(), problem, consequence, advice).certain()
}
