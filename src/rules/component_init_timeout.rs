//! The time that a Component has to start is one that Go reads.

use crate::dapr::duration;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "component-init-timeout",
    title: "The time that a Component has to start is one that Dapr reads",
    source: Source::Dapr("pkg/runtime/processor/components.go: time.ParseDuration(comp.Spec.InitTimeout)"),
    why: "A time that does not parse counts as 5 seconds, in silence; a slow broker then ends the sidecar, although \
          its owner gave it more.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Component")], check),
    bad: r#"{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: queue},
        spec: {type: pubsub.kafka, version: v1, metadata: [], initTimeout: "60"}}"#,
    good: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: queue},
        spec: {type: pubsub.kafka, version: v1, metadata: [], initTimeout: 60s}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(text) = subject.text("/spec/initTimeout").filter(|text| !text.is_empty()) else { return Vec::new() };
    let (problem, consequence) = match duration::parse(text) {
        Ok(time) if time > 0 => return Vec::new(),
        Ok(_) => (format!("{} is no time at all", Quoted(text)), "the time is over before the component starts"),
        Err(_) => (format!("{} is no duration", Quoted(text)), "the component has 5 seconds, the default"),
    };
    vec![Finding::new("/spec/initTimeout".to_owned(), problem, consequence, "write a number with its unit, like 60s")]
}
