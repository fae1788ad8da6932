//! Drains leave every replicated app some of its pods.

use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Member, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "disruption-budget",
    title: "A PodDisruptionBudget selects the pods of every replicated app",
    source: Source::Kubernetes("tasks/run-application/configure-pdb"),
    why: "Without a budget that selects them, a drain of several nodes may take all pods of an app at once.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {replicas: 3, template: {metadata: {
        labels: {app: order}, annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: order}, spec: {maxUnavailable: 1,
        selector: {matchLabels: {app: orders}}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {replicas: 3, template: {metadata: {
        labels: {app: order}, annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: order}, spec: {maxUnavailable: 1,
        selector: {matchExpressions: [{key: app, operator: In, values: [order]}]}}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let shown = inventory.shows("policy", "PodDisruptionBudget");
    // One replica is gone in any drain, and that it is one is another rule's.
    let replicated = inventory.replicated_apps().filter(|(_, app, _)| app.replicas() != Some(1));
    for (index, app, _) in replicated {
        if inventory.budgets(app).next().is_some() {
            continue;
        }
        if !shown {
            evaluation.needs(None, "the PodDisruptionBudgets of these apps");
            return evaluation;
        }
        evaluation.find(index, unprotected(inventory, app));
    }
    evaluation
}

fn unprotected(inventory: &Inventory, app: &Member) -> Finding {
    let namesake = inventory.of("policy", "PodDisruptionBudget").find(|(_, budget)| {
        budget.beside(app) && (budget.name.starts_with(&*app.name) || app.name.starts_with(&*budget.name))
    });
    let problem = match namesake {
        Some((_, budget)) => format!("the PodDisruptionBudget {} does not select its pods", budget.name),
        None => "no PodDisruptionBudget selects its pods".to_owned(),
    };
    let at = match namesake {
        Some(_) => app.at_pod("/metadata/labels").unwrap_or_default(),
        None => "/metadata/name".to_owned(),
    };
    let consequence = "a drain may evict all of its pods at once";
    Finding::new(
        at,
        problem,
        consequence,
        "give it one with maxUnavailable 1 and a selector that the pods' labels match",
    )
}
