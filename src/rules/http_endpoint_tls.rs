//! An HTTPEndpoint is called through TLS.

use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "http-endpoint-tls",
    title: "An HTTPEndpoint is called through TLS",
    source: Source::Dapr("pkg/channel/http/http_channel.go; pkg/apis/httpEndpoint/v1alpha1/types.go: clientTLS"),
    why: "What is outside the cluster has no sidecar that would encrypt the call: with http the request, its \
          headers and its answer can be read on the way.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("HTTPEndpoint")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: HTTPEndpoint, metadata: {name: bank}, spec: {baseUrl: 'http://bank.example'}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: HTTPEndpoint, metadata: {name: bank}, spec: {baseUrl: 'https://bank.example'}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    [url(subject), half_a_pair(subject)].into_iter().flatten().collect()
}

fn url(subject: &ObjectSubject<'_>) -> Option<Finding> {
    let url = subject.text("/spec/baseUrl")?;
    let at = "/spec/baseUrl".to_owned();
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("https") => None,
        Some("http") => {
            let consequence = "the call, its headers and its answer can be read on the way";
            Some(Finding::new(at, "the endpoint is called without TLS", consequence, "write https://"))
        }
        _ => {
            let problem = format!("{} is no URL of HTTP", Quoted(url));
            Some(Finding::new(at, problem, "every call fails", "write the whole URL, with https://"))
        }
    }
}

/// A client's certificate is no use without its key.
fn half_a_pair(subject: &ObjectSubject<'_>) -> Option<Finding> {
    let has = |field: &str| subject.get(&format!("/spec/clientTLS/{field}")).is_some();
    let missing = match (has("certificate"), has("privateKey")) {
        (true, false) => "privateKey",
        (false, true) => "certificate",
        _ => return None,
    };
    let at = format!("/spec/clientTLS/{missing}");
    let problem = format!("clientTLS has no {missing}");
    let advice = "give certificate and privateKey, or neither";
    Some(Finding::new(at, problem, "the app cannot prove who it is, and the endpoint refuses the call", advice))
}
