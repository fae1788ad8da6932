//! The sidecar logs JSON.

use serde_json::json;

use crate::dapr::keys;
use crate::policy::{Check, Edit, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-log-json",
    title: "The sidecar logs JSON",
    source: Source::Reference("logAsJson: true # Structured JSON logs"),
    why: "The chart's global.logAsJson is the control plane's alone: an app's sidecar writes plain text, which no \
          collector takes apart, unless its pod says otherwise.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/log-as-json: "true"}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.asked().is_none_or(|sidecar| sidecar.is_on(keys::LOG_AS_JSON)) {
        return Vec::new();
    }
    let at = subject.at_annotation(keys::LOG_AS_JSON);
    let consequence = "its lines cannot be searched by field, or set beside the control plane's";
    let finding = Finding::new(at.clone(), "the sidecar logs plain text", consequence, "write \"true\"");
    let value = json!("true");
    let edit = match subject.pod.annotation(keys::LOG_AS_JSON) {
        None => Edit::Add { at, value },
        Some(_) => Edit::Replace { at, value },
    };
    vec![finding.suggested(vec![edit])]
}
