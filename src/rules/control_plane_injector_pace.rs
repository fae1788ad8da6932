//! The injector keeps up with a rollout.

use crate::dapr::Version;
use crate::dapr::control_plane::{Service, version};
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-injector-pace",
    title: "The injector is of a version that keeps up with a rollout",
    source: Source::Dapr("cmd/injector/app/app.go; github.com/dapr/dapr/pull/8748"),
    why: "Up to 1.15.5 the injector asks the API server once for every pod, five times a second at most. Pods that wait longer \
          than the webhook's 10 seconds start without a sidecar.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(GroupKind::CONTROL_PLANE, check),
    bad: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sidecar-injector}, spec: {replicas: 3, template: {
        metadata: {labels: {app: dapr-sidecar-injector}}, spec: {containers: [
        {name: dapr-sidecar-injector, image: ghcr.io/dapr/injector:1.15.5}]}}}}",
    good: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sidecar-injector}, spec: {replicas: 3, template: {
        metadata: {labels: {app: dapr-sidecar-injector}}, spec: {containers: [
        {name: dapr-sidecar-injector, image: ghcr.io/dapr/injector:1.15.6}]}}}}",
};

/// The first version whose client is not limited.
const MENDED: Version = Version::new(1, 15, 6);
/// Requests a second, client-go's default.
const PACE: i64 = 5;
/// Seconds: the API server's default for a webhook.
const PATIENCE: i64 = 10;

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    if Service::of(subject.value) != Some(Service::Injector) {
        return Vec::new();
    }
    let replicas = subject.get("/spec/replicas").and_then(Value::as_i64).unwrap_or(1).max(0);
    let pace = replicas.saturating_mul(PACE);
    let containers = subject.items("/spec/template/spec/containers");
    let own = containers.filter(|(_, container)| container["name"] == Service::Injector.label());
    let slow = own.filter_map(|(at, container)| {
        let version = version(container["image"].as_str()?).filter(|version| *version < MENDED)?;
        let problem = format!("the injector {version} makes {pace} pods a second at most ({replicas} replicas)");
        let consequence = format!(
            "of more than {} pods at once, the last start without a sidecar, or not at all under failurePolicy Fail",
            pace.saturating_mul(PATIENCE)
        );
        let advice = format!("upgrade to {MENDED} or newer; until then more replicas help, and failurePolicy Fail");
        Some(Finding::new(format!("{at}/image"), problem, consequence, advice))
    });
    slow.collect()
}
