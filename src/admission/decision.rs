//! What was asked and what was decided, for log, metrics and reports.

use serde::Serialize;

use crate::dapr::Text;
use crate::policy::{Mode, Stage};

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

/// A body without a readable uid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is no AdmissionReview with a request.uid: {0}")]
pub struct NotAReview(pub String);

/// What to send back, and what was decided.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The AdmissionReview to send, as JSON.
    pub reply: Vec<u8>,
    /// For log, metrics and reports.
    pub decision: Decision<'a>,
}

/// One decision, as logged and counted. Its strings are the request's own, of any content.
#[derive(Clone, Debug, Serialize)]
pub struct Decision<'a> {
    /// The request's own id, repeated in the reply.
    pub uid: Text<'a>,
    /// The request's namespace; empty for cluster-scoped objects.
    pub namespace: Text<'a>,
    /// The object's kind as the request names it.
    pub kind: Text<'a>,
    /// The object's name, or its `generateName` where it has none yet.
    pub name: Text<'a>,
    /// `CREATE`, `UPDATE`, …
    pub operation: Text<'a>,
    /// Mutating or validating.
    pub stage: Stage,
    /// The mode that counted: the path's, capped by the ceiling.
    pub mode: Mode,
    /// Whether the request was a dry run.
    pub dry_run: bool,
    /// What came out.
    pub outcome: Outcome,
    /// What each finding did, in the order of the rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<RuleResult>,
    /// JSON pointers of the safe edits: sent where the outcome is `patched`, else what enforce would make.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<String>,
    /// Why the request could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What came out of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing here for any rule: another kind, a subresource, DELETE, no Dapr, nothing changed.
    Skipped,
    /// Looked at, nothing to say to the user (findings may have been recorded).
    Allowed,
    /// Safe edits were sent.
    Patched,
    /// Allowed with warnings.
    Warned,
    /// Refused.
    Denied,
    /// The uid was readable and the rest was not what this path takes: allowed, unpatched.
    Unreadable,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] =
        [Self::Skipped, Self::Allowed, Self::Patched, Self::Warned, Self::Denied, Self::Unreadable];

    /// As written in logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Allowed => "allowed",
            Self::Patched => "patched",
            Self::Warned => "warned",
            Self::Denied => "denied",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What one finding of a rule did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct RuleResult {
    /// The rule's id.
    pub rule: &'static str,
    /// What its finding did.
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
    /// A safe edit that the final pod still lacks became a warning: somebody took it away, or we were not asked.
    Unapplied,
    /// It was recorded and nothing was said.
    Recorded,
}

impl Effect {
    /// Every effect.
    pub const ALL: [Self; 5] = [Self::Edited, Self::Denied, Self::Warned, Self::Unapplied, Self::Recorded];

    /// As written in logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Denied => "denied",
            Self::Warned => "warned",
            Self::Unapplied => "unapplied",
            Self::Recorded => "recorded",
        }
    }
}
