//! Places in an object: JSON pointers for machines, Kubernetes field paths for people.

use std::borrow::Cow;

use serde_json::Value;

/// What is at a JSON pointer, as [`Value::pointer`] has it, which allocates twice for every segment: rules ask often.
#[must_use]
pub fn at<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    let Some(path) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(value) };
    path.split('/').try_fold(value, |at, segment| match at {
        Value::Object(map) => map.get(&*unescape(segment)),
        Value::Array(list) => list.get(index(segment)?),
        _ => None,
    })
}

/// A number of RFC 6901: neither signed nor with a zero before it.
fn index(segment: &str) -> Option<usize> {
    let plain = !segment.starts_with('+') && (segment.len() == 1 || !segment.starts_with('0'));
    segment.parse().ok().filter(|_| plain)
}

/// What a segment of a JSON pointer says.
#[must_use]
pub fn unescape(segment: &str) -> Cow<'_, str> {
    match segment.contains('~') {
        true => Cow::Owned(segment.replace("~1", "/").replace("~0", "~")),
        false => Cow::Borrowed(segment),
    }
}

/// Escapes one segment of a JSON pointer (RFC 6901).
#[must_use]
pub fn escape(segment: &str) -> String {
    let mut escaped = String::with_capacity(segment.len() + 2);
    escape_into(&mut escaped, segment);
    escaped
}

/// The same, behind what is there already.
pub(super) fn escape_into(pointer: &mut String, segment: &str) {
    let mut rest = segment;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'~' | b'/')) {
        pointer.push_str(&rest[..at]);
        pointer.push_str(if rest.as_bytes()[at] == b'~' { "~0" } else { "~1" });
        rest = &rest[at + 1..];
    }
    pointer.push_str(rest);
}

/// The field path that Kubernetes itself would print: `/metadata/annotations/dapr.io~1env` is
/// `metadata.annotations[dapr.io/env]`, `/spec/containers/0/env` is `spec.containers[0].env`.
#[must_use]
pub fn field_path(pointer: &str) -> String {
    let mut path = String::with_capacity(pointer.len() + 2);
    for segment in pointer.split('/').skip(1) {
        let segment = unescape(segment);
        let plain = segment.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
        if !plain {
            path.extend(["[", &*segment, "]"]);
        } else if path.is_empty() {
            path.push_str(&segment);
        } else {
            path.extend([".", &*segment]);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_path_reads_as_kubernetes_prints_it() {
        for (pointer, path) in [
            ("/metadata/annotations/dapr.io~1env", "metadata.annotations[dapr.io/env]"),
            ("/spec/containers/0/resources/limits/cpu", "spec.containers[0].resources.limits.cpu"),
            ("/spec/terminationGracePeriodSeconds", "spec.terminationGracePeriodSeconds"),
            ("/metadata/labels/a~0b", "metadata.labels[a~b]"),
            ("/dapr_operator/replicaCount", "dapr_operator.replicaCount"),
            ("", ""),
        ] {
            assert_eq!(field_path(pointer), path);
        }
    }

    #[test]
    fn a_pointer_leads_where_serde_json_says() {
        let value = serde_json::json!({ "a/b": { "~": [1, [2, 3]] }, "": 4, "c": "d", "0": 5 });
        for pointer in
            ["", "/", "/a~1b", "/a~1b/~0/1/0", "/a~1b/~0/01", "/a~1b/~0/+1", "/a~1b/~0/-", "/c/0", "/0", "c", "/x"]
        {
            assert_eq!(at(&value, pointer), value.pointer(pointer), "{pointer}");
        }
    }

    #[test]
    fn escaping_a_segment_is_undone_by_the_field_path() {
        assert_eq!(escape("a~/b"), "a~0~1b");
        assert_eq!(field_path(&format!("/x/{}", escape("a~/b"))), "x[a~/b]");
    }
}
