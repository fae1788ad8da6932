//! Workflows have a limit on each replica, and their state ends some day.

use crate::dapr::Version;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-workflow",
    title: "Workflows have limits, and their state ends some day",
    source: Source::Dapr("pkg/config/configuration.go: WorkflowSpec"),
    why: "The state of a workflow that is done stays for ever unless a retention policy ends it; and it is these limits, \
          not app-max-concurrency, that keep one replica from taking on too much.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: flow},
        spec: {workflow: {maxConcurrentWorkflowInvocations: 100}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: flow}, spec: {workflow: {
        maxConcurrentWorkflowInvocations: 100, maxConcurrentActivityInvocations: 100,
        stateRetentionPolicy: {anyTerminal: 168h}}}}",
};

/// Retention came with it.
const RETENTION_SINCE: Version = Version::new(1, 17, 0);

/// Only where somebody thought of workflows: nothing else says that an app hosts them.
fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(workflow) = subject.get("/spec/workflow") else { return Vec::new() };
    let limits = ["maxConcurrentWorkflowInvocations", "maxConcurrentActivityInvocations"];
    let unlimited = limits.iter().filter(|field| workflow[**field].as_i64().is_none_or(|limit| limit <= 0));
    let mut findings: Vec<_> = unlimited.map(|field| no_limit(field)).collect();
    let kept = workflow["stateRetentionPolicy"].as_object().is_none_or(crate::json::Map::is_empty);
    if kept && subject.version() >= RETENTION_SINCE {
        let at = "/spec/workflow/stateRetentionPolicy".to_owned();
        let consequence = "the history of every workflow stays in the state store for ever";
        let advice = "write how long the state of a workflow that is done is kept, like anyTerminal: 168h";
        findings.push(Finding::new(at, "there is no retention policy", consequence, advice));
    }
    findings
}

fn no_limit(field: &str) -> Finding {
    let consequence = "one replica takes on as many as come, until its memory is used up";
    let advice = "write how many one replica can do at once";
    Finding::new(format!("/spec/workflow/{field}"), "there is no limit", consequence, advice)
}
