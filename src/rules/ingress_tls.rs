//! Traffic from outside comes in encrypted.

use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "ingress-tls",
    title: "An Ingress or Gateway terminates TLS",
    source: Source::Reference("checklist: Ingress TLS terminated at load balancer"),
    why: "Dapr encrypts between sidecars. What comes in from outside is only as safe as the Ingress makes it.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(
        &[GroupKind::new("networking.k8s.io", "Ingress"), GroupKind::new("gateway.networking.k8s.io", "Gateway")],
        check,
    ),
    bad: r#"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: shop}, spec: {
        rules: [{host: shop.example, http: {paths: []}}]}}"#,
    good: r#"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: shop}, spec: {
        tls: [{hosts: [shop.example], secretName: shop-tls}], rules: [{host: shop.example, http: {paths: []}}]}}"#,
};

/// Annotations by which a cloud's load balancer is given its certificate, beside `spec.tls`.
const CERTIFICATES: &[&str] = &[
    "alb.ingress.kubernetes.io/certificate-arn",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/managed-certificates",
];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let mut annotations = subject.entries("/metadata/annotations");
    if annotations.any(|(_, key, _)| CERTIFICATES.contains(&&*key)) {
        return Vec::new();
    }
    if subject.kind == "Gateway" { gateway(subject) } else { ingress(subject) }
}

fn ingress(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let tls: Vec<_> = subject.items("/spec/tls").map(|(_, tls)| tls).collect();
    if tls.is_empty() {
        return vec![plain("/spec/tls".to_owned(), "there is no spec.tls", "add spec.tls with the hosts and a Secret")];
    }
    // An entry without hosts is for all of them.
    let covers = |entry: &Value, host: &str| {
        let hosts = entry["hosts"].as_array().unwrap_or_default();
        hosts.is_empty() || hosts.iter().any(|name| name.as_str().is_some_and(|name| covers(name, host)))
    };
    let uncovered = subject.items("/spec/rules").filter_map(|(at, rule)| {
        let host = rule["host"].as_str()?;
        (!tls.iter().any(|entry| covers(entry, host))).then(|| {
            let problem = format!("no entry of spec.tls covers the host {}", Quoted(host));
            plain(format!("{at}/host"), problem, "add the host to an entry of spec.tls")
        })
    });
    uncovered.collect()
}

fn gateway(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let encrypted = |listener: &Value| matches!(listener["protocol"].as_str(), Some("HTTPS" | "TLS"));
    // A listener in plain text beside an encrypted one is there to redirect.
    match subject.items("/spec/listeners").any(|(_, listener)| encrypted(listener)) {
        true => Vec::new(),
        false => {
            let advice = "add a listener with protocol HTTPS and a certificate";
            vec![plain("/spec/listeners".to_owned(), "no listener has the protocol HTTPS or TLS", advice)]
        }
    }
}

/// Whether a name in `spec.tls`, maybe with a `*` for its first label, stands for a host.
fn covers(name: &str, host: &str) -> bool {
    let below = |text: &str| text.split_once('.').map(|(_, below)| below.to_owned());
    name == host || (name.starts_with("*.") && below(name) == below(host))
}

fn plain(at: String, problem: impl Into<String>, advice: &'static str) -> Finding {
    Finding::new(at, problem, "requests and tokens from outside travel in plain text", advice)
}
