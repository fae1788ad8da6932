//! The sidecar's own variables are left to Dapr.

use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-env-reserved",
    title: "dapr.io/env does not set what Dapr sets itself",
    source: Source::Dapr("pkg/injector/patcher/sidecar_container.go: getSidecarContainer (Env)"),
    why: "The injector writes its own variables first, so that a second one of the same name wins: daprd then looks for \
          its resources and its control plane elsewhere. A token in an annotation is there for all to read.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/env: "NAMESPACE=shop"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/env: "GOGC=50"}}, spec: {containers: []}}"#,
};

/// Variables that stand before the user's, whose own then win.
const OVERRIDDEN: [&str; 8] = [
    "NAMESPACE",
    "POD_NAME",
    "DAPR_TRUST_ANCHORS",
    "DAPR_CONTROLPLANE_NAMESPACE",
    "DAPR_CONTROLPLANE_TRUST_DOMAIN",
    "DAPR_HOST_IP",
    "DAPR_SCHEDULER_HOST_ADDRESS",
    "DAPR_SCHEDULER_HOST_ADDRESS_DNS_A",
];
/// Variables that stand behind the user's.
const WITHOUT_EFFECT: [&str; 1] = ["DAPR_ENV_KEYS"];
/// Tokens, with the annotation that takes each from a Secret.
const TOKENS: [(&str, &str); 2] =
    [("DAPR_API_TOKEN", keys::API_TOKEN_SECRET), ("APP_API_TOKEN", keys::APP_TOKEN_SECRET)];

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.sidecar().is_none_or(|sidecar| sidecar.is_there()) {
        return Vec::new();
    }
    let Some(asked) = subject.asked() else { return Vec::new() };
    let plain = asked.env().map(|entry| (keys::ENV, entry.name));
    let secret = asked.secret_env().map(|entry| (keys::ENV_FROM_SECRET, entry.name));
    plain.chain(secret).filter_map(|(key, name)| reserved(subject, key, name)).collect()
}

fn reserved(subject: &PodSubject<'_>, key: &str, name: &str) -> Option<Finding> {
    let token = TOKENS.into_iter().find(|(token, _)| *token == name && key == keys::ENV);
    let (consequence, advice) = match token {
        Some((_, annotation)) => {
            ("whoever may read pods may read the token", format!("name its Secret in {annotation}"))
        }
        None if OVERRIDDEN.contains(&name) => {
            ("it overrides the value from which daprd knows where it is", "leave it out".to_owned())
        }
        None if WITHOUT_EFFECT.contains(&name) => ("Dapr's own comes later and counts", "leave it out".to_owned()),
        None => return None,
    };
    Some(Finding::new(subject.at_annotation(key), format!("{} is Dapr's own", Quoted(name)), consequence, advice))
}
