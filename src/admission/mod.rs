//! AdmissionReview v1 in, AdmissionReview v1 out. Total: any bytes give an answer or a typed error, never a panic.
//!
//! Pure: HTTP is the server's business. Reading order: [`review`] here, then `request` (bytes to a typed request),
//! `decide` (what may refuse what; of a Dapr resource, `resource`), `reply` (the answer's bytes) and `message` (its
//! words).

mod decide;
mod decision;
mod identity;
mod message;
mod object;
mod reply;
mod request;
mod resource;

pub use decide::effect;
pub use decision::{Answer, Decision, Effect, Endpoint, NotAReview, Outcome, RuleResult};

use jiff::Timestamp;

use crate::policy::Engine;
use decide::Verdict;

/// The uid of a review, if that much of it can be read: for who has to speak of it without having answered it.
#[must_use]
pub fn uid(body: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    request::only_uid(body).map(|uid| uid.0)
}

/// Answers one review. `now` is what exemptions expire by.
///
/// # Errors
/// [`NotAReview`] when no uid can be read: there is nobody to answer, so it is HTTP 400.
pub fn review<'a>(
    body: &'a [u8],
    endpoint: Endpoint,
    engine: &Engine,
    now: Timestamp,
) -> Result<Answer<'a>, NotAReview> {
    let parsed = request::parse(body, endpoint.stage)?;
    let mode = endpoint.mode.min(engine.ceiling);
    let mut request = parsed.request;
    let verdict = match parsed.problem {
        Some(problem) => Verdict::unreadable(problem),
        None => decide::decide(&request, endpoint.stage, mode, engine, now),
    };
    let reply = reply::write(&request.uid, mode, &verdict);
    let decision = Decision {
        name: request.take_name(),
        uid: request.uid,
        namespace: request.namespace,
        kind: request.kind.kind,
        operation: request.operation,
        stage: endpoint.stage,
        mode,
        dry_run: request.dry_run,
        outcome: verdict.outcome,
        results: verdict.results,
        edits: verdict.edits,
        detail: verdict.detail,
    };
    Ok(Answer { reply, decision })
}
