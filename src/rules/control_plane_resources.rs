//! The control plane asks for what it needs.

use crate::dapr::control_plane::Service;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Profile, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-resources",
    title: "The services of the control plane have requests and limits",
    source: Source::Reference("checklist: Control plane resource limits set"),
    why: "The chart sets none, so the control plane is the first to be evicted from a node that runs short. The reference \
          limits memory too; Dapr's documentation advises against that, and the policy's profile decides.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(GroupKind::CONTROL_PLANE, check),
    bad: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: [{name: dapr-sentry, resources: {}}]}}}}",
    good: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: [{name: dapr-sentry, resources: {
        requests: {cpu: 100m, memory: 128Mi}, limits: {cpu: 300m, memory: 256Mi}}}]}}}}",
};

/// What each profile asks for.
const REFERENCE: &[&str] = &["requests/cpu", "requests/memory", "limits/cpu", "limits/memory"];
const DAPR_DOCS: &[&str] = &["requests/cpu", "requests/memory", "limits/cpu"];
const MEMORY_LIMIT: &str = "limits/memory";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(service) = Service::of(subject.value) else { return Vec::new() };
    let containers = subject.items("/spec/template/spec/containers");
    let own: Vec<_> = containers.filter(|(_, container)| container["name"] == service.label()).collect();
    own.iter().flat_map(|(at, _)| judge(subject, &format!("{at}/resources"))).collect()
}

fn judge(subject: &ObjectSubject<'_>, at: &str) -> Vec<Finding> {
    let has = |path: &str| {
        // Of a limit alone the API server makes the request too.
        let limit = path.replace("requests", "limits");
        [path, &limit].iter().any(|path| subject.get(&format!("{at}/{path}")).is_some())
    };
    let (wanted, advice) = match subject.policy.profile {
        Profile::Reference => (REFERENCE, "set <service>.resources in the chart's values"),
        Profile::DaprDocs => (DAPR_DOCS, "set <service>.resources in the chart's values, without a memory limit"),
    };
    let missing: Vec<_> = wanted.iter().filter(|path| !has(path)).map(|path| words(path)).collect();
    let mut findings = Vec::new();
    if !missing.is_empty() {
        let problem = format!("it has no {}", missing.join(", no "));
        let consequence = "on a node that runs short of memory it is evicted early, or takes what others need";
        findings.push(Finding::new(at.to_owned(), problem, consequence, advice));
    }
    let limit = format!("{at}/{MEMORY_LIMIT}");
    if let (Profile::DaprDocs, Some(memory)) = (subject.policy.profile, subject.text(&limit)) {
        let problem = format!("it has a memory limit of {memory}");
        let consequence =
            "a peak of certificates, actors or jobs gets it killed, where Dapr's documentation sets no limit";
        findings.push(Finding::new(limit, problem, consequence, "leave the memory limit out, and request enough"));
    }
    findings
}

fn words(path: &str) -> &'static str {
    match path {
        "requests/cpu" => "CPU request",
        "requests/memory" => "memory request",
        "limits/cpu" => "CPU limit",
        _ => "memory limit",
    }
}
