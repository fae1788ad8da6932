//! The app says whether it lives and whether it may be called.

use super::app_port::app_port;
use crate::dapr::pod::{Container, Handler};
use crate::policy::{Check, Controller, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-probes",
    title: "The app has a readiness and a liveness probe",
    source: Source::Reference("Health endpoints: `/healthz/ready`, `/healthz/live`"),
    why: "Without a readiness probe the app is called before it can answer; without a liveness probe one that hangs is \
          never restarted. daprd's own probes say nothing of the app.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080"}},
        spec: {containers: [{name: app, livenessProbe: {httpGet: {path: /healthz/live, port: 8080}}}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080"}},
        spec: {containers: [{name: app, livenessProbe: {httpGet: {path: /healthz/live, port: 8080}},
        readinessProbe: {httpGet: {path: /healthz/ready, port: 8080}}}]}}"#,
};

type Probe = (&'static str, &'static str, fn(&Container<'_>) -> Option<Handler>);

const PROBES: [Probe; 2] = [
    ("readiness", "the app is called before it can answer", |container| container.readiness_probe),
    ("liveness", "an app that hangs is never restarted", |container| container.liveness_probe),
];

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    // What runs to its end is neither called nor restarted for hanging.
    let ends = subject.controller == Some(Controller::Job)
        || matches!(&*subject.pod.spec.restart_policy, "Never" | "OnFailure");
    if subject.sidecar().is_none() || ends {
        return Vec::new();
    }
    let Some(app) = app(subject) else { return Vec::new() };
    let called = app_port(subject).is_some() || subject.app_containers().any(|(_, app)| !app.ports.is_empty());
    // Whoever is never called need not say when he may be.
    let asked = if called { &PROBES[..] } else { &PROBES[1..] };
    let missing: Vec<_> = asked.iter().filter(|(_, _, probe)| !app.has(subject, *probe)).collect();
    let [&(first, consequence, _), ..] = *missing else { return Vec::new() };
    let names = missing.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(" and no ");
    let port = app_port(subject).filter(|port| *port <= 65535);
    let port = port.map_or("the app's port".to_owned(), |port| format!("port {port}"));
    let finding = Finding::new(
        subject.at(&format!("/spec/containers/{}/{first}Probe", app.index)),
        format!("the app has no {names} probe"),
        consequence,
        format!(
            "add it, like httpGet on {port} with path /healthz/{}",
            if first == "liveness" { "live" } else { "ready" }
        ),
    );
    vec![if called { finding } else { finding.advisory() }]
}

/// The container that is the app, as far as it can be told.
struct App {
    index: usize,
    /// Whether it declares the app's port; else any container's probe will do.
    sure: bool,
}

fn app(subject: &PodSubject<'_>) -> Option<App> {
    let port = app_port(subject).map(i64::from);
    let declares = |container: &Container<'_>| container.ports.iter().any(|own| Some(own.container_port) == port);
    let sure = subject.app_containers().find(|(_, container)| declares(container));
    let first = subject.app_containers().next();
    sure.or(first).map(|(index, _)| App { index, sure: sure.is_some() })
}

impl App {
    fn has(&self, subject: &PodSubject<'_>, probe: fn(&Container<'_>) -> Option<Handler>) -> bool {
        let mut candidates = subject.app_containers().filter(|(index, _)| !self.sure || *index == self.index);
        candidates.any(|(_, container)| probe(container).is_some())
    }
}
