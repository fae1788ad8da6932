//! What is proven on the cluster: a sentence and a function each, one file to a subject.

mod calls;
mod certificates;
mod daprd;
mod faults;
mod installation;
mod kinds;
mod modes;
mod objects;
mod reference;
mod refused;
mod resources;
mod rules;
mod scheduling;
mod sidecar;
mod twin;
mod values;
mod words;

use serde_json::{Value, json};

use crate::cluster::Cluster;

/// A sentence, and what proves it.
pub type Scenario = (&'static str, fn(&mut Cluster));

/// Every scenario, in the order in which they run.
pub fn all() -> impl Iterator<Item = Scenario> {
    [
        sidecar::SCENARIOS,
        reference::SCENARIOS,
        resources::SCENARIOS,
        refused::SCENARIOS,
        words::SCENARIOS,
        modes::SCENARIOS,
        kinds::SCENARIOS,
        scheduling::SCENARIOS,
        objects::SCENARIOS,
        rules::SCENARIOS,
        daprd::SCENARIOS,
        calls::SCENARIOS,
        installation::SCENARIOS,
        faults::SCENARIOS,
        certificates::SCENARIOS,
        twin::SCENARIOS,
        values::SCENARIOS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// A Deployment of [`template`].
pub fn deployment(name: &str, replicas: usize, annotations: Value) -> Value {
    workload(
        "apps/v1",
        "Deployment",
        name,
        json!({ "replicas": replicas, "selector": selector(name), "template": template(name, annotations) }),
    )
}

/// An object of any kind.
pub fn workload(version: &str, kind: &str, name: &str, spec: Value) -> Value {
    json!({ "apiVersion": version, "kind": kind, "metadata": { "name": name }, "spec": spec })
}

/// A bare pod made from [`template`].
pub fn pod(name: &str, annotations: Value) -> Value {
    let mut pod = template(name, annotations);
    pod["apiVersion"] = json!("v1");
    pod["kind"] = json!("Pod");
    pod["metadata"]["name"] = json!(name);
    pod
}

/// What selects the pods of [`template`].
pub fn selector(name: &str) -> Value {
    json!({ "matchLabels": { "app": name } })
}

/// A pod template that asks for Dapr, with these further annotations. Besides what the webhook adds itself nothing is
/// missing, so that what is found is what a scenario is about.
pub fn template(name: &str, annotations: Value) -> Value {
    let mut all = json!({
        "dapr.io/enabled": "true", "dapr.io/app-id": name, "dapr.io/log-as-json": "true",
        "dapr.io/api-token-secret": "dapr-api-token", "dapr.io/app-token-secret": "app-api-token",
        "dapr.io/disable-builtin-k8s-secret-store": "true",
    });
    let more = annotations.as_object().expect("annotations are an object").clone();
    all.as_object_mut().expect("it is one").extend(more);
    let probe = |path: &str| json!({ "httpGet": { "path": path, "port": 8080 } });
    let token = json!({ "secretKeyRef": { "name": "dapr-api-token", "key": "token" } });
    let container = json!({
        "name": "app", "image": "registry.example/order:v1",
        "env": [{ "name": "DAPR_API_TOKEN", "valueFrom": token }],
        "resources": { "requests": { "cpu": "1m", "memory": "16Mi" }, "limits": { "memory": "16Mi" } },
        "readinessProbe": probe("/healthz/ready"), "livenessProbe": probe("/healthz/live"),
    });
    let spec = json!({
        "containers": [container],
        "automountServiceAccountToken": false,
        "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } },
    });
    json!({ "metadata": { "labels": { "app": name }, "annotations": all }, "spec": spec })
}
