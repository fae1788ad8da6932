//! daprd's API is for its own pod.

use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-listen-addresses",
    title: "daprd serves its API to its own pod only",
    source: Source::Dapr("pkg/injector/patcher/sidecar.go: SidecarListenAddresses"),
    why: "By default daprd listens on the loopback addresses. On all interfaces every pod that reaches this one calls \
          its APIs: state, secrets, publishing, invocation in its name.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-listen-addresses: "0.0.0.0"}},
        spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-listen-addresses: "[::1],127.0.0.1"}},
        spec: {containers: []}}"#,
};

/// Each of them means every interface.
const EVERYWHERE: [&str; 4] = ["", "0.0.0.0", "::", "[::]"];

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let (Some(_), Some(value)) = (subject.asked(), subject.pod.annotation(keys::LISTEN_ADDRESSES)) else {
        return Vec::new();
    };
    if !value.split(',').any(|address| EVERYWHERE.contains(&address.trim())) {
        return Vec::new();
    }
    let token = subject.pod.annotation(keys::API_TOKEN_SECRET).is_some_and(|secret| !secret.is_empty());
    let consequence = match token {
        true => "every pod that reaches this one can call daprd's APIs, if it has the token",
        false => "every pod that reaches this one can call daprd's APIs, without any token",
    };
    vec![Finding::new(
        subject.at_annotation(keys::LISTEN_ADDRESSES),
        format!("{} means every interface", Quoted(value)),
        consequence,
        "leave it out: daprd then listens on [::1] and 127.0.0.1",
    )]
}
