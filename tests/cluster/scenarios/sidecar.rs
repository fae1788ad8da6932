//! What is in the daprd container that Dapr makes after us.

use serde_json::{Value, json};

use super::{Scenario, deployment};
use crate::cluster::{Cluster, Dapr};
use crate::namespace::{container, env};

pub const SCENARIOS: &[Scenario] = &[
    ("the sidecar of a deployment has our resources and GOMEMLIMIT, by Dapr 1.15", |cluster| {
        resources_by(cluster, Dapr::V1_15)
    }),
    ("the sidecar of a deployment has our resources and GOMEMLIMIT, by Dapr 1.18", |cluster| {
        resources_by(cluster, Dapr::V1_18)
    }),
    ("a native sidecar has our resources and GOMEMLIMIT", native),
    ("where Dapr's webhook runs first, the container itself is mended", dapr_first),
];

fn resources_by(cluster: &mut Cluster, dapr: Dapr) {
    cluster.serve_for(dapr, &[]);
    let namespace = cluster.namespace("enforce");
    namespace.apply(deployment("order", 1, json!({}))).must_succeed();
    let pods = namespace.eventually_runs(1, "app=order");
    assert_eq!(container(&pods[0], "daprd")["image"], dapr.image());
    is_ready_for_production(&pods[0]);
}

fn native(cluster: &mut Cluster) {
    cluster.serve_for(Dapr::V1_18Native, &[]);
    let namespace = cluster.namespace("enforce");
    namespace.apply(deployment("order", 1, json!({}))).must_succeed();
    let pods = namespace.eventually_runs(1, "app=order");
    assert_eq!(container(&pods[0], "daprd")["restartPolicy"], "Always", "not a native sidecar");
    is_ready_for_production(&pods[0]);
}

fn dapr_first(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    // Configurations are called in the order of their names.
    cluster.kubectl(&["delete", "mutatingwebhookconfiguration", "dapr-sidecar-injector"], "").must_succeed();
    cluster.register_dapr(Dapr::V1_18, "a-dapr-sidecar-injector");
    namespace.apply(deployment("order", 1, json!({}))).must_succeed();
    let pods = namespace.eventually_runs(1, "app=order");
    cluster.kubectl(&["delete", "mutatingwebhookconfiguration", "a-dapr-sidecar-injector"], "").must_succeed();
    let annotations = pods[0]["metadata"]["annotations"].as_object().unwrap();
    assert!(!annotations.contains_key("dapr.io/env"), "annotations that nobody reads any more: {annotations:?}");
    is_ready_for_production(&pods[0]);
}

fn is_ready_for_production(pod: &Value) {
    let daprd = container(pod, "daprd");
    let expected =
        json!({ "requests": { "cpu": "100m", "memory": "128Mi" }, "limits": { "cpu": "300m", "memory": "256Mi" } });
    assert_eq!(daprd["resources"], expected);
    assert_eq!(env(daprd, "GOMEMLIMIT"), Some("230MiB"));
}
