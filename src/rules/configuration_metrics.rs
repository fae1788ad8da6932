//! The sidecar has metrics, and not one series for each path that was ever called.

use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-metrics",
    title: "The sidecar has metrics, without a series for each path",
    source: Source::Dapr("pkg/config/configuration.go: GetHTTPIncreasedCardinality"),
    why: "Unless it is told otherwise, daprd keeps a time series for each path that was ever called: its memory grows \
          with every id in a URL until it is killed, and Prometheus pays as well.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop},
        spec: {metrics: {enabled: true}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop},
        spec: {metrics: {enabled: true, http: {increasedCardinality: false, pathMatching: [/orders]}}}}",
};

/// Where metrics are switched. The API server fills in `enabled: true` at both, so that only the first decides; of the
/// other fields each counts from the first that has it (`sortMetricsSpec`).
const PLACES: [&str; 2] = ["/spec/metrics", "/spec/metric"];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    // What the control plane reads is not what apps read.
    if subject.name() == super::configuration_mtls::CONTROL_PLANE {
        return Vec::new();
    }
    let off = |place: &str| subject.get(&format!("{place}/enabled")) == Some(&Value::Bool(false));
    let at = |place: &str| format!("{place}/enabled");
    if off(PLACES[0]) {
        let consequence = "nobody sees retries, errors or latency of the sidecar";
        return vec![Finding::new(at(PLACES[0]), "metrics are off", consequence, "leave it out, or write true")];
    }
    if off(PLACES[1]) {
        let consequence = "metrics are on: the API server fills in metrics.enabled, which counts";
        return vec![Finding::new(at(PLACES[1]), "metric.enabled is not read", consequence, "leave it out")];
    }
    let http = PLACES.iter().find_map(|place| {
        let at = format!("{place}/http");
        subject.get(&at).map(|value| (at, value))
    });
    let increased = http.as_ref().and_then(|(_, http)| http.get("increasedCardinality"));
    if increased == Some(&Value::Bool(false)) {
        return Vec::new();
    }
    let at = http.map_or(PLACES[0].to_owned() + "/http", |(at, _)| at) + "/increasedCardinality";
    let problem = match increased {
        Some(_) => "every path has its own time series",
        None => "nothing says how paths are counted, and then every path has its own time series",
    };
    let consequence = "daprd's memory and Prometheus' grow with every path that is called";
    let advice = "write false, and name the paths that matter in pathMatching";
    vec![Finding::new(at, problem, consequence, advice)]
}
