//! The sidecar's API is open only as far as its app needs it.

use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-api-access",
    title: "The sidecar's API is open only as far as its app needs it",
    source: Source::Dapr("pkg/api/http/endpoints/endpoint.go: IsAllowed; pkg/api/grpc/endpoints.go"),
    why: "Whoever can run code in the app's pod can use all of the sidecar: secrets, state, shutdown. An allow \
          list counts for each protocol by itself, and an entry without a protocol counts for none.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop},
        spec: {api: {allowed: [{name: state, version: v1, protocol: http}]}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {api: {
        allowed: [{name: state, version: v1, protocol: http}, {name: state, version: v1, protocol: grpc}]}}}",
};

const PROTOCOLS: [&str; 2] = ["http", "grpc"];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    // What the control plane reads is not what apps read.
    if subject.name() == super::configuration_mtls::CONTROL_PLANE {
        return Vec::new();
    }
    let lists = ["/spec/api/allowed", "/spec/api/denied"];
    let mut findings: Vec<_> = lists.iter().flat_map(|list| subject.items(list)).filter_map(no_protocol).collect();
    let listed = |list, protocol: &str| subject.items(list).any(|(_, rule)| protocol_of(rule) == Some(protocol));
    let open: Vec<_> = PROTOCOLS.into_iter().filter(|protocol| !listed(lists[0], protocol)).collect();
    let denies = |protocol: &&str| listed(lists[1], protocol);
    match open[..] {
        // A deny list alone is a decision too.
        [] => {}
        _ if open.iter().all(denies) => {}
        [protocol] => findings.push(still_open(protocol)),
        _ => findings.push(all_open()),
    }
    findings
}

/// HTTP is compared without case, gRPC with it.
fn protocol_of(rule: &Value) -> Option<&'static str> {
    match rule["protocol"].as_str()? {
        "grpc" => Some("grpc"),
        other => other.eq_ignore_ascii_case("http").then_some("http"),
    }
}

fn no_protocol((at, rule): (String, &Value)) -> Option<Finding> {
    if protocol_of(rule).is_some() {
        return None;
    }
    let problem = match rule["protocol"].as_str() {
        Some(other) => format!("{} is no protocol", Quoted(other)),
        None => "the entry has no protocol".to_owned(),
    };
    let advice = "write http or grpc, and one entry for each that the app uses";
    Some(Finding::new(format!("{at}/protocol"), problem, "daprd passes over the entry, in silence", advice))
}

fn still_open(protocol: &str) -> Finding {
    let problem = format!("no {protocol} API is listed");
    let consequence = format!("every API of the sidecar is open by {protocol}");
    let advice = format!("list those that the app uses by {protocol}, or one that it may have");
    Finding::new("/spec/api/allowed".to_owned(), problem, consequence, advice)
}

fn all_open() -> Finding {
    let consequence = "every API of the sidecar is open to whatever runs in the pod";
    let advice = "list the APIs that the app uses, for http and for grpc";
    Finding::new("/spec/api/allowed".to_owned(), "no API is listed", consequence, advice)
}
