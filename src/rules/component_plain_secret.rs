//! A Component takes its secrets from a secret store.

use crate::json::Value;

use crate::dapr::secrets::{has_password, is_sensitive};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "component-plain-secret",
    title: "A Component takes its secrets from a secret store",
    source: Source::Dapr("kubernetes-production.md: component secrets by secretKeyRef"),
    why: "A secret in plain text is in git, in every backup, in `kubectl get components -o yaml` for whoever may read \
          them, and in the sidecar of every app in scope.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Component")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore}, spec: {type: state.redis,
        version: v1, metadata: [{name: redisPassword, value: hunter2}]}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore}, spec: {type: state.redis,
        version: v1, metadata: [{name: redisPassword, secretKeyRef: {name: redis, key: password}}]}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let kind = subject.text("/spec/type").unwrap_or_default();
    let pairs = subject.items("/spec/metadata");
    pairs.filter_map(|(at, pair)| plain_secret(at, pair, |name| is_sensitive(kind, name))).collect()
}

/// A finding where a name-value pair has a secret for its value, and the value is written out.
pub(super) fn plain_secret(at: String, pair: &Value, is_sensitive: impl Fn(&str) -> bool) -> Option<Finding> {
    let name = pair["name"].as_str()?;
    // The value is not repeated: it would go to logs and to whoever reads the answer.
    let value = pair.get("value").and_then(Value::as_str).filter(|value| !value.is_empty())?;
    let problem = match (is_sensitive(name), has_password(value)) {
        (true, _) => format!("{name} is a secret, written out"),
        (false, true) => format!("{name} is a URL with a password in it"),
        (false, false) => return None,
    };
    let consequence = "whoever may read the object, its file or a backup has the secret";
    let advice = "write secretKeyRef with the name and the key of a Secret instead of value, and change the secret";
    Some(Finding::new(format!("{at}/value"), problem, consequence, advice))
}
