//! A file of any text: every document is read or refused with a place in the text, and whatever `fix` would write is read
//! again as it was meant.

use dapr_preflight::files::{apply, documents, text_edits};
use dapr_preflight::policy::Edit;
use serde_json::json;

/// Edits of each kind, at places that manifests have.
const PLACES: [&str; 3] = [
    "/metadata/annotations/dapr.io~1env",
    "/spec/template/metadata/annotations/dapr.io~1app-id",
    "/metadata/labels/new",
];

pub fn yaml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for document in documents(text) {
        let document = match document {
            Ok(document) => document,
            Err(unreadable) => {
                assert!(unreadable.at <= text.len() && !unreadable.problem.is_empty());
                continue;
            }
        };
        let _ = (document.objects(), document.objects_as_written());
        for at in PLACES {
            let place = document.locate(at);
            assert!(text.get(place.span.clone()).is_some(), "{at} is at {:?}", place.span);
            let edit = Edit::Add { at: at.to_owned(), value: json!("230MiB") };
            if let Ok(edits) = text_edits(&document, text, &[edit]) {
                assert!(documents(&apply(text, edits)).any(|after| after.is_ok()));
            }
        }
    }
}
