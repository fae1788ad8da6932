//! AdmissionReviews made for a test, and what comes back.
#![allow(dead_code, reason = "each test file uses its own part")]

use base64::Engine as _;
use dapr_preflight::admission::{Decision, Endpoint, Outcome, review};
use dapr_preflight::policy::{Engine, Mode, Stage};
use serde_json::{Value, json};

pub const MUTATE: Endpoint = Endpoint { stage: Stage::Mutate, mode: Mode::Enforce };
pub const ENFORCE: Endpoint = Endpoint { stage: Stage::Validate, mode: Mode::Enforce };
pub const WARN: Endpoint = Endpoint { stage: Stage::Validate, mode: Mode::Warn };
pub const AUDIT: Endpoint = Endpoint { stage: Stage::Validate, mode: Mode::Audit };

/// An answer, read back.
#[derive(Debug)]
pub struct Reply {
    pub response: Value,
    pub outcome: Outcome,
    pub rules: Vec<String>,
    pub detail: Option<String>,
}

impl Reply {
    pub fn allowed(&self) -> bool {
        self.response["allowed"].as_bool().unwrap()
    }

    pub fn message(&self) -> &str {
        self.response["status"]["message"].as_str().unwrap_or_default()
    }

    pub fn warnings(&self) -> Vec<&str> {
        self.response["warnings"].as_array().into_iter().flatten().map(|line| line.as_str().unwrap()).collect()
    }

    pub fn patch(&self) -> Option<Value> {
        let text = self.response["patch"].as_str()?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        Some(serde_json::from_slice(&bytes).unwrap())
    }

    /// The object after the patch, if one was sent.
    pub fn patched(&self, object: &Value) -> Value {
        let mut after = object.clone();
        if let Some(patch) = self.patch() {
            let patch: json_patch::Patch = serde_json::from_value(patch).unwrap();
            json_patch::patch(&mut after, &patch).unwrap();
        }
        after
    }
}

/// Sends bytes; a body without a uid is an `Err`.
pub fn send(body: &[u8], endpoint: Endpoint, engine: &Engine) -> Result<Reply, String> {
    let answer = review(body, endpoint, engine, jiff::Timestamp::UNIX_EPOCH).map_err(|error| error.to_string())?;
    let reply: Value = serde_json::from_slice(&answer.reply).unwrap();
    assert_eq!((&reply["apiVersion"], &reply["kind"]), (&json!("admission.k8s.io/v1"), &json!("AdmissionReview")));
    let Decision { outcome, results, detail, uid, .. } = answer.decision;
    assert_eq!(reply["response"]["uid"], json!(uid));
    let rules = results.iter().map(|result| format!("{}:{}", result.rule, json!(result.effect).as_str().unwrap()));
    Ok(Reply { response: reply["response"].clone(), outcome, rules: rules.collect(), detail })
}

/// The API version, kind and resource group of a kind.
fn group_version(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => ("apps", "v1"),
        "Job" | "CronJob" => ("batch", "v1"),
        "Component" | "Configuration" | "HTTPEndpoint" | "MCPServer" | "Resiliency" | "WorkflowAccessPolicy" => {
            ("dapr.io", "v1alpha1")
        }
        "Subscription" => ("dapr.io", "v2alpha1"),
        _ => ("", "v1"),
    }
}

/// A review of `object`, as the API server writes it.
pub fn request(operation: &str, object: &Value, old: &Value) -> Value {
    let kind = [object, old].iter().find_map(|object| object["kind"].as_str()).unwrap_or("Pod");
    let (group, version) = group_version(kind);
    json!({
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": "0b4f-1",
            "kind": { "group": group, "version": version, "kind": kind },
            "resource": { "group": group, "version": version, "resource": kind.to_lowercase() + "s" },
            "name": object["metadata"]["name"],
            "namespace": "production",
            "operation": operation,
            "userInfo": { "username": "admin" },
            "object": object,
            "oldObject": old,
            "dryRun": false,
        },
    })
}

