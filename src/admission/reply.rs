//! The answer's bytes, written into one buffer.

use base64::Engine as _;
use base64::encoded_len;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::decide::Verdict;
use super::message::{Cause, Denial};
use crate::json;
use crate::policy::Mode;

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
    let mut review = Vec::with_capacity(4096);
    review.extend_from_slice(br#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"#);
    json::quote(&mut review, uid);
    review.extend_from_slice(br#","allowed":"#);
    json::write(&mut review, &verdict.denial.is_none());
    if let Some(denial) = &verdict.denial {
        review.extend_from_slice(br#","status":"#);
        json::write(&mut review, &status(denial));
    }
    if !verdict.warnings.is_empty() {
        review.extend_from_slice(br#","warnings":"#);
        json::write(&mut review, verdict.warnings.lines());
    }
    if !verdict.results.is_empty() {
        add_audit_annotations(&mut review, mode, verdict);
    }
    if let Some(patch) = &verdict.patch {
        add_patch(&mut review, patch);
    }
    review.extend_from_slice(b"}}");
    review
}

/// Base64 needs no escapes, so nobody has to look for any.
fn add_patch(review: &mut Vec<u8>, patch: &[u8]) {
    const ROOM: &str = "four thirds of what is in memory has a length, and as much room was made";
    review.extend_from_slice(br#","patchType":"JSONPatch","patch":""#);
    let begin = review.len();
    review.resize(begin + encoded_len(patch.len(), true).expect(ROOM), 0);
    STANDARD.encode_slice(patch, &mut review[begin..]).expect(ROOM);
    review.push(b'"');
}

/// For the API server's audit log, which prefixes each key with the webhook's name.
fn add_audit_annotations(review: &mut Vec<u8>, mode: Mode, verdict: &Verdict) {
    review.extend_from_slice(br#","auditAnnotations":{"mode":"#);
    json::quote(review, mode.as_str());
    review.extend_from_slice(br#","rules":"#);
    json::quote(review, &joined(verdict.results.chunk_by(|a, b| a.rule == b.rule).map(|findings| findings[0].rule)));
    if !verdict.edits.is_empty() {
        review.extend_from_slice(br#","edits":"#);
        json::quote(review, &joined(verdict.edits.iter().map(String::as_str)));
    }
    review.push(b'}');
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

/// With commas between them.
fn joined<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut list = String::with_capacity(512);
    for text in texts {
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(text);
    }
    list
}
