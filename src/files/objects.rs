//! The Kubernetes objects that a document contains.

use super::document::Document;
use crate::json::Value;

impl Document<'_> {
    /// The objects inside, each with its JSON pointer in the document: the document itself; of a list (`kind: List`,
    /// `PodList`) each item, also of lists in lists; of an AdmissionReview the object that is under review.
    #[must_use]
    pub fn objects(&self) -> Vec<(String, Value)> {
        objects(self.value())
    }

    /// The same from [`value_as_written`](Self::value_as_written).
    #[must_use]
    pub fn objects_as_written(&self) -> Vec<(String, Value)> {
        objects(self.value_as_written())
    }
}

fn objects(value: Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    collect(String::new(), value, &mut found);
    found
}

fn collect(at: String, mut value: Value, found: &mut Vec<(String, Value)>) {
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    let inside = match kind {
        "AdmissionReview" => value
            .pointer_mut("/request/object")
            .map(Value::take)
            .map(|object| vec![(format!("{at}/request/object"), object)]),
        kind if kind.ends_with("List") => value.get_mut("items").and_then(Value::as_array_mut).map(|items| {
            let items = std::mem::take(items).into_iter().enumerate();
            items.map(|(index, item)| (format!("{at}/items/{index}"), item)).collect()
        }),
        _ => None,
    };
    match inside {
        Some(inside) => inside.into_iter().for_each(|(at, value)| collect(at, value, found)),
        None => found.push((at, value)),
    }
}
