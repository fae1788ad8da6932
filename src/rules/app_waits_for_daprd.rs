//! Nothing in the pod waits for what waits for it.

use super::app_port::app_port;
use crate::dapr::command::Health;
use crate::dapr::pod::Container;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-waits-for-daprd",
    title: "Neither the app nor an init container waits for what waits for it",
    source: Source::Dapr("pkg/runtime/runtime.go: blockUntilAppIsReady; docs: reference/api/health_api.md"),
    why: "daprd's /v1.0/healthz is healthy only once the app listens on its port, so an app that waits for it waits for \
          itself; and daprd starts after every init container.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080"}},
        spec: {containers: [{name: app, readinessProbe: {httpGet: {path: /v1.0/healthz, port: 3500}}}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080"}},
        spec: {containers: [{name: app, readinessProbe: {httpGet: {path: /v1.0/healthz/outbound, port: 3500}}}]}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.asked().is_none() {
        return Vec::new();
    }
    let init = subject.pod.spec.init_containers.iter().enumerate();
    let mut findings: Vec<_> = init.filter_map(|(index, container)| before_daprd(subject, index, container)).collect();
    if app_port(subject).is_some() {
        findings.extend(subject.app_containers().filter_map(|(index, container)| waits(subject, index, container)));
    }
    findings
}

fn before_daprd(subject: &PodSubject<'_>, index: usize, container: &Container<'_>) -> Option<Finding> {
    let commands = [("command", container.command.health), ("args", container.args.health)];
    let (field, _) = commands.into_iter().find(|(_, health)| *health != Health::NotAsked)?;
    Some(Finding::new(
        subject.at(&format!("/spec/initContainers/{index}/{field}")),
        "this init container asks for daprd's health",
        "daprd starts after the init containers: where this one waits for it, the pod never starts",
        "wait in the app, by /v1.0/healthz/outbound",
    ))
}

fn waits(subject: &PodSubject<'_>, index: usize, container: &Container<'_>) -> Option<Finding> {
    let probe = |probe: Option<crate::dapr::pod::Handler>| probe.map_or(Health::NotAsked, |probe| probe.health());
    let places = [
        ("readinessProbe", probe(container.readiness_probe)),
        ("startupProbe", probe(container.startup_probe)),
        ("livenessProbe", probe(container.liveness_probe)),
        ("lifecycle/postStart", container.lifecycle.post_start.health()),
        ("command", container.command.health),
        ("args", container.args.health),
    ];
    let (field, _) = places.into_iter().find(|(_, health)| *health == Health::Whole)?;
    let consequence = match field {
        "livenessProbe" => "daprd is healthy only once the app listens, so each restart of daprd restarts the app, too",
        _ => {
            "daprd is healthy only once the app listens on its port: an app that listens later than that waits for ever"
        }
    };
    Some(Finding::new(
        subject.at(&format!("/spec/containers/{index}/{field}")),
        "this waits for daprd's /v1.0/healthz",
        consequence,
        "ask /v1.0/healthz/outbound, or the app itself",
    ))
}
