//! What Kubernetes wants to be a string is one.

use serde_json::json;

use crate::json::Value;
use crate::policy::{Check, Edit, Finding, Fix, GroupKind, Kind, Level, ObjectSubject, Rule, Source, escape};

pub(super) static RULE: Rule = Rule {
    id: "value-not-a-string",
    title: "Annotations, labels, selectors and variables are strings",
    source: Source::Kubernetes("reference/generated/kubernetes-api: ObjectMeta, EnvVar"),
    why: "YAML takes true, yes, 8080 and 1.5 for booleans and numbers unless they are quoted, and the API server refuses \
          the whole manifest.",
    level: Level::Deny,
    fix: Fix::Suggested,
    check: Check::Object(&[GroupKind::ANY], check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        prometheus.io/scrape: true}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        prometheus.io/scrape: "true"}}, spec: {containers: []}}"#,
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for map in ["/metadata/annotations", "/metadata/labels"] {
        strings(subject, map, &mut findings);
    }
    let Some(kind) = pod_kind(subject) else {
        if (subject.group, subject.kind) == ("", "Service") {
            strings(subject, "/spec/selector", &mut findings);
        }
        return findings;
    };
    if kind != Kind::Pod {
        let of_jobs = ["/spec/jobTemplate/metadata/annotations", "/spec/jobTemplate/metadata/labels"];
        for map in ["/spec/selector/matchLabels"].into_iter().chain(of_jobs) {
            strings(subject, map, &mut findings);
        }
        for map in ["/metadata/annotations", "/metadata/labels"] {
            strings(subject, &format!("{}{map}", kind.base()), &mut findings);
        }
    }
    strings(subject, &format!("{}/spec/nodeSelector", kind.base()), &mut findings);
    for list in ["initContainers", "containers"] {
        variables(subject, &format!("{}/spec/{list}", kind.base()), &mut findings);
    }
    findings
}

fn pod_kind(subject: &ObjectSubject<'_>) -> Option<Kind> {
    Kind::find(subject.group, "v1", subject.kind)
}

/// The entries of a map of strings that are none.
fn strings(subject: &ObjectSubject<'_>, map: &str, findings: &mut Vec<Finding>) {
    let field = map.rsplit('/').next().unwrap_or_default();
    for (key, value) in subject.get(map).and_then(Value::as_object).into_iter().flatten() {
        findings.extend(wrong(|| format!("{map}/{}", escape(key)), value, field));
    }
}

/// The variables of a list of containers whose values are none.
fn variables(subject: &ObjectSubject<'_>, containers: &str, findings: &mut Vec<Finding>) {
    for (container, _) in subject.items(containers) {
        for (variable, value) in subject.items(&format!("{container}/env")) {
            let value = value.get("value").unwrap_or(&Value::Null);
            // What a variable is set to is not repeated: it may be a secret.
            let finding = wrong(|| format!("{variable}/value"), value, "value");
            findings.extend(finding.map(|finding| Finding { problem: reads(value, ""), ..finding }));
        }
    }
}

fn wrong(at: impl FnOnce() -> String, value: &Value, field: &str) -> Option<Finding> {
    let go = match value {
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        _ => return None,
    };
    let at = at();
    let finding = Finding::new(
        at.clone(),
        reads(value, &format!(" {value}")),
        format!(
            "the API server refuses the manifest: cannot unmarshal {go} into Go struct field {field} of type string"
        ),
        "put it in quotes",
    );
    Some(finding.certain().suggested(vec![Edit::Replace { at, value: json!(value.to_string()) }]))
}

fn reads(value: &Value, shown: &str) -> String {
    let kind = if value.is_boolean() { "boolean" } else { "number" };
    format!("YAML reads this as {} {kind}{shown}; a string belongs here", if shown.is_empty() { "a" } else { "the" })
}
