//! No namespace's pods may read all of its Secrets.

use crate::dapr::helm::Values;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "helm-secret-reader",
    title: "No namespace's pods may read all of its Secrets",
    source: Source::Dapr("charts/dapr/charts/dapr_rbac/templates: secret-reader"),
    why: "Unless it is told not to, the chart lets every pod with the default service account of the namespace \
          default read all Secrets there.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{dapr_rbac: {secretReader: {enabled: true}}}",
    good: "{dapr_rbac: {secretReader: {enabled: false}}}",
};

const SWITCH: &str = "/dapr_rbac/secretReader/enabled";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(values) = Values::of(subject.value).filter(|values| !values.is_off(SWITCH)) else { return Vec::new() };
    let namespace = values.text("/dapr_rbac/secretReader/namespace").unwrap_or("default");
    let problem = "the chart makes a role that reads Secrets";
    let consequence =
        format!("every pod of the namespace {namespace} with the default service account reads all of them");
    let advice = "write false, and give apps that read Secrets themselves a role of their own";
    vec![Finding::new(values.at(SWITCH), problem, consequence, advice)]
}
