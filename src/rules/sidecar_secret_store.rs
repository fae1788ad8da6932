//! A sidecar without a service account's token does not ask Kubernetes for secrets.

use serde_json::json;

use crate::dapr::keys;
use crate::policy::{Check, Edit, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-secret-store",
    title: "A pod without a service account's token has no Kubernetes secret store",
    source: Source::Dapr("pkg/runtime/runtime.go: appendBuiltinSecretStore"),
    why: "daprd makes itself a secret store that reads Kubernetes' API, and for that it wants the service account's \
          token. Where the pod mounts none, the store cannot be made, and daprd exits.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {automountServiceAccountToken: false, containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/disable-builtin-k8s-secret-store: "true"}},
        spec: {automountServiceAccountToken: false, containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let unmounted = subject.pod.spec.automount_service_account_token == Some(false);
    if !unmounted || subject.asked().is_none_or(|sidecar| sidecar.is_on(keys::DISABLE_SECRET_STORE)) {
        return Vec::new();
    }
    let at = subject.at_annotation(keys::DISABLE_SECRET_STORE);
    let finding = Finding::new(
        at.clone(),
        "the pod has no service account's token, and daprd still makes a Kubernetes secret store",
        "daprd cannot make it without the token, and exits",
        "write \"true\", or mount the token where a Component needs Kubernetes' API",
    );
    let value = json!("true");
    let edit = match subject.pod.annotation(keys::DISABLE_SECRET_STORE) {
        None => Edit::Add { at, value },
        Some(_) => Edit::Replace { at, value },
    };
    vec![finding.suggested(vec![edit])]
}
