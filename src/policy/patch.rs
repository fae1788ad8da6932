//! From edits to a JSON patch (RFC 6902), computed from the view and written without building any document.

use serde_json::Value;

use super::finding::Edit;
use super::subject::PodSubject;
use crate::dapr::pod::{Container, Pod};
use crate::json;

/// The patch that makes `edits`, as JSON, parents first. Of two edits at the same place the first counts.
#[must_use]
pub fn patch<'e>(subject: &PodSubject<'_>, edits: impl IntoIterator<Item = &'e Edit>) -> Vec<u8> {
    let mut patch = Vec::with_capacity(2048);
    let mut there: Vec<&str> = Vec::with_capacity(16);
    for edit in edits {
        let at = edit.at();
        if there.contains(&at) {
            continue;
        }
        for parent in parents(at, &there) {
            if !has(subject.pod, &parent[subject.base.len().min(parent.len())..]) {
                operation(&mut patch, "add", parent, |patch| patch.extend_from_slice(b"{}"));
            }
            there.push(parent);
        }
        match edit {
            Edit::Add { value, .. } => operation(&mut patch, "add", at, |patch| write(patch, value)),
            Edit::Replace { value, .. } => operation(&mut patch, "replace", at, |patch| write(patch, value)),
            Edit::AppendEntry { list, .. } => operation(&mut patch, "replace", at, |patch| json::quote(patch, list)),
        }
        if !at.ends_with("/-") {
            there.push(at);
        }
    }
    if patch.is_empty() {
        patch.push(b'[');
    }
    patch.push(b']');
    patch
}

/// The objects and lists that a place is in, the outermost first, without those that are known.
fn parents<'e>(at: &'e str, known: &[&str]) -> Vec<&'e str> {
    let is_new = |parent: &&str| !parent.is_empty() && !known.contains(parent);
    let above = |at: &&'e str| at.rsplit_once('/').map(|(parent, _)| parent);
    let mut parents: Vec<_> = std::iter::successors(above(&at), above).take_while(is_new).collect();
    parents.reverse();
    parents
}

/// Writes one operation behind those that are there.
fn operation(patch: &mut Vec<u8>, operation: &str, path: &str, value: impl FnOnce(&mut Vec<u8>)) {
    patch.push(if patch.is_empty() { b'[' } else { b',' });
    patch.extend_from_slice(br#"{"op":""#);
    patch.extend_from_slice(operation.as_bytes());
    patch.extend_from_slice(br#"","path":"#);
    json::quote(patch, path);
    patch.extend_from_slice(br#","value":"#);
    value(patch);
    patch.push(b'}');
}

fn write(patch: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => json::quote(patch, text),
        value => json::write(patch, value),
    }
}

/// Whether an object that edits go into is there. A `null` counts as missing, as it does for the API server.
fn has(pod: &Pod<'_>, path: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    let segments: [Option<&str>; 5] = std::array::from_fn(|_| segments.next());
    match segments {
        [Some("metadata"), Some("labels"), ..] => pod.metadata.labels.is_some(),
        [Some("metadata"), Some("annotations"), ..] => pod.metadata.annotations.is_some(),
        [Some("spec"), Some("securityContext"), None, ..] => pod.spec.security_context.is_some(),
        [Some("spec"), Some(list), Some(index), Some("resources"), bound] => {
            let resources = container(pod, list, index).and_then(|container| container.resources.as_ref());
            resources.is_some_and(|resources| match bound {
                None => true,
                Some("requests") => resources.requests.is_some(),
                Some(_) => resources.limits.is_some(),
            })
        }
        _ => true,
    }
}

fn container<'p>(pod: &'p Pod<'p>, list: &str, index: &str) -> Option<&'p Container<'p>> {
    let containers = match list {
        "containers" => &pod.spec.containers,
        _ => &pod.spec.init_containers,
    };
    containers.get(index.parse::<usize>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Phase, Policy};
    use serde_json::json;

    fn patched(document: &Value, edits: &[Edit]) -> Value {
        let text = document.to_string();
        let pod: Pod<'_> = serde_json::from_str(&text).unwrap();
        let policy = Policy::default();
        let subject = PodSubject::pod(&pod, Phase::Incoming, &policy);
        let mut after = document.clone();
        let patch: json_patch::Patch = serde_json::from_slice(&patch(&subject, edits)).unwrap();
        json_patch::patch(&mut after, &patch).unwrap();
        after
    }

    fn add(at: &str, value: Value) -> Edit {
        Edit::Add { at: at.to_owned(), value }
    }

    #[test]
    fn missing_parents_are_made_once_and_present_ones_are_kept() {
        let pod = json!({ "spec": { "containers": [{ "name": "a" }, { "name": "b", "resources": { "limits": { "x": 1 } } }] } });
        let edits = [
            add("/metadata/labels/a", json!("1")),
            add("/metadata/labels/b", json!("2")),
            add("/spec/containers/0/resources/limits/cpu", json!("1")),
            add("/spec/containers/1/resources/limits/cpu", json!("2")),
            add("/spec/containers/1/resources/requests/cpu", json!("2")),
        ];
        let mut with_metadata = pod.clone();
        with_metadata["metadata"] = json!({});
        let after = patched(&with_metadata, &edits);
        assert_eq!(after["metadata"], json!({ "labels": { "a": "1", "b": "2" } }));
        assert_eq!(after["spec"]["containers"][0]["resources"], json!({ "limits": { "cpu": "1" } }));
        assert_eq!(
            after["spec"]["containers"][1]["resources"],
            json!({ "limits": { "x": 1, "cpu": "2" }, "requests": { "cpu": "2" } })
        );
    }

    #[test]
    fn a_null_parent_is_made_into_an_object() {
        let pod = json!({ "metadata": { "labels": null, "annotations": null }, "spec": { "containers": [{ "resources": null }] } });
        let edits = [
            add("/metadata/labels/a", json!("1")),
            add("/metadata/annotations/a", json!("1")),
            add("/spec/containers/0/resources/requests/cpu", json!("1")),
        ];
        let after = patched(&pod, &edits);
        assert_eq!(after["metadata"], json!({ "labels": { "a": "1" }, "annotations": { "a": "1" } }));
        assert_eq!(after["spec"]["containers"][0]["resources"], json!({ "requests": { "cpu": "1" } }));
    }

    #[test]
    fn of_two_edits_at_one_place_the_first_counts_and_appends_all_count() {
        let pod = json!({ "metadata": {}, "spec": { "containers": [], "list": [] } });
        let edits = [
            add("/metadata/name", json!("first")),
            add("/metadata/name", json!("second")),
            add("/spec/list/-", json!(1)),
            add("/spec/list/-", json!(2)),
        ];
        let after = patched(&pod, &edits);
        assert_eq!((&after["metadata"]["name"], &after["spec"]["list"]), (&json!("first"), &json!([1, 2])));
    }
}
