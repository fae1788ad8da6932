//! Drains leave the control plane able to work.

use crate::dapr::control_plane::Service;
use crate::json::Value;
use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Member, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-disruption-budget",
    title: "A PodDisruptionBudget selects the pods of every service of the control plane",
    source: Source::Reference("checklist: PodDisruptionBudgets configured"),
    why: "A drain of several nodes may take all replicas of a service at once, or the majority of those that vote. The \
          chart's budgets select by version too, so that one can be there and select nothing.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {replicas: 3, template: {metadata: {
        labels: {app: dapr-sentry, app.kubernetes.io/version: 1.18.2}}, spec: {containers: []}}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: dapr-sentry-budget}, spec: {maxUnavailable: 25%,
        selector: {matchLabels: {app: dapr-sentry, app.kubernetes.io/version: 1.17.0}}}}",
    good: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {replicas: 3, template: {metadata: {
        labels: {app: dapr-sentry, app.kubernetes.io/version: 1.18.2}}, spec: {containers: []}}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: dapr-sentry-budget}, spec: {maxUnavailable: 25%,
        selector: {matchLabels: {app: dapr-sentry, app.kubernetes.io/version: 1.18.2}}}}",
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let mut services = inventory.control_plane().peekable();
    if services.peek().is_none() {
        evaluation.needs(None, "the workloads of Dapr's control plane");
    } else if !inventory.shows("policy", "PodDisruptionBudget") {
        evaluation.needs(None, "the PodDisruptionBudgets of Dapr's control plane");
    } else {
        services.for_each(|(index, workload, service)| judge(&mut evaluation, inventory, index, workload, service));
    }
    evaluation
}

fn judge(evaluation: &mut Evaluation, inventory: &Inventory, index: usize, workload: &Member, service: Service) {
    let mut budgets = inventory.budgets(workload).peekable();
    if budgets.peek().is_none() {
        evaluation.find(index, unprotected(inventory, workload));
    }
    let replicas = workload.replicas().unwrap_or(1);
    for (index, budget) in budgets.filter(|_| service.needs_majority() && replicas > 2) {
        let Some((field, left)) = left(budget, replicas).filter(|(_, left)| *left < replicas / 2 + 1) else { continue };
        let finding = Finding::new(
            format!("/spec/{field}"),
            format!("it lets evictions leave {left} of {replicas} members of {}", workload.name),
            "without a majority the others do nothing",
            format!("let it leave at least {}", replicas / 2 + 1),
        );
        evaluation.find(index, finding);
    }
}

fn unprotected(inventory: &Inventory, workload: &Member) -> Finding {
    let meant = inventory.of("policy", "PodDisruptionBudget").find(|(_, budget)| {
        budget.beside(workload) && budget.text("/spec/selector/matchLabels/app") == workload.pod_label("app")
    });
    let (at, problem) = match meant {
        Some((_, budget)) => (
            workload.at_pod("/metadata/labels").unwrap_or_default(),
            format!("the PodDisruptionBudget {} does not select its pods: another label differs", budget.name),
        ),
        None => ("/metadata/name".to_owned(), "no PodDisruptionBudget selects its pods".to_owned()),
    };
    let advice = "set global.ha.enabled: true in the chart's values, which makes one for every service";
    Finding::new(at, problem, "a drain may evict all of its pods at once", advice)
}

/// How many pods a budget leaves at least, and the field that says so. A share is rounded up, as Kubernetes does.
fn left(budget: &Member, replicas: i64) -> Option<(&'static str, i64)> {
    let count = |value: &Value| match value {
        Value::String(text) => {
            let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
            Some(percent.saturating_mul(replicas).saturating_add(99) / 100)
        }
        value => value.as_i64(),
    };
    let given = |field: &str| budget.get(&format!("/spec/{field}")).and_then(count);
    let available = given("minAvailable").map(|pods| ("minAvailable", pods));
    available.or_else(|| Some(("maxUnavailable", replicas.saturating_sub(given("maxUnavailable")?))))
}
