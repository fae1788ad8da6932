//! The app's health check does not take longer than the time between two of them.

use crate::dapr::injection::Sidecar;
use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-health-timeout",
    title: "The app's health check times out within its interval",
    source: Source::Dapr("pkg/runtime/config.go: toInternal"),
    why: "The interval is in seconds and the timeout in milliseconds, which is easily mixed up. daprd exits when the \
          timeout is the longer one.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/enable-app-health-check: "true",
        dapr.io/app-health-probe-interval: "3", dapr.io/app-health-probe-timeout: "3001"}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/enable-app-health-check: "true",
        dapr.io/app-health-probe-interval: "3", dapr.io/app-health-probe-timeout: "3000"}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.asked().filter(|sidecar| sidecar.is_on(keys::ENABLE_APP_HEALTH_CHECK)) else {
        return Vec::new();
    };
    let interval = positive(&sidecar, keys::APP_HEALTH_PROBE_INTERVAL, 5);
    let timeout = positive(&sidecar, keys::APP_HEALTH_PROBE_TIMEOUT, 500);
    if timeout <= interval * 1000 {
        return Vec::new();
    }
    let finding = Finding::new(
        subject.at_annotation(keys::APP_HEALTH_PROBE_TIMEOUT),
        format!("the timeout of {timeout} ms is longer than the interval of {interval} s"),
        "daprd exits when it starts",
        format!("write {} (milliseconds) or less, or a longer interval (seconds)", interval * 1000),
    );
    vec![finding.certain()]
}

/// daprd takes the default for what is not above zero.
fn positive(sidecar: &Sidecar<'_>, key: &str, default: i32) -> i64 {
    match sidecar.number(key, default) {
        number if number > 0 => number.into(),
        _ => default.into(),
    }
}
