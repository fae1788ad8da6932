//! A rule of a WorkflowAccessPolicy is about a workflow or an activity.

use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "workflow-access-rule",
    title: "A rule of a WorkflowAccessPolicy is about a workflow or an activity",
    source: Source::Dapr("charts/dapr/crds/workflowaccesspolicy.yaml: x-kubernetes-validations"),
    why: "A rule that names callers and nothing that they may call grants nothing; the API server refuses the \
          whole policy over it.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("WorkflowAccessPolicy")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: WorkflowAccessPolicy, metadata: {name: flow}, scopes: [flow],
        spec: {rules: [{callers: [{appID: shop}]}]}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: WorkflowAccessPolicy, metadata: {name: flow}, scopes: [flow],
        spec: {rules: [{callers: [{appID: shop}], activities: [{name: pay}]}]}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let about = |rule: &Value, what: &str| rule[what].as_array().is_some_and(|list| !list.is_empty());
    let rules = subject.items("/spec/rules");
    let empty = rules.filter(|(_, rule)| !about(rule, "workflows") && !about(rule, "activities"));
    let advice = "write workflows with their operations, or activities";
    let finding = |at| {
        Finding::new(at, "the rule names no workflow and no activity", "the API server refuses the object", advice)
    };
    empty.map(|(at, _)| finding(at).certain()).collect()
}
