//! Lets go of what no rule on an inventory reads: a cluster has tens of thousands of objects, and secrets among them.

use super::kind::Kind;
use crate::dapr::control_plane::SIDECAR_IMAGE;
use crate::json::{Map, Value};

/// What is kept of an object's metadata.
const METADATA: &[&str] = &["name", "namespace", "labels", "annotations", "ownerReferences"];
/// What is kept of a container in a template.
const CONTAINER: &[&str] = &["name", "image", "args", "env", "resources"];
/// What is kept of a container of a pod, of which there are many more.
const RUNNING: &[&str] = &["name", "image"];
/// What is kept of a pod or a pod template.
const POD: &[&str] = &["containers", "initContainers", "nodeName", "affinity", "topologySpreadConstraints"];

/// Cuts an object down to what is read of its kind.
pub(super) fn slim(value: &mut Value, kind: &str, with_pods: Option<Kind>) {
    let Some(object) = value.as_object_mut() else { return };
    if kind != "PodDisruptionBudget" {
        object.retain(|key, _| key != "status");
    }
    if kind == "Node" {
        object.retain(|key, _| key != "spec");
    }
    keep(object.get_mut("metadata"), METADATA);
    if let Some(annotations) = object.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations")) {
        retain(annotations, |key| key.contains("dapr"));
    }
    for field in ["data", "stringData"].iter().filter(|_| kind == "Secret") {
        let keys = object.get_mut(field).and_then(Value::as_object_mut);
        keys.into_iter().flat_map(Map::values_mut).for_each(|value| *value = Value::Null);
    }
    let kept = if kind == "Pod" { RUNNING } else { CONTAINER };
    if let Some(template) = with_pods.and_then(|kind| value.pointer_mut(kind.base())) {
        pod(template, kept);
    }
}

fn pod(template: &mut Value, kept: &[&str]) {
    keep(template.get_mut("metadata"), METADATA);
    let Some(spec) = template.get_mut("spec") else { return };
    keep(Some(spec), POD);
    for list in ["containers", "initContainers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            keep(Some(container), kept);
            // Variables hold passwords; one of the injector's tells the version of the sidecars.
            if let Some(env) = container.get_mut("env").and_then(Value::as_array_mut) {
                let image = std::mem::take(env).into_iter().filter(|variable| variable["name"] == SIDECAR_IMAGE);
                *env = image.collect();
            }
        }
    }
}

fn keep(value: Option<&mut Value>, fields: &[&str]) {
    if let Some(value) = value {
        retain(value, |key| fields.contains(&key));
    }
}

fn retain(value: &mut Value, wanted: impl Fn(&str) -> bool) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, _| wanted(key));
    }
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    #[test]
    fn of_a_workload_no_status_no_variable_and_no_foreign_annotation_is_kept() {
        let mut deployment = json!({
            "metadata": { "name": "order", "uid": "u", "annotations": { "kubectl.kubernetes.io/x": "{}", "dapr.io/a": "b" } },
            "spec": { "replicas": 3, "template": { "spec": { "volumes": [], "containers": [
                { "name": "app", "livenessProbe": {}, "env": [{ "name": "PASSWORD", "value": "p" }] },
            ] } } },
            "status": { "replicas": 3 },
        });
        slim(&mut deployment, "Deployment", Some(Kind::Deployment));
        let container = json!({ "name": "app", "env": [] });
        let kept = json!({
            "metadata": { "name": "order", "annotations": { "dapr.io/a": "b" } },
            "spec": { "replicas": 3, "template": { "spec": { "containers": [container] } } },
        });
        assert_eq!(deployment, kept);
    }
}
