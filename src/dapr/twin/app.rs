//! What the app's own containers get (`pkg/injector/patcher/patch.go`): only what they do not have.

use serde_json::{Value, json};

use super::values::Values;
use super::{entries, environment, list, volumes};
use crate::dapr::keys;

/// Adds variables and mounts to the containers that the pod had before.
pub(super) fn add_to_containers(pod: &mut Value, before: &Value, values: &Values<'_>) {
    let variables = variables(values);
    let mount = volumes::app_mount(values);
    for index in 0..entries(&before["spec"], "containers").len() {
        let container = &mut pod["spec"]["containers"][index];
        if volumes::is_component(container, values) {
            let (variable, mount) = volumes::component_gets(values);
            add_variables(container, &[variable]);
            add_mount(container, &mount);
        } else {
            add_variables(container, &variables);
            mount.iter().for_each(|mount| add_mount(container, mount));
        }
    }
}

fn variables(values: &Values<'_>) -> Vec<Value> {
    let mut variables = vec![
        environment::variable("DAPR_HTTP_PORT", "3500"),
        environment::variable("DAPR_GRPC_PORT", &values.number32(keys::GRPC_PORT).to_string()),
    ];
    if let Some(protocol) = protocol(values) {
        variables.push(environment::variable("APP_PROTOCOL", &protocol));
    }
    variables
}

/// The protocol as the app is told it (`sidecar_container.go: GetAppProtocol`); `None` for one that Dapr does not know.
fn protocol(values: &Values<'_>) -> Option<String> {
    let protocol = values.text("dapr.io/app-protocol").to_lowercase();
    let secure = values.is_on("dapr.io/app-ssl");
    match protocol.as_str() {
        "grpcs" | "https" | "h2c" => Some(protocol),
        "http" | "grpc" if secure => Some(format!("{protocol}s")),
        "http" | "grpc" => Some(protocol),
        "" => Some("http".to_owned()),
        _ => None,
    }
}

fn add_variables(container: &mut Value, variables: &[Value]) {
    let env = list(container, "env");
    let taken: Vec<_> = env.iter().map(|variable| variable["name"].clone()).collect();
    env.extend(variables.iter().filter(|variable| !taken.contains(&variable["name"])).cloned());
}

/// A path or a volume that is mounted already stays as it is.
fn add_mount(container: &mut Value, mount: &Value) {
    let mounts = list(container, "volumeMounts");
    let taken = |other: &Value| ["mountPath", "name"].iter().any(|field| other[field] == mount[field]);
    if !mounts.iter().any(taken) {
        mounts.push(json!(mount));
    }
}
