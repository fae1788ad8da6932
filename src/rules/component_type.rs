//! A Component is of a type and a version that daprd can make.

use crate::dapr::components::{BUILT_IN, CATEGORIES, has_category, versions};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "component-type",
    title: "A Component is of a type and a version that daprd can make",
    source: Source::Dapr("pkg/runtime/processor/components.go: category"),
    why: "A component that daprd cannot make ends it, at the next start of every app in scope. Without a type or a \
          version it is passed over in silence.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Component")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore},
        spec: {type: statestore.redis, version: v1, metadata: []}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore},
        spec: {type: state.redis, version: v1, metadata: []}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let kind = subject.text("/spec/type").unwrap_or_default();
    let version = subject.text("/spec/version").unwrap_or_default();
    let finding = match versions(kind) {
        // That a field is not there at all is the API server's to refuse.
        _ if subject.get("/spec").is_some_and(|spec| spec["type"].is_null() || spec["version"].is_null()) => {
            return Vec::new();
        }
        _ if kind.is_empty() || version.is_empty() => not_loaded(if kind.is_empty() { "type" } else { "version" }),
        _ if !has_category(kind) => no_category(subject, kind),
        Some(known) if !known.contains(&version.to_ascii_lowercase().as_str()) => no_version(kind, version, known),
        Some(_) => return Vec::new(),
        None => not_built_in(kind),
    };
    vec![finding]
}

fn not_loaded(field: &str) -> Finding {
    let problem = format!("the component has no {field}");
    Finding::new(format!("/spec/{field}"), problem, "daprd does not load it, in silence", format!("write its {field}"))
        .advisory()
}

fn no_category(subject: &ObjectSubject<'_>, kind: &str) -> Finding {
    let category = kind.split('.').next().unwrap_or_default();
    // `redis` may be the rest of one type, `statestore` the beginning of many.
    let whole = BUILT_IN.iter().copied().find(|known| known.split_once('.').is_some_and(|(_, rest)| rest == kind));
    let near = whole.or_else(|| closest(kind, BUILT_IN.iter().copied()));
    let advice = match near.or_else(|| closest(category, CATEGORIES)) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("begin with one of {}", CATEGORIES.join(", ")),
    };
    let problem = format!("{} names no kind of component", Quoted(kind));
    let at = "/spec/type".to_owned();
    match subject.get("/spec/ignoreErrors").and_then(crate::json::Value::as_bool) {
        Some(true) => Finding::new(at, problem, "daprd does not load it", advice).advisory(),
        _ => Finding::new(at, problem, "daprd exits at the start of every app in scope", advice).certain(),
    }
}

/// Versions come with newer Daprs.
fn no_version(kind: &str, version: &str, known: &[&str]) -> Finding {
    let problem = format!("{kind} has no version {}", Quoted(version));
    let consequence = "daprd exits at the start of every app in scope";
    let advice = format!("write {}", known.iter().rev().copied().collect::<Vec<_>>().join(" or "));
    Finding::new("/spec/version".to_owned(), problem, consequence, advice).advisory()
}

/// A pluggable component may be what is meant, or one of a newer Dapr.
fn not_built_in(kind: &str) -> Finding {
    let advice = match closest(kind, BUILT_IN.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => "run its pluggable component beside every app in scope".to_owned(),
    };
    let problem = format!("{} is no component that is built into daprd", Quoted(kind));
    let consequence = "daprd exits, unless a pluggable component of this name runs beside it";
    Finding::new("/spec/type".to_owned(), problem, consequence, advice).advisory()
}
