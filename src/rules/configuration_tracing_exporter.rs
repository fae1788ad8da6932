//! Spans go somewhere, and daprd starts with where.

use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-tracing-exporter",
    title: "The exporter of spans is one that daprd starts with",
    source: Source::Dapr("pkg/runtime/runtime.go: setupTracing"),
    why: "A protocol that daprd does not know, or a Zipkin address that is no URL, passes the schema and ends daprd; \
          an OTLP address with a scheme leads nowhere.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {tracing: {
        samplingRate: '0.1', otel: {endpointAddress: 'otel:4317', isSecure: false, protocol: gRPC}}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {tracing: {
        samplingRate: '0.1', otel: {endpointAddress: 'otel:4317', isSecure: false, protocol: grpc}}}}",
};

const OTEL: &str = "/spec/tracing/otel";
const ZIPKIN: &str = "/spec/tracing/zipkin/endpointAddress";
const EXITS: &str = "daprd exits at the start of every app that names this Configuration";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    [protocol(subject), endpoint(subject), zipkin(subject)].into_iter().flatten().collect()
}

/// Compared exactly, and only where there is an address.
fn protocol(subject: &ObjectSubject<'_>) -> Option<Finding> {
    subject.text(&format!("{OTEL}/endpointAddress")).filter(|address| !address.is_empty())?;
    let protocol = subject.text(&format!("{OTEL}/protocol"))?;
    let at = format!("{OTEL}/protocol");
    let advice = "write grpc (port 4317, mostly) or http (port 4318, mostly)";
    match protocol {
        "grpc" | "http" => None,
        "" => Some(Finding::new(at, "there is no protocol", "no span is exported", advice).advisory()),
        other => Some(Finding::new(at, format!("{} is no protocol", Quoted(other)), EXITS, advice).certain()),
    }
}

fn endpoint(subject: &ObjectSubject<'_>) -> Option<Finding> {
    let address = subject.text(&format!("{OTEL}/endpointAddress"))?;
    let (_, rest) = address.split_once("://")?;
    let host = rest.split('/').next().unwrap_or_default();
    let problem = format!("{} has a scheme", Quoted(address));
    let advice = format!("write {}; isSecure says whether it is TLS", Quoted(host));
    let consequence = "daprd takes all of it for a host, and no span arrives";
    Some(Finding::new(format!("{OTEL}/endpointAddress"), problem, consequence, advice).advisory())
}

fn zipkin(subject: &ObjectSubject<'_>) -> Option<Finding> {
    let address = subject.text(ZIPKIN).filter(|address| !address.is_empty())?;
    let is_url = address.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.starts_with('/'));
    if is_url && !address.ends_with("://") {
        return None;
    }
    let problem = format!("{} is no URL with a scheme and a host", Quoted(address));
    let advice = "write the whole URL, like http://zipkin.monitoring:9411/api/v2/spans";
    Some(Finding::new(ZIPKIN.to_owned(), problem, EXITS, advice).certain())
}
