//! Dapr reads its lists of variables as they were meant.

use crate::dapr::env::{EnvEntry, dropped, entries};
use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-env-misread",
    title: "Dapr reads every variable of dapr.io/env as it was meant",
    source: Source::Dapr("pkg/injector/patcher/sidecar_container.go: parseEnvVars; dapr/dapr#3876, #7202"),
    why: "The list has no quotes and no escapes, and a comma separates only where an identifier and = follow: what is \
          written otherwise is dropped or becomes part of the value before it.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/env: "GOGC, LOG=1,my-key=2"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/env: "GOGC=50, LOG=1,MY_KEY=2"}},
        spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    // Once daprd is there its environment is its own.
    if subject.sidecar().is_none_or(|sidecar| sidecar.is_there()) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for key in [keys::ENV, keys::ENV_FROM_SECRET] {
        let list = subject.pod.annotation(key).unwrap_or_default();
        let mut find = |problem: String, consequence: String, advice: &'static str| {
            findings.push(Finding::new(subject.at_annotation(key), problem, consequence, advice));
        };
        for part in dropped(list, subject.version()) {
            let advice = "write NAME=value (before Dapr 1.16.2 without = in the value)";
            find(format!("{} is no variable", named(part)), "Dapr drops it".to_owned(), advice);
        }
        for entry in entries(list, subject.version()) {
            if let Some(oddity) = oddity(&entry) {
                let consequence = format!("{} is set to something else than was meant", entry.name.trim());
                find(
                    oddity.to_owned(),
                    consequence,
                    "write NAME=value,NAME=value: identifiers, no quotes, no comma at the end",
                );
            }
            if names.contains(&entry.name) {
                let problem = format!("{} is set twice", Quoted(entry.name));
                find(
                    problem,
                    "the later one counts, and those from Secrets come last".to_owned(),
                    "keep one of the two",
                );
            }
            names.push(entry.name);
        }
    }
    findings
}

/// A part of a list without its value, which may be a secret.
fn named(part: &str) -> String {
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    match part.split_once('=') {
        Some((name, _)) => format!("{} with its value", Quoted(name)),
        None if is_name(part) => Quoted(part).to_string(),
        None => "the first entry".to_owned(),
    }
}

/// What makes an entry look as if it was meant otherwise.
fn oddity(entry: &EnvEntry<'_>) -> Option<&'static str> {
    let value = entry.value;
    let quoted = |quote: char| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if entry.name.trim() != entry.name || value.starts_with(char::is_whitespace) {
        Some("a blank beside = is part of the name or the value")
    } else if quoted('"') || quoted('\'') {
        Some("quotes are part of the value")
    } else if value.ends_with(',') {
        Some("a comma at the end is part of the value")
    } else if swallows(value) {
        Some("a comma separates only before an identifier and =")
    } else {
        None
    }
}

/// Whether something like another entry is inside a value that is no list of pairs itself.
fn swallows(value: &str) -> bool {
    let mut parts = value.split(',');
    let plain = parts.next().is_some_and(|first| !first.contains('='));
    let is_key = |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    plain && parts.any(|part| part.split_once('=').is_some_and(|(key, _)| is_key(key.trim())))
}
