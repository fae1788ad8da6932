//! What the bench registers: one way to mend pods for each namespace.

use serde_json::{Value, json};

use super::client;

#[path = "../../../benches/support/mod.rs"]
mod support;

/// The reference's order-service, without the sidecar's resources, GOMEMLIMIT and the constraint: seven edits.
pub fn pod(namespace: &str) -> Value {
    let review: Value = serde_json::from_str(&support::wanting()).unwrap();
    let mut pod = review["request"]["object"].clone();
    pod["metadata"]["namespace"] = json!(namespace);
    pod["metadata"].as_object_mut().unwrap().remove("managedFields");
    pod["spec"].as_object_mut().unwrap().remove("topologySpreadConstraints");
    for name in ["serviceAccountName", "serviceAccount"] {
        pod["spec"][name] = json!("default");
    }
    pod
}

/// All of them; the ports are those of the floor, of our server and of Dapr's injector.
pub fn registrations((floor, ours, dapr): (u16, u16, u16), authority: &str) -> String {
    let mutating = |name: &str, port: u16, path: &str| {
        configuration("MutatingWebhookConfiguration", name, webhook(name, name, port, path, authority))
    };
    let validating = webhook("both", "both", ours, "/validate/enforce", authority);
    let documents = [
        mutating("floor", floor, "/mutate/enforce"),
        mutating("mutating", ours, "/mutate/enforce"),
        mutating("both", ours, "/mutate/enforce"),
        configuration("ValidatingWebhookConfiguration", "both", validating),
        mutating("dapr", dapr, "/mutate"),
        policy(),
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingAdmissionPolicyBinding",
            "metadata": { "name": "policy.bench.dapr-preflight.io" },
            "spec": { "policyName": "policy.bench.dapr-preflight.io", "matchResources": { "namespaceSelector": selector("policy") } },
        }),
    ];
    documents.map(|document| document.to_string()).join("\n---\n")
}

fn configuration(kind: &str, name: &str, webhook: Value) -> Value {
    let metadata = json!({ "name": format!("bench-{name}") });
    json!({ "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": metadata, "webhooks": [webhook] })
}

fn selector(name: &str) -> Value {
    json!({ "matchLabels": { "bench": name } })
}

fn webhook(name: &str, namespace: &str, port: u16, path: &str, authority: &str) -> Value {
    json!({
        "name": format!("{name}.bench.dapr-preflight.io"),
        "clientConfig": client(port, path, authority),
        "namespaceSelector": selector(namespace),
        "rules": [{ "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"] }],
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    })
}

/// The same edits in CEL, each only where nothing is written, as the webhook makes them.
fn policy() -> Value {
    let annotations = [
        ("env", "GOMEMLIMIT=230MiB"),
        ("sidecar-cpu-request", "100m"),
        ("sidecar-cpu-limit", "300m"),
        ("sidecar-memory-request", "128Mi"),
        ("sidecar-memory-limit", "256Mi"),
    ];
    let missing = |(key, value): (&str, &str)| {
        format!(
            "('dapr.io/{key}' in object.metadata.annotations ? [] : [JSONPatch{{op: 'add', \
             path: '/metadata/annotations/' + jsonpatch.escapeKey('dapr.io/{key}'), value: '{value}'}}])"
        )
    };
    let annotations = annotations.map(missing).join(" + ");
    let spread = "(has(object.spec.topologySpreadConstraints) ? [] : [\
        JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('dapr.io/app-id'), \
          value: object.metadata.annotations['dapr.io/app-id']}, \
        JSONPatch{op: 'add', path: '/spec/topologySpreadConstraints', value: [{\
          'maxSkew': dyn(1), 'topologyKey': dyn('kubernetes.io/hostname'), 'whenUnsatisfiable': dyn('ScheduleAnyway'), \
          'nodeTaintsPolicy': dyn('Honor'), 'matchLabelKeys': dyn(['pod-template-hash']), 'labelSelector': dyn({\
            'matchLabels': {'dapr.io/app-id': object.metadata.annotations['dapr.io/app-id']}})}]}])";
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingAdmissionPolicy",
        "metadata": { "name": "policy.bench.dapr-preflight.io" },
        "spec": {
            "failurePolicy": "Fail",
            "reinvocationPolicy": "Never",
            "matchConstraints": { "resourceRules": [
                { "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"] },
            ] },
            "matchConditions": [{ "name": "asks-for-dapr", "expression":
                "has(object.metadata.annotations) && 'dapr.io/enabled' in object.metadata.annotations" }],
            "mutations": [{ "patchType": "JSONPatch", "jsonPatch": { "expression": format!("{annotations} + {spread}") } }],
        },
    })
}
