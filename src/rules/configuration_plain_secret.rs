//! A Configuration takes its secrets from a secret store.

use super::component_plain_secret::plain_secret;
use crate::dapr::secrets::is_sensitive_header;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-plain-secret",
    title: "A Configuration takes its secrets from a secret store",
    source: Source::Dapr("pkg/apis/configuration/v1alpha1/types.go: OtelSpec.Headers"),
    why: "The headers of the OTLP exporter are where its API key goes, and a Configuration is in git and \
          readable in the cluster.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {tracing: {samplingRate: '1',
        otel: {endpointAddress: 'o:4317', isSecure: true, protocol: grpc, headers: [{name: api-key, value: hunter2}]}}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {tracing: {samplingRate: '1',
        otel: {endpointAddress: 'o:4317', isSecure: true, protocol: grpc,
        headers: [{name: api-key, secretKeyRef: {name: otel, key: api-key}}]}}}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let headers = subject.items("/spec/tracing/otel/headers");
    headers.filter_map(|(at, header)| plain_secret(at, header, is_sensitive_header)).collect()
}
