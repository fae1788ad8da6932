//! What is in the cluster before a scenario begins.

pub mod bench;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Everything that changes something, with what webhooks wrote into it, once it is answered.
pub const AUDIT_POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  verbs: [create, update, patch, delete]
  resources:
  - group: ''
    resources: [pods]
  - group: apps
- level: None
";

/// Dapr's namespace, and the StatefulSet whose size its 1.15 injector asks for before it listens.
pub const DAPR_SYSTEM: &str = "apiVersion: v1
kind: Namespace
metadata: {name: dapr-system}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: dapr-scheduler-server, namespace: dapr-system}
spec:
  replicas: 3
  serviceName: dapr-scheduler-server
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: dapr-scheduler-server}}
  template:
    metadata: {labels: {app: dapr-scheduler-server}}
    spec: {containers: [{name: scheduler, image: ghcr.io/dapr/scheduler}]}
";

/// How an administrator reaches the API server.
pub fn kubeconfig(server: &str, authority: &str, token: &str, namespace: &str) -> String {
    let cluster = json!({ "server": server, "certificate-authority-data": STANDARD.encode(authority) });
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{ "name": "test", "cluster": cluster }],
        "users": [{ "name": "admin", "user": { "token": token } }],
        "contexts": [{ "name": "test", "context": { "cluster": "test", "user": "admin", "namespace": namespace } }],
    })
    .to_string()
}

/// Who the API server is to every webhook.
pub fn webhook_user(user: &Value) -> String {
    json!({ "apiVersion": "v1", "kind": "Config", "users": [{ "name": "*", "user": user }] }).to_string()
}

/// What tells the API server to be that.
pub fn admission(kubeconfig: &Path) -> String {
    let plugins = ["MutatingAdmissionWebhook", "ValidatingAdmissionWebhook"].map(|name| {
        let configuration = json!({
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "WebhookAdmissionConfiguration",
            "kubeConfigFile": kubeconfig,
        });
        json!({ "name": name, "configuration": configuration })
    });
    json!({ "apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration", "plugins": plugins })
        .to_string()
}

/// The scheduler's configuration.
pub fn scheduler(kubeconfig: &Path) -> String {
    json!({
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "leaderElection": { "leaderElect": false },
        "clientConnection": { "kubeconfig": kubeconfig, "qps": 1000, "burst": 1000 },
    })
    .to_string()
}

/// A node of 4 cores and 8 GiB, alone in its zone.
pub fn node(name: &str) -> Value {
    let resources = json!({ "cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi" });
    let labels =
        json!({ "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": name });
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": { "name": name, "labels": labels },
        "status": {
            "capacity": resources,
            "allocatable": resources,
            "conditions": [{ "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "" }],
        },
    })
}

/// Dapr's webhook, as `charts/dapr/charts/dapr_sidecar_injector/templates/dapr_sidecar_injector_webhook_config.yaml`
/// registers it.
pub fn dapr_webhook(name: &str, port: u16, authority: &str) -> String {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": { "name": name, "labels": { "app": "dapr-sidecar-injector" } },
        "webhooks": [{
            "name": "sidecar-injector.dapr.io",
            "reinvocationPolicy": "IfNeeded",
            "clientConfig": client(port, "/mutate", authority),
            "rules": [{ "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"] }],
            "failurePolicy": "Ignore",
            "sideEffects": "None",
            "admissionReviewVersions": ["v1", "v1beta1"],
        }],
    })
    .to_string()
}

fn client(port: u16, path: &str, authority: &str) -> Value {
    json!({ "url": format!("https://127.0.0.1:{port}{path}"), "caBundle": STANDARD.encode(authority) })
}
