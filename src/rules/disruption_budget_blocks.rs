//! A budget allows at least one eviction.

use crate::json::Value;
use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Member, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "disruption-budget-blocks",
    title: "A PodDisruptionBudget of an app lets a node be drained",
    source: Source::Kubernetes("concepts/workloads/pods/disruptions"),
    why: "A budget that never allows an eviction stops every node drain and every upgrade of the cluster, until somebody \
          deletes it.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {replicas: 3, template: {metadata: {
        labels: {app: order}, annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: order}, spec: {minAvailable: 3,
        selector: {matchLabels: {app: order}}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {replicas: 3, template: {metadata: {
        labels: {app: order}, annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: order}, spec: {minAvailable: 2,
        selector: {matchLabels: {app: order}}}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let services = inventory.control_plane().map(|(_, member, _)| member);
    let workloads: Vec<_> = inventory.replicated_apps().map(|(_, app, _)| app).chain(services).collect();
    for &workload in &workloads {
        for (index, budget) in inventory.budgets(workload) {
            let finding = blocks(inventory, budget, workload);
            finding.into_iter().for_each(|finding| evaluation.find(index, finding));
        }
    }
    if !workloads.is_empty() && !inventory.shows("policy", "PodDisruptionBudget") {
        evaluation.needs(None, "the PodDisruptionBudgets of these workloads");
    }
    evaluation
}

fn blocks(inventory: &Inventory, budget: &Member, workload: &Member) -> Option<Finding> {
    let at = |field: &str| format!("/spec/{field}");
    let (field, written) =
        ["maxUnavailable", "minAvailable"].into_iter().find_map(|field| Some((field, budget.get(&at(field))?)))?;
    // What an autoscaler may go down to counts; its minimum where one is written.
    let scaled = inventory.scaler(workload).map(|(_, scaler)| scaler);
    let least = ["/spec/minReplicas", "/spec/minReplicaCount"]
        .iter()
        .find_map(|pointer| scaled?.get(pointer)?.as_i64())
        .or(workload.replicas());
    let blocked = match (field, amount(written)?) {
        ("maxUnavailable", Amount::Pods(0) | Amount::Percent(0)) => true,
        ("minAvailable", Amount::Percent(100..)) => true,
        ("minAvailable", Amount::Pods(pods)) => least.is_some_and(|least| pods >= least),
        _ => false,
    };
    blocked.then(|| {
        let of = least.map(|least| format!(" of {least} replicas")).unwrap_or_default();
        Finding::new(
            at(field),
            format!("{field} {} leaves no pod{of} of {} to evict", text(written), workload.name),
            "every eviction is refused, so no node that runs one of them can be drained",
            "write maxUnavailable: 1 instead",
        )
    })
}

enum Amount {
    Pods(i64),
    Percent(i64),
}

fn amount(value: &Value) -> Option<Amount> {
    match value {
        Value::String(text) => text.strip_suffix('%')?.parse().ok().map(Amount::Percent),
        value => value.as_i64().map(Amount::Pods),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
