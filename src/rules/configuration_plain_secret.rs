//! A Configuration takes its secrets from a secret store.

use super::component_plain_secret::plain_secrets;
use crate::policy::{Check, Fix, GroupKind, Level, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-plain-secret",
    title: "A Configuration takes its secrets from a secret store",
    source: Source::Dapr("pkg/apis/configuration/v1alpha1/types.go: OtelSpec.Headers"),
    why: "The headers of the OTLP exporter are where its API key goes, and a Configuration is in git and \
          readable in the cluster.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], plain_secrets),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {tracing: {samplingRate: '1',
        otel: {endpointAddress: 'o:4317', isSecure: true, protocol: grpc, headers: [{name: api-key, value: hunter2}]}}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {tracing: {samplingRate: '1',
        otel: {endpointAddress: 'o:4317', isSecure: true, protocol: grpc,
        headers: [{name: api-key, secretKeyRef: {name: otel, key: api-key}}]}}}}",
};
