//! The answer's bytes.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use json_patch::Patch;
use serde::Serialize;

use super::decide::Verdict;
use super::message::{Cause, Denial};
use crate::policy::Mode;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'a> {
    api_version: &'static str,
    kind: &'static str,
    response: Response<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    uid: &'a str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'a [String],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    audit_annotations: BTreeMap<&'static str, String>,
}

/// `metav1.Status`. It is 403: with 422 and `details.kind` kubectl drops the message.
#[derive(Serialize)]
struct Status<'a> {
    status: &'static str,
    reason: &'static str,
    code: u16,
    message: &'a str,
    details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    causes: &'a [Cause],
}

/// Writes the AdmissionReview that answers `uid`.
pub(super) fn write(uid: &str, mode: Mode, verdict: &Verdict) -> Vec<u8> {
    let response = Response {
        uid,
        allowed: verdict.denial.is_none(),
        status: verdict.denial.as_ref().map(status),
        warnings: verdict.warnings.lines(),
        audit_annotations: audit_annotations(mode, verdict),
    };
    let mut review = json(&Review { api_version: "admission.k8s.io/v1", kind: "AdmissionReview", response });
    if let Some(patch) = &verdict.patch {
        add_patch(&mut review, patch);
    }
    review
}

/// Puts the patch behind the response's other fields. Base64 needs no escapes, so nobody has to look for any.
fn add_patch(review: &mut Vec<u8>, patch: &Patch) {
    const END: &[u8] = b"}}";
    debug_assert!(review.ends_with(END));
    review.truncate(review.len() - END.len());
    review.extend_from_slice(br#","patchType":"JSONPatch","patch":""#);
    review.extend_from_slice(STANDARD.encode(json(patch)).as_bytes());
    review.extend_from_slice(b"\"}}");
}

/// As JSON, in a buffer of the size that it usually needs.
fn json(value: &impl Serialize) -> Vec<u8> {
    let mut text = Vec::with_capacity(2048);
    serde_json::to_writer(&mut text, value).expect("it is made of strings, numbers, lists and maps of these");
    text
}

fn status(denial: &Denial) -> Status<'_> {
    Status {
        status: "Failure",
        reason: "Forbidden",
        code: 403,
        message: &denial.message,
        details: Details { causes: &denial.causes },
    }
}

/// For the API server's audit log, which prefixes each key with the webhook's name. Nothing found, nothing written.
fn audit_annotations(mode: Mode, verdict: &Verdict) -> BTreeMap<&'static str, String> {
    let mut annotations = BTreeMap::new();
    if verdict.results.is_empty() {
        return annotations;
    }
    let mut rules: Vec<_> = verdict.results.iter().map(|result| result.rule).collect();
    rules.dedup();
    annotations.insert("mode", mode.as_str().to_owned());
    annotations.insert("rules", rules.join(","));
    if !verdict.edits.is_empty() {
        annotations.insert("edits", verdict.edits.join(","));
    }
    annotations
}
