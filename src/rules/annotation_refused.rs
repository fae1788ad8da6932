//! No annotation has a value over which the pod is refused or daprd exits.

use crate::dapr::annotation::{Annotation, Kind};
use crate::dapr::annotations::lookup;
use crate::dapr::judge::{Verdict, judge};
use crate::policy::{Check, Finding, Fix, Given, Level, PodSubject, Quoted, Rule, Slot, Source};

pub(super) static RULE: Rule = Rule {
    id: "annotation-refused",
    title: "Every annotation has a value that Dapr and the API server accept",
    source: Source::Dapr("cmd/daprd/options/options.go; pkg/runtime/config.go"),
    why: "Dapr's injector hands values on without looking at them. Some the API server then refuses with the whole pod, \
          and over others daprd exits when it starts, again and again.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/log-level: warning}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/log-level: warn}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    judged(subject)
        .filter(|(_, _, verdict)| verdict.certain)
        .filter(|(annotation, ..)| annotation.kind != Kind::Quantity || !drops_quantities(subject))
        .map(|(annotation, value, verdict)| finding(subject, annotation, value, verdict).certain())
        .collect()
}

/// The annotations whose values are not fine, except those that have rules of their own.
pub(super) fn judged<'a>(subject: &PodSubject<'a>) -> impl Iterator<Item = (&'static Annotation, &'a str, Verdict)> {
    let asked = subject.asked();
    let version = subject.version();
    subject.dapr_annotations().filter_map(move |(key, value)| {
        let sidecar = asked?;
        let annotation = lookup(key)?;
        let looked_at = annotation.only_with.is_none_or(|gate| sidecar.is_on(gate));
        let own_rule = matches!(annotation.kind, Kind::Enabled | Kind::AppId);
        let verdict = judge(annotation, value, version).filter(|_| looked_at && !own_rule)?;
        Some((annotation, value, verdict))
    })
}

pub(super) fn finding(subject: &PodSubject<'_>, annotation: &Annotation, value: &str, verdict: Verdict) -> Finding {
    let problem = match value {
        "" => "the value is empty".to_owned(),
        value => format!("{} is not accepted", Quoted(value)),
    };
    let advice = format!("write {}", verdict.accepted);
    Finding::new(subject.at_annotation(annotation.key), problem, verdict.consequence, advice)
}

/// With one quantity that does not parse Dapr sets none, so that a negative one harms nobody.
fn drops_quantities(subject: &PodSubject<'_>) -> bool {
    let unparsable =
        |slot| subject.sidecar().is_some_and(|sidecar| matches!(sidecar.given(slot), Given::Unparsable(_)));
    Slot::ALL.into_iter().any(unparsable)
}
