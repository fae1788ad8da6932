//! The sidecar does not log everything.

use serde_json::json;

use crate::dapr::keys;
use crate::dapr::words::is_one_of_in_any_case;
use crate::policy::{Check, Edit, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-log-level",
    title: "The sidecar does not log at level debug",
    source: Source::Reference("dapr.io/log-level: \"warn\""),
    why: "At level debug daprd writes several lines for every call, some with what the call carries.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/log-level: debug}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/log-level: warn}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let debug = subject.pod.annotation(keys::LOG_LEVEL).is_some_and(|level| is_one_of_in_any_case(level, &["debug"]));
    if subject.asked().is_none() || !debug {
        return Vec::new();
    }
    let at = subject.at_annotation(keys::LOG_LEVEL);
    let consequence = "daprd writes several lines for every call, and may write what it carries";
    let finding =
        Finding::new(at.clone(), "the sidecar logs at level debug", consequence, "write \"warn\" or \"info\"");
    vec![finding.suggested(vec![Edit::Replace { at, value: json!("warn") }])]
}
