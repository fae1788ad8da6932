//! Places in an object: JSON pointers for machines, Kubernetes field paths for people.

use super::printable::printable;
pub use crate::json::unescape;

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
/// `metadata.annotations[dapr.io/env]`, `/spec/containers/0/env` is `spec.containers[0].env`. It is [`printable`].
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
    printable(path).into_owned()
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
    fn escaping_a_segment_is_undone_by_the_field_path() {
        assert_eq!(escape("a~/b"), "a~0~1b");
        assert_eq!(field_path(&format!("/x/{}", escape("a~/b"))), "x[a~/b]");
    }
}
