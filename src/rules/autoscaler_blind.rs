//! An autoscaler can compute what it scales by.

use crate::json::Value;
use crate::policy::{App, Check, Evaluation, Finding, Fix, Inventory, Level, Member, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "autoscaler-blind",
    title: "Every container of an app asks for what its autoscaler measures",
    source: Source::Kubernetes(
        "tasks/run-application/horizontal-pod-autoscale: How does a HorizontalPodAutoscaler work",
    ),
    why: "Utilisation is a share of the requests of all containers of a pod. One without a request, like daprd where nobody \
          gave it any, and nothing is scaled by that metric.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: [
        {name: app, resources: {requests: {cpu: 200m}}}]}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: order}, spec: {minReplicas: 3, maxReplicas: 20,
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: order}, metrics: [
        {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-cpu-request: 100m}}, spec: {containers: [
        {name: app, resources: {requests: {cpu: 200m}}}]}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: order}, spec: {minReplicas: 3, maxReplicas: 20,
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: order}, metrics: [
        {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (_, workload, app) in inventory.replicated_apps() {
        let Some((index, scaler)) = inventory.scaler(workload) else {
            if !inventory.shows_scalers() {
                evaluation.needs(None, "the HorizontalPodAutoscalers or ScaledObjects of these apps");
                return evaluation;
            }
            continue;
        };
        for (at, resource) in shares(scaler) {
            let silent = without_request(workload, app, resource);
            if silent.is_empty() {
                continue;
            }
            let problem =
                format!("scales by {resource} utilisation, and {} asks for no {resource}", silent.join(" and "));
            let consequence = format!("the autoscaler reports \"missing request for {resource}\" and does not scale");
            let advice = format!(
                "give every container of {} a {resource} request, daprd by dapr.io/sidecar-{resource}-request",
                workload.name
            );
            evaluation.find(index, Finding::new(at, problem, consequence, advice));
        }
    }
    evaluation
}

/// Each resource that a scaler measures as a share of the requests of the whole pod, and where it says so.
fn shares(scaler: &Member) -> Vec<(String, &str)> {
    let v1 = scaler.get("/spec/targetCPUUtilizationPercentage").is_some();
    if v1 || (scaler.kind == "HorizontalPodAutoscaler" && scaler.items("/spec/metrics").is_empty()) {
        // Without any metric the API server writes 80 % of the CPU.
        return vec![("/spec".to_owned(), "cpu")];
    }
    let metric = |metric: &'_ Value| -> Option<&'static str> {
        let target = &metric["resource"]["target"];
        (metric["type"] == "Resource" && target["averageUtilization"].is_number())
            .then(|| known(&metric["resource"]["name"]))?
    };
    let trigger = |trigger: &Value| {
        let utilisation = trigger["metricType"].as_str().is_none_or(|kind| kind == "Utilization");
        (utilisation && trigger["metadata"]["containerName"].is_null()).then(|| known(&trigger["type"]))?
    };
    let listed = |list: &'static str, read: &dyn Fn(&Value) -> Option<&'static str>| -> Vec<_> {
        let items = scaler.items(list).iter().enumerate();
        items.filter_map(|(nth, item)| Some((format!("{list}/{nth}"), read(item)?))).collect()
    };
    [listed("/spec/metrics", &metric), listed("/spec/triggers", &trigger)].concat()
}

fn known(name: &Value) -> Option<&'static str> {
    ["cpu", "memory"].into_iter().find(|known| name == known)
}

/// The containers of an app's pods that ask for none of a resource; a limit is a request too.
fn without_request<'m>(workload: &'m Member, app: &App, resource: &str) -> Vec<&'m str> {
    let asks = |container: &Value| {
        ["requests", "limits"].into_iter().any(|kind| !container["resources"][kind][resource].is_null())
    };
    let own = workload.containers().iter().filter(|container| container["name"] != "daprd" && !asks(container));
    let mut silent: Vec<_> = own.filter_map(|container| container["name"].as_str()).collect();
    let sidecar = if resource == "cpu" { app.requests_cpu } else { app.requests_memory };
    if !sidecar {
        silent.push("daprd");
    }
    silent
}
