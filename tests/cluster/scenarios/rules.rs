//! What rules say that Kubernetes would do, done by Kubernetes: one scenario to a rule, named in its sentence.

use serde_json::{Value, json};

use super::{Scenario, pod, selector, workload};
use crate::cluster::Cluster;
use crate::namespace::{Namespace, eventually, is_running};

pub const SCENARIOS: &[Scenario] = &[
    ("rules: disruption-budget-refused, the API server refuses a budget with both numbers", both_numbers),
    ("rules: disruption-budget-blocks, a budget that leaves nothing refuses every eviction", no_eviction),
    ("rules: disruption-budget, a budget that selects nothing lets every pod be evicted", all_evicted),
    (
        "rules: autoscaler-minimum and autoscaler-blind, what an autoscaler leaves out is 1 and 80 % of the CPU",
        defaults,
    ),
    ("rules: workload-selector, the API server refuses a workload that does not select its pods", own_pods),
    ("rules: control-plane-spread, a term without a selector keeps no two pods apart", selects_nothing),
    ("rules: control-plane-failure-policy, a webhook that fails closed lets no pod in while it is away", fails_closed),
];

/// Pods of one app that nothing else knows of, on any node.
fn replicas(namespace: &Namespace, replicas: usize, more: &Value) {
    let template = json!({ "metadata": { "labels": { "app": "order" } }, "spec": more });
    let spec = json!({ "replicas": replicas, "selector": selector("order"), "template": template });
    namespace.apply(workload("apps/v1", "Deployment", "order", spec)).must_succeed();
    namespace.eventually_runs(replicas, "app=order");
}

fn containers() -> Value {
    json!({ "containers": [{ "name": "app", "image": "registry.example/order:v1" }] })
}

fn budget(app: &str, numbers: Value) -> Value {
    let mut spec = json!({ "selector": selector(app) });
    spec.as_object_mut().unwrap().extend(numbers.as_object().unwrap().clone());
    workload("policy/v1", "PodDisruptionBudget", "order", spec)
}

fn both_numbers(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    let both = budget("order", json!({ "minAvailable": 2, "maxUnavailable": 1 }));
    namespace.apply(both).must_fail().says("minAvailable and maxUnavailable cannot be both set");
}

