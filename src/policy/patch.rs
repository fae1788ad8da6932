//! From edits to a JSON patch (RFC 6902), computed from the view without building the document.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, ReplaceOperation};
use serde_json::Value;

use super::finding::Edit;
use super::subject::PodSubject;
use crate::dapr::pod::{Container, Pod};

/// The patch that makes `edits`, parents first. Of two edits at the same place the first counts.
#[must_use]
pub fn patch<'e>(subject: &PodSubject<'_>, edits: impl IntoIterator<Item = &'e Edit>) -> Patch {
    let mut operations = Vec::new();
    let mut there: Vec<&str> = Vec::new();
    for edit in edits {
        let at = edit.at();
        if there.contains(&at) {
            continue;
        }
        for (end, _) in at.match_indices('/').skip(1) {
            let parent = &at[..end];
            if there.contains(&parent) {
                continue;
            }
            if !has(subject.pod, &parent[subject.base.len().min(end)..]) {
                operations.push(add(parent, Value::Object(serde_json::Map::new())));
            }
            there.push(parent);
        }
        operations.push(operation(edit));
        if !at.ends_with("/-") {
            there.push(at);
        }
    }
    Patch(operations)
}

fn operation(edit: &Edit) -> PatchOperation {
    match edit {
        Edit::Add { at, value } => add(at, value.clone()),
        Edit::AppendEntry { at, list } => replace(at, Value::String(list.clone())),
        Edit::Replace { at, value } => replace(at, value.clone()),
    }
}

fn add(at: &str, value: Value) -> PatchOperation {
    PatchOperation::Add(AddOperation { path: pointer(at), value })
}

fn replace(at: &str, value: Value) -> PatchOperation {
    PatchOperation::Replace(ReplaceOperation { path: pointer(at), value })
}

fn pointer(at: &str) -> PointerBuf {
    PointerBuf::parse(at.to_owned()).expect("rules build pointers from escaped segments, each after a slash")
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
        json_patch::patch(&mut after, &patch(&subject, edits)).unwrap();
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
