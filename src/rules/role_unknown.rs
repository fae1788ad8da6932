//! A declared role is one that exists.

use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, ROLE_ANNOTATION, Role, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "role-unknown",
    title: "A declared role is one that exists",
    source: Source::Reference("`terminationGracePeriodSeconds` ≥ 60 for actors/workflows"),
    why: "Nothing in a cluster proves that an app hosts actors or workflows, so its owner declares it. A role that is \
          mistyped is no role, and the app is treated as a plain service.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: cart, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: cart, dapr-preflight.io/role: Actor}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: cart, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: cart, dapr-preflight.io/role: actor}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(value) = subject.pod.annotation(ROLE_ANNOTATION) else { return Vec::new() };
    if Role::from_annotation(value).is_some() {
        return Vec::new();
    }
    let advice = match closest(value, Role::ALL.map(Role::as_str)) {
        Some(role) => format!("did you mean \"{role}\"? (accepted: service, actor, workflow)"),
        None => "write service, actor or workflow".to_owned(),
    };
    vec![Finding::new(
        subject.at_annotation(ROLE_ANNOTATION),
        format!("{} is no role", Quoted(value)),
        format!("the app is treated as a {}", subject.role.as_str()),
        advice,
    )]
}
