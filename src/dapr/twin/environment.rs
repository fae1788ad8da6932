//! The sidecar's environment, in Dapr's order.

use serde_json::{Value, json};

use super::values::Values;
use crate::dapr::injection::Sidecar;
use crate::dapr::version::Version;

/// The folder of the sockets of pluggable components, in the sidecar and in their containers.
pub(super) const COMPONENT_SOCKETS: &str = "DAPR_COMPONENT_SOCKETS_FOLDER";

/// Up to 1.16 the schedulers' addresses are variables, since then a flag.
pub(super) fn has_schedulers(version: Version) -> bool {
    version < Version::new(1, 17, 0)
}

/// All variables; the folder is that of pluggable components, if there are any.
pub(super) fn environment(sidecar: &Sidecar<'_>, values: &Values<'_>, component_sockets: Option<&str>) -> Vec<Value> {
    let mut env = own(values);
    if has_schedulers(values.version) {
        schedulers(&mut env, values);
    }
    env.extend(sidecar.env().map(|entry| variable(entry.name, entry.value)));
    for entry in sidecar.secret_env() {
        if let Some(secret) = entry.secret_key() {
            env.push(from_secret(entry.name, secret.secret, secret.key));
        }
    }
    let keys: Vec<_> = sidecar.env_keys().collect();
    if !keys.is_empty() {
        env.push(variable("DAPR_ENV_KEYS", &keys.join(" ")));
    }
    env.extend(component_sockets.map(|folder| variable(COMPONENT_SOCKETS, folder)));
    for (name, key) in [("DAPR_API_TOKEN", "dapr.io/api-token-secret"), ("APP_API_TOKEN", "dapr.io/app-token-secret")] {
        env.extend(values.filled(key).map(|secret| from_secret(name, secret, "token")));
    }
    env
}

fn own(values: &Values<'_>) -> Vec<Value> {
    let settings = values.settings;
    let mut env = vec![
        variable("NAMESPACE", &settings.namespace),
        variable("DAPR_TRUST_ANCHORS", &settings.trust_anchors),
        from_field("POD_NAME", "metadata.name"),
        variable("DAPR_CONTROLPLANE_NAMESPACE", &settings.control_plane_namespace),
        variable("DAPR_CONTROLPLANE_TRUST_DOMAIN", &settings.trust_domain),
    ];
    if settings.downward_apis {
        env.push(from_field("DAPR_HOST_IP", "status.podIP"));
    }
    env
}

fn schedulers(env: &mut Vec<Value>, values: &Values<'_>) {
    let (all, any) = values.settings.schedulers();
    let addresses = values.address("dapr.io/scheduler-host-address").unwrap_or(&all);
    if !addresses.trim().is_empty() {
        env.push(variable("DAPR_SCHEDULER_HOST_ADDRESS", addresses));
        env.push(variable("DAPR_SCHEDULER_HOST_ADDRESS_DNS_A", &any));
    }
}

/// A variable as Kubernetes writes it: an empty value is left out.
pub(super) fn variable(name: &str, value: &str) -> Value {
    match value {
        "" => json!({ "name": name }),
        _ => json!({ "name": name, "value": value }),
    }
}

fn from_field(name: &str, path: &str) -> Value {
    json!({ "name": name, "valueFrom": { "fieldRef": { "fieldPath": path } } })
}

fn from_secret(name: &str, secret: &str, key: &str) -> Value {
    let mut reference = json!({ "key": key });
    if !secret.is_empty() {
        reference["name"] = json!(secret);
    }
    json!({ "name": name, "valueFrom": { "secretKeyRef": reference } })
}