/// A pod with these annotations, next to `enabled`, `app-id` and what else production asks for. What the webhook adds
/// itself is not there.
pub fn pod(annotations: Value) -> Value {
    let mut all = json!({
        "dapr.io/enabled": "true", "dapr.io/app-id": "order", "dapr.io/log-as-json": "true",
        "dapr.io/api-token-secret": "dapr-api-token", "dapr.io/app-token-secret": "app-api-token",
    });
    for (key, value) in annotations.as_object().unwrap() {
        all[key] = value.clone();
    }
    json!({
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": { "name": "order", "labels": { "app": "order" }, "annotations": all },
        "spec": {
            "containers": [app()],
            "terminationGracePeriodSeconds": 30,
            "serviceAccountName": "order",
            "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } },
        },
    })
}

/// The container of that pod.
fn app() -> Value {
    let probe = |path: &str| json!({ "httpGet": { "path": path, "port": 8080 } });
    json!({
        "name": "app",
        "image": "r/order:v1",
        "env": [{ "name": "DAPR_API_TOKEN", "valueFrom": { "secretKeyRef": { "name": "dapr-api-token", "key": "token" } } }],
        "resources": { "requests": { "cpu": "200m", "memory": "256Mi" }, "limits": { "memory": "512Mi" } },
        "readinessProbe": probe("/healthz/ready"),
        "livenessProbe": probe("/healthz/live"),
    })
}

/// The same pod, made by a controller.
pub fn owned(mut pod: Value, api_version: &str, kind: &str) -> Value {
    pod["metadata"].as_object_mut().unwrap().remove("name");
    pod["metadata"]["generateName"] = json!("order-5447c47766-");
    pod["metadata"]["ownerReferences"] = json!([
        { "apiVersion": "v1", "kind": "Friend", "name": "x", "uid": "1" },
        { "apiVersion": api_version, "kind": kind, "name": "order-5447c47766", "uid": "2", "controller": true },
    ]);
    pod
}

/// A workload with that pod for a template.
pub fn workload(kind: &str, pod: &Value) -> Value {
    let (group, version) = group_version(kind);
    let template = json!({ "metadata": { "annotations": pod["metadata"]["annotations"] }, "spec": pod["spec"] });
    let spec = match kind {
        "CronJob" => json!({ "schedule": "* * * * *", "jobTemplate": { "spec": { "template": template } } }),
        _ => json!({ "replicas": 3, "template": template }),
    };
    json!({ "kind": kind, "apiVersion": format!("{group}/{version}"), "metadata": { "name": "order" }, "spec": spec })
}

/// Creates `object` at an endpoint.
pub fn create(object: &Value, endpoint: Endpoint, engine: &Engine) -> Reply {
    send(request("CREATE", object, &Value::Null).to_string().as_bytes(), endpoint, engine).unwrap()
}

/// Updates `old` to `object` at an endpoint.
pub fn update(old: &Value, object: &Value, endpoint: Endpoint, engine: &Engine) -> Reply {
    send(request("UPDATE", object, old).to_string().as_bytes(), endpoint, engine).unwrap()
}

/// A Dapr resource with that spec, scoped.
pub fn dapr_resource(kind: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "dapr.io/v1alpha1", "kind": kind, "metadata": { "name": "store", "namespace": "production" },
        "spec": spec, "scopes": ["order"],
    })
}

/// What the rules did with an object in an enforcing namespace, without the four mutations and the missing sidecar, which
/// every pod of [`pod`] has.
pub fn found_by(engine: &Engine, object: &Value) -> Vec<String> {
    let usual = ["sidecar-resources:", "sidecar-gomemlimit:", "topology-spread:", "sidecar-missing:"];
    let mut rules = create(object, ENFORCE, engine).rules;
    rules.retain(|rule| !usual.iter().any(|usual| rule.starts_with(usual)));
    rules
}

/// The same under the built-in policy.
pub fn found(object: &Value) -> Vec<String> {
    found_by(&super::engine(), object)
}

/// The pod as Dapr's injector leaves it.
pub fn with_daprd(mut pod: Value, daprd: Value) -> Value {
    pod["metadata"]["labels"]["dapr.io/sidecar-injected"] = json!("true");
    pod["spec"]["containers"].as_array_mut().unwrap().push(daprd);
    pod
}
