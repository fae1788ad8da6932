//! A Component takes its secrets from a secret store.

use crate::dapr::secrets::{WrittenOut, written_out};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "component-plain-secret",
    title: "A Component takes its secrets from a secret store",
    source: Source::Dapr("kubernetes-production.md: component secrets by secretKeyRef"),
    why: "A secret in plain text is in git, in every backup, in `kubectl get components -o yaml` for whoever may read \
          them, and in the sidecar of every app in scope.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Component")], plain_secrets),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore}, spec: {type: state.redis,
        version: v1, metadata: [{name: redisPassword, value: hunter2}]}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: statestore}, spec: {type: state.redis,
        version: v1, metadata: [{name: redisPassword, secretKeyRef: {name: redis, key: password}}]}}",
};

/// A finding for each secret of a Dapr resource that is written out.
pub(super) fn plain_secrets(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    written_out(subject.kind, subject.value).into_iter().map(plain_secret).collect()
}

/// The value is not repeated: it would go to logs and to whoever reads the answer.
pub(super) fn plain_secret(WrittenOut { at, name, is_url }: WrittenOut<'_>) -> Finding {
    let problem = match is_url {
        false => format!("{name} is a secret, written out"),
        true => format!("{name} is a URL with a password in it"),
    };
    let advice = "write secretKeyRef with the name and the key of a Secret instead of value, and change the secret";
    Finding::new(at, problem, SEEN, advice)
}

pub(super) const SEEN: &str = "whoever may read the object, its file or a backup has the secret";
