//! The values make a control plane that outlives a node.

use crate::dapr::helm::Values;
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "helm-high-availability",
    title: "The values make a control plane that outlives a node",
    source: Source::Reference("All control plane components: 3+ replicas"),
    why: "One switch, global.ha.enabled, gives the control plane its replicas, its PodDisruptionBudgets and \
          its spread over nodes. Without it a drained node takes placement, and with it every actor, for as \
          long as it needs to come back.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{global: {ha: {enabled: false}}}",
    good: "{global: {ha: {enabled: true}}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(values) = Values::of(subject.value) else { return Vec::new() };
    match values.is_on("/global/ha/enabled") {
        false => vec![off(&values)],
        true => [too_few(&values), two_budgets(&values)].into_iter().flatten().collect(),
    }
}

fn off(values: &Values<'_>) -> Finding {
    let placement = match values.is_on("/dapr_placement/ha") {
        true => "",
        false => "placement has one replica, ",
    };
    let consequence = format!(
        "{placement}nothing but the scheduler has a PodDisruptionBudget, and nothing else is spread over nodes"
    );
    let problem = match values.get("/global/ha/enabled") {
        None | Some(Value::Bool(_)) => "high availability is not switched on",
        Some(_) => "this is neither true nor false, and Helm fails",
    };
    Finding::new(values.at("/global/ha/enabled"), problem, consequence, "write true")
}

fn too_few(values: &Values<'_>) -> Option<Finding> {
    let replicas = values.get("/global/ha/replicaCount")?.as_i64().filter(|replicas| *replicas < 3)?;
    let problem = format!("{replicas} replicas are too few");
    let consequence = "a drained node and a crash at the same time leave none";
    Some(Finding::new(values.at("/global/ha/replicaCount"), problem, consequence, "write 3, or leave it out"))
}

/// `maximumUnavailable` is given by the chart itself, unless it is emptied.
fn two_budgets(values: &Values<'_>) -> Option<Finding> {
    let given = |value: &Value| value.as_str() != Some("") && value.as_i64() != Some(0);
    values.get("/global/ha/disruption/minimumAvailable").filter(|value| given(value))?;
    if values.get("/global/ha/disruption/maximumUnavailable").is_some_and(|value| !given(value)) {
        return None;
    }
    let problem = "the chart gives maximumUnavailable too";
    let consequence = "the API server refuses a PodDisruptionBudget with both, and with it the release";
    let advice = "write maximumUnavailable: \"\" beside it";
    Some(Finding::new(values.at("/global/ha/disruption/minimumAvailable"), problem, consequence, advice))
}
