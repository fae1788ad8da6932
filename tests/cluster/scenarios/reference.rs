//! The production reference's own manifests, word for word.

use serde_json::json;

use super::Scenario;
use crate::cluster::Cluster;
use crate::namespace::{Namespace, Said, container, env};

pub const SCENARIOS: &[Scenario] = &[
    ("the reference's order-service runs as it is written, and is told of its slips", order_service),
    ("the reference's actor service is refused for want of probes, and with them gets what it forgot", actor_service),
    ("the reference's workflow service has no selector, which the API server says", workflow_service),
];

const ORDER: &str = include_str!("../../data/reference/order-service.yaml");
const ACTOR: &str = include_str!("../../data/reference/order-actor-service.yaml");
/// What its own checklist asks of it.
const PROBES: &str = "          readinessProbe: {httpGet: {path: /healthz/ready, port: 8080}}\n          \
                      livenessProbe: {httpGet: {path: /healthz/live, port: 8080}}\n";
const WORKFLOW: &str = include_str!("../../data/reference/workflow-service.yaml");

fn order_service(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    namespace.kubectl(&["create", "serviceaccount", "order-service"]).must_succeed();
    let said = apply(&namespace, ORDER).must_succeed();
    said.says("Warning: [annotation-unknown] spec.template.metadata.annotations[dapr.io/max-concurrency]: ");
    for pod in namespace.eventually_runs(3, "app=order-service") {
        let daprd = container(&pod, "daprd");
        let limits = json!({ "cpu": "300m", "memory": "256Mi" });
        assert_eq!((&daprd["resources"]["limits"], env(daprd, "GOMEMLIMIT")), (&limits, Some("230MiB")));
        let spread = pod["spec"]["topologySpreadConstraints"].as_array().unwrap();
        assert!(
            spread.len() == 1 && spread[0]["whenUnsatisfiable"] == "DoNotSchedule",
            "not its own any more: {spread:?}"
        );
    }
}

fn actor_service(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    apply(&namespace, ACTOR).must_fail().says("[app-probes] spec.template.spec.containers[0].readinessProbe: ");
    let probed = ACTOR.replace("          ports:\n", &format!("{PROBES}          ports:\n"));
    apply(&namespace, &probed).must_succeed();
    for pod in namespace.eventually_runs(3, "app=order-actor-service") {
        let daprd = container(&pod, "daprd");
        let resources =
            json!({ "requests": { "cpu": "100m", "memory": "128Mi" }, "limits": { "cpu": "500m", "memory": "512Mi" } });
        assert_eq!((&daprd["resources"], env(daprd, "GOMEMLIMIT")), (&resources, Some("460MiB")));
        assert_eq!(pod["spec"]["terminationGracePeriodSeconds"], 90, "its own");
        assert!(!pod["spec"]["topologySpreadConstraints"].is_null());
    }
}

fn workflow_service(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    apply(&namespace, WORKFLOW).must_fail().says("spec.selector: Required value");
}

/// In a namespace of the scenario's own.
fn apply(namespace: &Namespace, manifest: &str) -> Said {
    namespace.apply(manifest.replace("namespace: production", &format!("namespace: {}", namespace.name())))
}
