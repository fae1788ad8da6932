//! Actor and workflow hosts get time to shut down.

use serde_json::json;

use crate::policy::{Check, Edit, Finding, Fix, Grace, Level, PodSubject, Role, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "termination-grace",
    title: "Actor and workflow hosts have time to shut down",
    source: Source::Reference("`terminationGracePeriodSeconds` ≥ 60 for actors/workflows"),
    why: "On SIGTERM daprd drains actors, reminders and workflows without a time limit of its own. What is not done \
          when the grace period ends is cut off by SIGKILL.",
    level: Level::Deny,
    fix: Fix::Safe,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: cart, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: cart, dapr-preflight.io/role: actor}},
        spec: {terminationGracePeriodSeconds: 30, containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: cart, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: cart, dapr-preflight.io/role: actor}},
        spec: {terminationGracePeriodSeconds: 90, containers: []}}"#,
};

/// What the API server fills in, so that an explicit 30 cannot be told from none
/// (`pkg/apis/core/v1/defaults.go`, `DefaultTerminationGracePeriodSeconds`).
const KUBERNETES_DEFAULT: i64 = 30;

/// The seconds that the pod will have: what is written, else what this rule makes of it where it runs.
pub(super) fn effective(subject: &PodSubject<'_>) -> i64 {
    let written = subject.pod.spec.termination_grace_period_seconds;
    let mended = due(subject).filter(|_| subject.runs(&RULE) && is_default(written)).map(|grace| grace.default);
    mended.or(written).unwrap_or(KUBERNETES_DEFAULT)
}

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(grace) = due(subject) else { return Vec::new() };
    let written = subject.pod.spec.termination_grace_period_seconds;
    let at = subject.at("/spec/terminationGracePeriodSeconds");
    let role = subject.role.as_str();
    let value = json!(grace.default);
    let problem = match written {
        Some(seconds) => format!("{seconds} seconds to shut down, and {} for {role} hosts at the least", grace.minimum),
        None => format!(
            "nothing is said, so {KUBERNETES_DEFAULT} seconds, and {} for {role} hosts at the least",
            grace.minimum
        ),
    };
    let consequence = match subject.role {
        Role::Workflow => "workflows in flight are cut off by SIGKILL before they reach a checkpoint",
        Role::Actor | Role::Service => "calls, reminders and timers that still drain are cut off by SIGKILL",
    };
    let finding = Finding::new(at.clone(), problem, consequence, format!("write {}", grace.default));
    let edited = match is_default(written) {
        true => finding.safe(vec![Edit::Add { at, value }]),
        false => finding.suggested(vec![Edit::Replace { at, value }]),
    };
    vec![edited]
}

/// What the policy asks for where the pod has less.
fn due(subject: &PodSubject<'_>) -> Option<Grace> {
    subject.sidecar()?;
    let grace = (*subject.policy.grace.get(subject.role))?;
    let written = subject.pod.spec.termination_grace_period_seconds.unwrap_or(KUBERNETES_DEFAULT);
    (written < grace.minimum).then_some(grace)
}

fn is_default(written: Option<i64>) -> bool {
    written.is_none_or(|seconds| seconds == KUBERNETES_DEFAULT)
}