/// Asks for the eviction of a pod: the status code, and what the API server says.
fn evict(cluster: &Cluster, namespace: &Namespace, pod: &Value) -> (u16, Value) {
    let name = &pod["metadata"]["name"];
    let path = format!("/api/v1/namespaces/{}/pods/{}/eviction", namespace.name(), name.as_str().unwrap());
    let eviction = json!({ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": name } });
    cluster.api().create(&path, &eviction).unwrap()
}

fn no_eviction(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    replicas(&namespace, 3, &containers());
    for numbers in [json!({ "minAvailable": 3 }), json!({ "maxUnavailable": 0 }), json!({ "minAvailable": "100%" })] {
        namespace.kubectl(&["delete", "pdb", "order", "--ignore-not-found"]).must_succeed();
        namespace.apply(budget("order", numbers.clone())).must_succeed();
        namespace.eventually("pdb", "order", |budget| budget["status"]["currentHealthy"] == 3);
        let (status, said) = evict(cluster, &namespace, &namespace.list("pods", "app=order")[0]);
        assert_eq!(status, 429, "{numbers}: {said}");
        assert_eq!(said["details"]["causes"][0]["reason"], "DisruptionBudget", "{said}");
    }
}

fn all_evicted(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    replicas(&namespace, 3, &containers());
    namespace.apply(budget("orders", json!({ "maxUnavailable": 1 }))).must_succeed();
    let seen = namespace.eventually("pdb", "order", |budget| budget["status"]["observedGeneration"] == 1);
    assert_eq!(seen["status"]["expectedPods"], 0);
    for pod in namespace.list("pods", "app=order") {
        let (status, said) = evict(cluster, &namespace, &pod);
        assert_eq!(status, 201, "{said}");
    }
}

/// And a limit without a request is a request, for which an autoscaler asks.
fn defaults(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "order" });
    let spec = json!({ "maxReplicas": 3, "scaleTargetRef": target });
    namespace.apply(workload("autoscaling/v2", "HorizontalPodAutoscaler", "order", spec)).must_succeed();
    let spec = &namespace.get("hpa", "order")["spec"];
    let metric = json!({ "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 80 } });
    assert_eq!((&spec["minReplicas"], &spec["metrics"][0]["resource"]), (&json!(1), &metric));
    assert_eq!(spec["behavior"], Value::Null, "the controller's own window of 300 seconds counts");

    let mut limited = containers();
    limited["containers"][0]["resources"] = json!({ "limits": { "cpu": "1" } });
    replicas(&namespace, 1, &limited);
    let pod = &namespace.list("pods", "app=order")[0];
    assert_eq!(pod["spec"]["containers"][0]["resources"]["requests"], json!({ "cpu": "1" }));
}

fn own_pods(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    let template = json!({ "metadata": { "labels": { "app": "order" } }, "spec": containers() });
    let without = workload("apps/v1", "Deployment", "order", json!({ "template": template }));
    namespace.apply(without).must_fail().says("spec.selector: Required value");
    let other =
        workload("apps/v1", "Deployment", "order", json!({ "selector": selector("cart"), "template": template }));
    namespace.apply(other).must_fail().says("`selector` does not match template `labels`");
}

/// Four replicas on three nodes: a hard term that selects them leaves one pending, one that selects nothing does not.
fn selects_nothing(cluster: &mut Cluster) {
    let with = |term: Value| {
        let mut spec = containers();
        let required = json!({ "requiredDuringSchedulingIgnoredDuringExecution": [term] });
        spec["affinity"] = json!({ "podAntiAffinity": required });
        spec
    };
    let namespace = cluster.namespace("");
    replicas(&namespace, 4, &with(json!({ "topologyKey": "kubernetes.io/hostname" })));

    let namespace = cluster.namespace("");
    let term = json!({ "topologyKey": "kubernetes.io/hostname", "labelSelector": selector("order") });
    let template = json!({ "metadata": { "labels": { "app": "order" } }, "spec": with(term) });
    let spec = json!({ "replicas": 4, "selector": selector("order"), "template": template });
    namespace.apply(workload("apps/v1", "Deployment", "order", spec)).must_succeed();
    eventually("the scheduler finds no node for the fourth replica", || {
        let pods = namespace.list("pods", "app=order");
        let (running, rest): (Vec<_>, Vec<_>) = pods.into_iter().partition(is_running);
        let why = rest.first()?["status"]["conditions"][0]["message"].as_str()?.to_owned();
        (running.len() == 3 && why.contains("anti-affinity")).then_some(())
    });
}

/// A configuration as the chart makes it with `webhookFailurePolicy: Fail`, at a place where nobody answers.
fn fails_closed(cluster: &mut Cluster) {
    let closed = cluster.namespace("");
    let open = cluster.namespace("");
    let configuration = |selector: Value| {
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
            "metadata": { "name": "nobody-answers" },
            "webhooks": [{
                "name": "sidecar-injector.dapr.io", "failurePolicy": "Fail", "sideEffects": "None",
                "admissionReviewVersions": ["v1"], "clientConfig": { "url": "https://127.0.0.1:1/mutate" },
                "namespaceSelector": selector,
                "rules": [{ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"] }],
            }],
        })
    };
    let names = json!({ "matchLabels": { "kubernetes.io/metadata.name": closed.name() } });
    cluster.apply(&configuration(names).to_string());
    eventually("the API server asks the webhook", || {
        let mut pod = pod("order", json!({}));
        pod["metadata"]["annotations"] = Value::Null;
        let said = closed.kubectl_with(&["create", "--dry-run=server", "-f", "-"], &pod.to_string());
        said.stderr.contains("failed calling webhook \"sidecar-injector.dapr.io\"").then_some(())
    });
    let mut pod = pod("order", json!({}));
    pod["metadata"]["annotations"] = Value::Null;
    open.apply(&pod).must_succeed();
    closed.apply(&pod).must_fail().says("failed calling webhook \"sidecar-injector.dapr.io\"");
    cluster.kubectl(&["delete", "mutatingwebhookconfiguration", "nobody-answers"], "").must_succeed();
}
