//! A Component is for the apps that need it.

use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "component-scoped",
    title: "A Component names the apps that it is for",
    source: Source::Dapr("kubernetes-production.md: scopes on components"),
    why: "Without scopes every app of the namespace loads the component: each holds its credentials and connections, \
          and none starts again once it is broken.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Component")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore},
        spec: {type: state.redis, version: v1, metadata: []}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore},
        spec: {type: state.redis, version: v1, metadata: []}, scopes: [order]}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    unscoped(subject, "every app of the namespace loads it, and none starts again once it is broken")
}

/// A finding where a resource is for every app of its namespace.
pub(super) fn unscoped(subject: &ObjectSubject<'_>, consequence: &'static str) -> Vec<Finding> {
    if subject.items("/scopes").next().is_some() {
        return Vec::new();
    }
    let advice = "list the app-ids that need it in scopes, beside spec";
    vec![Finding::new("/scopes".to_owned(), "there are no scopes", consequence, advice)]
}
