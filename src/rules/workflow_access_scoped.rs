//! A WorkflowAccessPolicy names the apps that it is for, and who may call them.

use super::component_scoped::unscoped;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "workflow-access-scoped",
    title: "A WorkflowAccessPolicy names the apps that it is for, and who may call them",
    source: Source::Dapr("pkg/apis/workflowaccesspolicy/v1alpha1/types.go"),
    why: "Any policy for an app refuses everything that it does not name. Without scopes that is so for every \
          app of the namespace; without rules nobody may call anything.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("WorkflowAccessPolicy")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: WorkflowAccessPolicy, metadata: {name: flow},
        spec: {rules: [{callers: [{appID: shop}], workflows: [{name: order, operations: [schedule]}]}]}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: WorkflowAccessPolicy, metadata: {name: flow}, scopes: [flow],
        spec: {rules: [{callers: [{appID: shop}], workflows: [{name: order, operations: [schedule]}]}]}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let mut findings =
        unscoped(subject, "the workflows of every app of the namespace can be called by these callers alone");
    if subject.items("/spec/rules").next().is_none() {
        let advice = "write who may do what, or leave the policy out";
        findings.push(Finding::new(
            "/spec/rules".to_owned(),
            "there are no rules",
            "nobody may call any workflow",
            advice,
        ));
    }
    findings
}
