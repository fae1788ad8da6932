//! Volumes of the pod, and where the sidecar mounts them (`pkg/injector/patcher/sidecar_volumes.go`,
//! `sidecar_components.go`).

use serde_json::{Value, json};

use super::arguments::SOCKETS;
use super::environment::{COMPONENT_SOCKETS, variable};
use super::values::Values;
use super::{entries, list};

const SOCKET_VOLUME: &str = "dapr-unix-domain-socket";
const TOKEN_VOLUME: &str = "dapr-identity-token";
const COMPONENTS_VOLUME: &str = "dapr-components-unix-domain-socket";

/// The path of the app's socket folder, if it wants one.
fn app_sockets<'p>(values: &Values<'p>) -> Option<&'p str> {
    values.filled("dapr.io/unix-domain-socket-path")
}

/// The folder of the sockets of pluggable components.
pub(super) fn sockets_folder<'p>(values: &Values<'p>) -> &'p str {
    values.filled("dapr.io/pluggable-components-sockets-folder").unwrap_or("/tmp/dapr-components-sockets")
}

/// Whether a container is named as a pluggable component. Names are compared with their blanks.
pub(super) fn is_component(container: &Value, values: &Values<'_>) -> bool {
    let name = container["name"].as_str().unwrap_or_default();
    values.text("dapr.io/pluggable-components").split(',').any(|component| component == name)
}

/// Whether the pod has pluggable components.
pub(super) fn has_components(pod: &Value, values: &Values<'_>) -> bool {
    entries(&pod["spec"], "containers").iter().any(|container| is_component(container, values))
}

/// Adds the volumes that the sidecar needs, but none whose name is taken.
pub(super) fn add(pod: &mut Value, values: &Values<'_>) {
    let socket = app_sockets(values).map(|_| json!({ "name": SOCKET_VOLUME, "emptyDir": { "medium": "Memory" } }));
    let settings = values.settings;
    let token = settings.token_volume.then(|| {
        let sentry = format!("spiffe://{}/ns/{}/dapr-sentry", settings.trust_domain, settings.control_plane_namespace);
        let source = json!({ "audience": sentry, "expirationSeconds": 7200, "path": "token" });
        let projected = json!({ "defaultMode": 420, "sources": [{ "serviceAccountToken": source }] });
        json!({ "name": TOKEN_VOLUME, "projected": projected })
    });
    let wanted: Vec<_> = [socket, token].into_iter().flatten().collect();
    if wanted.is_empty() {
        return;
    }
    let volumes = list(&mut pod["spec"], "volumes");
    let taken: Vec<_> = volumes.iter().map(|volume| volume["name"].clone()).collect();
    volumes.extend(wanted.into_iter().filter(|volume| !taken.contains(&volume["name"])));
}

/// Adds the volume of pluggable components: to a pod that had none it becomes the only one, whatever was added before.
pub(super) fn add_sockets(pod: &mut Value, before: &Value) {
    let volume = json!({ "name": COMPONENTS_VOLUME, "emptyDir": {} });
    if entries(&before["spec"], "volumes").is_empty() {
        pod["spec"]["volumes"] = json!([volume]);
    } else {
        list(&mut pod["spec"], "volumes").push(volume);
    }
}

/// The sidecar's own mounts.
pub(super) fn mounts(pod: &Value, values: &Values<'_>, components: bool) -> Vec<Value> {
    let mut mounts = Vec::new();
    for (key, read_only) in [("dapr.io/volume-mounts", true), ("dapr.io/volume-mounts-rw", false)] {
        let asked = values.text(key).split(',').filter_map(|part| part.trim().split_once(':'));
        for (name, path) in asked.filter(|(_, path)| !path.contains(':')) {
            if entries(&pod["spec"], "volumes").iter().any(|volume| volume["name"] == name) {
                mounts.push(mount(name, path, read_only));
            }
        }
    }
    mounts.extend(app_sockets(values).map(|_| mount(SOCKET_VOLUME, SOCKETS, false)));
    if values.settings.token_volume {
        mounts.push(mount(TOKEN_VOLUME, "/var/run/secrets/dapr.io/sentrytoken", true));
    }
    if components {
        mounts.push(mount(COMPONENTS_VOLUME, sockets_folder(values), false));
    }
    mounts
}

/// What an app's container mounts.
pub(super) fn app_mount(values: &Values<'_>) -> Option<Value> {
    app_sockets(values).map(|path| mount(SOCKET_VOLUME, path, false))
}

/// What a pluggable component's container gets: a variable and a mount.
pub(super) fn component_gets(values: &Values<'_>) -> (Value, Value) {
    let folder = sockets_folder(values);
    (variable(COMPONENT_SOCKETS, folder), mount(COMPONENTS_VOLUME, folder, false))
}

fn mount(name: &str, path: &str, read_only: bool) -> Value {
    let mut mount = json!({ "name": name, "mountPath": path });
    if read_only {
        mount["readOnly"] = json!(true);
    }
    mount
}
