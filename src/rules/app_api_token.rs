//! An app whose sidecar wants a token has it.

use crate::dapr::keys;
use crate::dapr::pod::Container;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-api-token",
    title: "An app whose sidecar wants an API token has it in DAPR_API_TOKEN",
    source: Source::Reference("dapr.io/api-token-secret: \"dapr-api-token\" # K8s secret name"),
    why: "Dapr gives the token to daprd alone. The app must take it from the Secret itself, as DAPR_API_TOKEN: \
          APP_API_TOKEN is the token of the other direction.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/api-token-secret: dapr-api-token}},
        spec: {containers: [{name: app, env: [{name: APP_API_TOKEN,
        valueFrom: {secretKeyRef: {name: dapr-api-token, key: token}}}]}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/api-token-secret: dapr-api-token}},
        spec: {containers: [{name: app, env: [{name: DAPR_API_TOKEN,
        valueFrom: {secretKeyRef: {name: dapr-api-token, key: token}}}]}]}}"#,
};

const API_TOKEN: &str = "DAPR_API_TOKEN";
const APP_TOKEN: &str = "APP_API_TOKEN";

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let secret = subject.pod.annotation(keys::API_TOKEN_SECRET).filter(|secret| !secret.is_empty());
    let (Some(_), Some(secret)) = (subject.asked(), secret) else { return Vec::new() };
    let mut containers = subject.app_containers();
    let Some((first, _)) = containers.next() else { return Vec::new() };
    // What comes from a whole ConfigMap or Secret cannot be seen.
    if subject.app_containers().any(|(_, container)| container.env_from.0 || sets(container, API_TOKEN)) {
        return Vec::new();
    }
    let other = subject.app_containers().find(|(_, container)| sets(container, APP_TOKEN));
    let problem = match other {
        Some(_) => format!("the app has {APP_TOKEN}, and no {API_TOKEN}"),
        None => format!("no container of the app has {API_TOKEN}"),
    };
    vec![Finding::new(
        subject.at(&format!("/spec/containers/{}/env", other.map_or(first, |(index, _)| index))),
        problem,
        "daprd answers every call of the app with 401",
        format!("add {API_TOKEN}, from key token of Secret {secret}"),
    )]
}

fn sets(container: &Container<'_>, name: &str) -> bool {
    container.env.iter().flatten().any(|variable| &*variable.name == name)
}
