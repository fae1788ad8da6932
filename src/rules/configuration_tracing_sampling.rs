//! Some requests are traced, and their spans go somewhere.

use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-tracing-sampling",
    title: "Some requests are traced, and their spans go somewhere",
    source: Source::Dapr("kubernetes-production.md: tracing; pkg/diagnostics/utils/trace_utils.go"),
    why: "A rate that does not parse counts as one request in ten thousand, in silence, and without an exporter every \
          span is thrown away: both are seen only when a trace is needed.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {tracing: {
        samplingRate: 10%, zipkin: {endpointAddress: 'http://zipkin:9411/api/v2/spans'}}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {tracing: {
        samplingRate: '0.1', zipkin: {endpointAddress: 'http://zipkin:9411/api/v2/spans'}}}}",
};

const TRACING: &str = "/spec/tracing";
const RATE: &str = "/spec/tracing/samplingRate";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    // What the control plane reads is not what apps read.
    if subject.name() == super::configuration_mtls::CONTROL_PLANE {
        return Vec::new();
    }
    if subject.get(TRACING).is_none() {
        let advice = "write tracing with a samplingRate and an otel or zipkin endpoint";
        return vec![Finding::new(TRACING.to_owned(), "there is no tracing", "no request can be followed", advice)];
    }
    rate(subject).into_iter().chain(exporter(subject)).collect()
}

/// `strconv.ParseFloat`: Rust reads the same decimal numbers.
fn rate(subject: &ObjectSubject<'_>) -> Option<Finding> {
    let text = subject.text(RATE)?;
    let (problem, consequence) = match text.parse::<f64>() {
        Err(_) => (format!("{} is no number", Quoted(text)), "one request in ten thousand is traced"),
        Ok(0.0) => (format!("{} is never", Quoted(text)), "no request is traced"),
        Ok(rate) if rate > 1.0 => (format!("{} is more than all", Quoted(text)), "every request is traced"),
        Ok(rate) if rate < 0.0 => (format!("{} is below 0", Quoted(text)), "no request is traced"),
        Ok(_) => return None,
    };
    let advice = "write the share of requests to trace between 0 and 1, like \"0.1\"";
    Some(Finding::new(RATE.to_owned(), problem, consequence, advice))
}

fn exporter(subject: &ObjectSubject<'_>) -> Option<Finding> {
    let has = |field: &str| subject.text(&format!("{TRACING}/{field}/endpointAddress")).is_some_and(|a| !a.is_empty());
    let stdout = subject.get("/spec/tracing/stdout").and_then(crate::json::Value::as_bool).unwrap_or_default();
    if has("otel") || has("zipkin") || stdout {
        return None;
    }
    let problem = "there is no exporter here";
    let consequence = "every span is thrown away, unless OTEL_EXPORTER_OTLP_ENDPOINT is in the sidecar's env";
    let advice = "write the endpoint of an OpenTelemetry collector (otel) or of Zipkin";
    Some(Finding::new(TRACING.to_owned(), problem, consequence, advice))
}
