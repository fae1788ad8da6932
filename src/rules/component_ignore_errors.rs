//! An app does not start without its components.

use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "component-ignore-errors",
    title: "An app does not start without its components",
    source: Source::Dapr("pkg/runtime/processor/components.go: IgnoreErrors"),
    why: "With ignoreErrors an app starts and is ready although its store or broker is not there: the rollout goes on, \
          and the calls fail.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Component"), GroupKind::dapr("MCPServer")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore},
        spec: {type: state.redis, version: v1, metadata: [], ignoreErrors: true}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore},
        spec: {type: state.redis, version: v1, metadata: []}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    if subject.get("/spec/ignoreErrors") != Some(&Value::Bool(true)) {
        return Vec::new();
    }
    let problem = "errors are ignored";
    let consequence = "the app starts without it and is ready, and every call that needs it fails";
    vec![Finding::new("/spec/ignoreErrors".to_owned(), problem, consequence, "leave ignoreErrors out")]
}
