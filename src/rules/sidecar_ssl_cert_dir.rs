//! The sidecar keeps its security context.

use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-ssl-cert-dir",
    title: "The sidecar's environment does not cost it its security context",
    source: Source::Dapr("pkg/injector/patcher/sidecar_container.go: SSL_CERT_DIR"),
    why: "A variable SSL_CERT_DIR makes the injector let daprd run as root with a file system that it may write, for the \
          sake of Windows: Pod Security's restricted level refuses such a pod.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/env: "SSL_CERT_DIR=/certs"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/env: "SSL_CERT_FILE=/certs/ca.crt"}},
        spec: {containers: []}}"#,
};

const SSL_CERT_DIR: &str = "SSL_CERT_DIR";

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.sidecar().is_none_or(|sidecar| sidecar.is_there()) {
        return Vec::new();
    }
    let Some(asked) = subject.asked() else { return Vec::new() };
    let key = match asked.env().any(|entry| entry.name == SSL_CERT_DIR) {
        true => keys::ENV,
        false if asked.secret_env().any(|entry| entry.name == SSL_CERT_DIR) => keys::ENV_FROM_SECRET,
        false => return Vec::new(),
    };
    vec![Finding::new(
        subject.at_annotation(key),
        "SSL_CERT_DIR is set for the sidecar",
        "the injector drops runAsNonRoot, the read-only file system and the user of daprd's container",
        "name one file in SSL_CERT_FILE, where the pod does not run on Windows",
    )]
}
