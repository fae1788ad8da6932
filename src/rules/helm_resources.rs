//! The control plane has requests and limits.

use crate::dapr::helm::{SERVICES, Values};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Profile, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "helm-resources",
    title: "The control plane has requests and limits",
    source: Source::Reference("Control plane resource limits set"),
    why: "The chart gives the control plane no resources: it is the first to be evicted, and takes what its \
          neighbours need. Whether memory is limited too is the policy's: the production reference limits it, \
          Dapr's documentation advises against it.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{dapr_sentry: {resources: {requests: {cpu: 100m}}}}",
    good: "{dapr_operator: {resources: {requests: {cpu: 100m, memory: 128Mi},
        limits: {cpu: 500m, memory: 512Mi}}}, dapr_placement: {resources: {requests: {cpu: 100m, memory: 128Mi},
        limits: {cpu: 500m, memory: 512Mi}}}, dapr_scheduler: {resources: {requests: {cpu: 100m, memory: 128Mi},
        limits: {cpu: 500m, memory: 512Mi}}}, dapr_sentry: {resources: {requests: {cpu: 100m, memory: 128Mi},
        limits: {cpu: 500m, memory: 512Mi}}}, dapr_sidecar_injector: {resources: {requests: {cpu: 100m, memory: 128Mi},
        limits: {cpu: 500m, memory: 512Mi}}}}",
};

const MEMORY_LIMIT: (&str, &str) = ("limits", "memory");
const ASKED: [(&str, &str); 4] = [("requests", "cpu"), ("requests", "memory"), ("limits", "cpu"), MEMORY_LIMIT];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(values) = Values::of(subject.value) else { return Vec::new() };
    let unlimited = subject.policy.profile == Profile::DaprDocs;
    let asked: Vec<_> = ASKED.into_iter().filter(|asked| !(unlimited && *asked == MEMORY_LIMIT)).collect();
    let has = |chart: &str, (of, what): &(&str, &str)| values.get(&format!("/{chart}/resources/{of}/{what}")).is_some();
    let (some, none): (Vec<_>, Vec<_>) =
        SERVICES.into_iter().partition(|(chart, _)| ASKED.iter().any(|one| has(chart, one)));
    let each = some.into_iter().filter_map(|(chart, name)| {
        if unlimited && has(chart, &MEMORY_LIMIT) {
            return Some(limited(&values, chart, name));
        }
        let missing: Vec<_> = asked.iter().copied().filter(|one| !has(chart, one)).collect();
        (!missing.is_empty()).then(|| incomplete(&values, chart, name, &missing))
    });
    each.chain(bare(&values, &none, &asked)).collect()
}

fn limited(values: &Values<'_>, chart: &str, name: &str) -> Finding {
    let at = values.at(&format!("/{chart}/resources/limits/memory"));
    let consequence = "the kernel kills it when it needs more, which Dapr's documentation warns of";
    Finding::new(
        at,
        format!("the memory of {name} is limited"),
        consequence,
        "leave the limit out, and keep the request",
    )
}

fn incomplete(values: &Values<'_>, chart: &str, name: &str, missing: &[(&str, &str)]) -> Finding {
    let missing = fields(missing);
    let consequence = "the node may have less for it, or lose more to it, than it should";
    let at = values.at(&format!("/{chart}/resources"));
    Finding::new(at, format!("{name} has no {missing}"), consequence, format!("write {missing}"))
}

/// One finding for all charts that have nothing: an overlay that is about something else would be told five times.
fn bare(values: &Values<'_>, charts: &[(&str, &str)], asked: &[(&str, &str)]) -> Option<Finding> {
    let keys: Vec<_> = charts.iter().map(|(chart, _)| *chart).collect();
    let names: Vec<_> = charts.iter().map(|(_, name)| *name).collect();
    // At the first of them: values need have none of their keys.
    let at = values.at(&format!("/{}/resources", keys.first()?));
    let wanted = fields(asked);
    let (verb, consequence, of) = match *keys {
        [_] => ("has", "it is the first to be evicted, and takes what its neighbours need", String::new()),
        _ => (
            "have",
            "they are the first to be evicted, and take what their neighbours need",
            format!(" in the resources of {}", listed(&keys)),
        ),
    };
    Some(Finding::new(
        at,
        format!("{} {verb} no resources", listed(&names)),
        consequence,
        format!("write {wanted}{of}"),
    ))
}

fn fields(asked: &[(&str, &str)]) -> String {
    asked.iter().map(|(of, what)| format!("{of}.{what}")).collect::<Vec<_>>().join(", ")
}

/// As a sentence lists it.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
