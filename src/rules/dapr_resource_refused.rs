//! The API server accepts every Dapr resource.

use crate::dapr::Version;
use crate::dapr::schema::{self, Fault, FaultKind};
use crate::policy::{Check, DAPR_GROUP, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source, closest, escape};

pub(super) static RULE: Rule = Rule {
    id: "dapr-resource-refused",
    title: "The API server accepts the Dapr resource",
    source: Source::Dapr("charts/dapr/crds"),
    why: "Dapr's resources have schemas. What does not follow them is refused, often only when the pipeline has \
          applied half of a release.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::ANY], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore},
        spec: {type: state.redis, metadata: [{name: redisHost, value: redis:6379}]}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore},
        spec: {type: state.redis, version: v1, metadata: [{name: redisHost, value: redis:6379}]}}",
};

const REFUSES: &str = "the API server refuses the object";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    if subject.group != DAPR_GROUP {
        return Vec::new();
    }
    let Some(versions) = schema::versions(subject.kind) else { return unknown_kind(subject.kind) };
    // That these are here may be news of a newer Dapr or of an older policy: nothing to refuse an object for.
    let Some(schema) = versions.get(subject.api_version()) else {
        let known: Vec<_> = versions.keys().map(|version| format!("{DAPR_GROUP}/{version}")).collect();
        let problem = format!("Dapr {} has no {} of this version", Version::NEWEST, subject.kind);
        return vec![guessed("/apiVersion", problem, format!("write {}", known.join(" or ")))];
    };
    if let Some(since) = schema.since.filter(|since| subject.version() < *since) {
        let problem = format!("Dapr {} has no {}, which came with {since}", subject.version(), subject.kind);
        return vec![guessed(
            "/kind",
            problem,
            "leave it out, or name the Dapr version that runs in the policy".to_owned(),
        )];
    }
    schema.faults(subject.value, subject.version()).into_iter().filter_map(fault).collect()
}

fn unknown_kind(kind: &str) -> Vec<Finding> {
    let advice = match closest(kind, schema::kinds()) {
        Some(known) => format!("did you mean {known}?"),
        None => format!("write one of {}", schema::kinds().collect::<Vec<_>>().join(", ")),
    };
    vec![guessed("/kind", format!("Dapr {} has no kind {kind}", Version::NEWEST), advice)]
}

fn guessed(at: &str, problem: String, advice: String) -> Finding {
    Finding::new(at.to_owned(), problem, REFUSES, advice).advisory()
}

fn fault(fault: Fault<'_>) -> Option<Finding> {
    let (problem, advice) = match fault.kind {
        FaultKind::Missing => {
            let field = fault.path.last().map(String::as_str).unwrap_or_default();
            (format!("there is no {field}"), format!("write {field}, which is required"))
        }
        FaultKind::Type(wanted) => (format!("this is no {}", in_words(wanted)), hint(wanted).to_owned()),
        FaultKind::Word(words) => {
            ("this is none of the accepted words".to_owned(), format!("write {}", words.join(", ")))
        }
        FaultKind::Empty => ("this is empty".to_owned(), "write at least one".to_owned()),
        FaultKind::Unknown(_) | FaultKind::Later(_) => return None,
    };
    Some(refused(pointer(&fault.path), problem, advice))
}

fn refused(at: String, problem: String, advice: String) -> Finding {
    Finding::new(at, problem, REFUSES, advice).certain()
}

/// JSON pointer of a path.
pub(super) fn pointer(path: &[String]) -> String {
    path.iter().fold(String::new(), |at, segment| format!("{at}/{}", escape(segment)))
}

fn in_words(kind: &str) -> &str {
    match kind {
        "object" => "map",
        "array" => "list",
        "integer" => "whole number",
        "boolean" => "true or false",
        other => other,
    }
}

fn hint(kind: &str) -> &'static str {
    match kind {
        "string" => "put it into quotes",
        "boolean" => "write true or false, without quotes",
        "integer" => "write a whole number, without quotes",
        "array" => "write a list",
        _ => "write a map of fields",
    }
}
