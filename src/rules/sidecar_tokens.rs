//! The sidecar and its app know each other by a token.

use super::app_port::app_port;
use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-tokens",
    title: "Calls between the app and its sidecar carry a token, both ways",
    source: Source::Reference("dapr.io/api-token-secret: \"dapr-api-token\""),
    why: "Without an API token every process that reaches daprd calls its APIs; without an app token every pod that \
          reaches the app's port calls the app past daprd, and with it past every access policy.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080",
        dapr.io/api-token-secret: dapr-api-token, dapr.io/app-token-secret: app-api-token}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.asked().is_none() {
        return Vec::new();
    }
    let none = |key| subject.pod.annotation(key).is_none_or(str::is_empty);
    // An app that daprd never calls needs none.
    let app = none(keys::APP_TOKEN_SECRET) && app_port(subject).is_some();
    let (key, problem) = match (none(keys::API_TOKEN_SECRET), app) {
        (true, true) => (keys::API_TOKEN_SECRET, "neither an API token nor an app token"),
        (true, false) => (keys::API_TOKEN_SECRET, "no API token"),
        (false, true) => (keys::APP_TOKEN_SECRET, "no app token"),
        (false, false) => return Vec::new(),
    };
    let consequence = match key {
        keys::API_TOKEN_SECRET => "whoever reaches daprd's APIs may call them",
        _ => "whoever reaches the app's port calls it past daprd and its policies",
    };
    let advice = "name Secrets with a key token in dapr.io/api-token-secret and dapr.io/app-token-secret";
    vec![Finding::new(subject.at_annotation(key), problem, consequence, advice)]
}
