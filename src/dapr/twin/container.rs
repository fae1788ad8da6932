//! The container `daprd`.

use serde_json::{Map, Value, json};

use super::values::Values;
use super::{arguments, environment, volumes};
use crate::dapr::injection::Sidecar;
use crate::dapr::keys;
use crate::dapr::pod::SIDECAR_CONTAINER;
use crate::dapr::version::Version;

/// The container; `components`: whether the pod has pluggable ones.
pub(super) fn daprd(pod: &Value, sidecar: &Sidecar<'_>, values: &Values<'_>, components: bool) -> Value {
    let env = environment::environment(sidecar, values, components.then(|| volumes::sockets_folder(values)));
    let mut container = json!({
        "name": SIDECAR_CONTAINER,
        "image": values.given("dapr.io/sidecar-image").unwrap_or(&values.settings.image),
        "imagePullPolicy": values.settings.image_pull_policy,
        "args": arguments::arguments(values, sidecar.app_id()),
        "ports": ports(values),
        "resources": resources(sidecar, values),
        "livenessProbe": probe(values, "liveness"),
        "readinessProbe": probe(values, "readiness"),
        "securityContext": security_context(values, &env),
        "env": env,
    });
    if container["image"] == "" {
        container.as_object_mut().map(|fields| fields.remove("image"));
    }
    let mounts = volumes::mounts(pod, values, components);
    if !mounts.is_empty() {
        container["volumeMounts"] = json!(mounts);
    }
    if values.native() {
        container["restartPolicy"] = json!("Always");
    }
    container
}

fn ports(values: &Values<'_>) -> Vec<Value> {
    let port = |name: &str, number: i32| json!({ "name": name, "containerPort": number });
    let mut ports = vec![
        port("dapr-http", 3500),
        port("dapr-grpc", values.number32(keys::GRPC_PORT)),
        port("dapr-internal", values.number32(keys::INTERNAL_GRPC_PORT)),
        port("dapr-metrics", values.number32(keys::METRICS_PORT)),
    ];
    if values.is_on(keys::ENABLE_DEBUG) {
        ports.push(port("dapr-debug", values.number32(keys::DEBUG_PORT)));
    }
    ports
}

/// As written: the API server puts quantities into their shortest form.
fn resources(sidecar: &Sidecar<'_>, values: &Values<'_>) -> Value {
    let mut resources = json!({});
    if sidecar.resources().is_ok() {
        for (list, name, key) in [
            ("requests", "cpu", keys::CPU_REQUEST),
            ("limits", "cpu", keys::CPU_LIMIT),
            ("requests", "memory", keys::MEMORY_REQUEST),
            ("limits", "memory", keys::MEMORY_LIMIT),
        ] {
            if let Some(quantity) = values.filled(key) {
                resources[list][name] = json!(quantity);
            }
        }
    }
    resources
}

fn probe(values: &Values<'_>, name: &str) -> Value {
    // Since 1.16 liveness asks only whether somebody listens.
    let mut probe = match name {
        "liveness" if values.version >= Version::new(1, 16, 0) => json!({ "tcpSocket": { "port": 3501 } }),
        _ => json!({ "httpGet": { "path": "/v1.0/healthz", "port": 3501 } }),
    };
    for (field, key) in [
        ("initialDelaySeconds", "delay-seconds"),
        ("timeoutSeconds", "timeout-seconds"),
        ("periodSeconds", "period-seconds"),
        ("failureThreshold", "threshold"),
    ] {
        let number = values.number32(&format!("dapr.io/sidecar-{name}-probe-{key}"));
        // Kubernetes does not write a zero.
        if number != 0 {
            probe[field] = json!(number);
        }
    }
    probe
}

fn security_context(values: &Values<'_>, env: &[Value]) -> Value {
    let settings = values.settings;
    // Windows needs an administrator who can write to install certificates, and Dapr cannot know where a pod will run.
    let windows = env.iter().any(|variable| variable["name"] == "SSL_CERT_DIR");
    let mut context = Map::new();
    let mut set = |name: &str, value: Value| context.insert(name.to_owned(), value);
    set("allowPrivilegeEscalation", json!(false));
    set("runAsNonRoot", json!(settings.run_as_non_root && !windows));
    set("readOnlyRootFilesystem", json!(settings.read_only_root_filesystem && !windows));
    for (name, id) in [("runAsUser", settings.run_as_user), ("runAsGroup", settings.run_as_group)] {
        if let Some(id) = id.filter(|_| !windows) {
            set(name, json!(id));
        }
    }
    if let Some(profile) = values.filled("dapr.io/sidecar-seccomp-profile-type") {
        set("seccompProfile", json!({ "type": profile }));
    }
    if settings.drop_all_capabilities {
        set("capabilities", json!({ "drop": ["ALL"] }));
    }
    if windows {
        set("windowsOptions", json!({ "runAsUserName": "ContainerAdministrator" }));
    }
    Value::Object(context)
}
