//! HTTP only: paths, limits, status codes. Decisions live in `admission`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Body;
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use jiff::Timestamp;

use super::body::{self, BodyLimits};
use super::decision_log::DecisionLog;
use super::metrics::Metrics;
use super::status::{Failure, json_response};
use crate::admission::{self, Answer, Endpoint, NotAReview};
use crate::policy::{Engine, Mode, Stage};

/// How a review is answered: [`admission::review`], except in tests of what happens when that goes wrong.
type Review = for<'a> fn(&'a [u8], Endpoint, &Engine, Timestamp) -> Result<Answer<'a>, NotAReview>;

/// The four webhooks.
#[derive(Debug)]
pub struct Webhook {
    engine: Arc<ArcSwap<Engine>>,
    limits: BodyLimits,
    metrics: Arc<Metrics>,
    log: DecisionLog,
    review: Review,
}

impl Webhook {
    /// Answers with what `engine` holds when a request has arrived; counts and logs every decision.
    #[must_use]
    pub fn new(engine: Arc<ArcSwap<Engine>>, limits: BodyLimits, metrics: Arc<Metrics>, log: DecisionLog) -> Self {
        Self { engine, limits, metrics, log, review: admission::review }
    }

    /// Answers one request, whatever it is.
    pub(super) async fn answer<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        self.metrics.in_flight.inc();
        // Also when the peer goes away and this future is dropped.
        let _leaves = Defer(|| self.metrics.in_flight.dec());
        match self.reply(request).await {
            Ok(reply) => json_response(StatusCode::OK, reply),
            Err((failure, message)) => self.refuse(failure, &message),
        }
    }

    async fn reply<B>(&self, request: Request<B>) -> Result<Bytes, (Failure, String)>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let path = request.uri().path();
        let Some(endpoint) = endpoint(path) else {
            return Err((Failure::NotFound, format!("no such path; there are {}", paths())));
        };
        if request.method() != Method::POST {
            return Err((Failure::MethodNotAllowed, format!("an AdmissionReview is sent to {path} by POST")));
        }
        let body = body::read(request.into_body(), self.limits).await.map_err(|failure| self.body_failure(failure))?;
        let received = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| self.decide(&body, endpoint, received))) {
            Ok(reply) => reply.map_err(|error| (Failure::BadRequest, error.to_string())),
            Err(_) => {
                self.metrics.panics.inc();
                Err((Failure::Internal, "the review failed; the server's log says where".into()))
            }
        }
    }

    /// The whole of the work: some tens of microseconds, so it stays on this thread.
    fn decide(&self, body: &[u8], endpoint: Endpoint, received: Instant) -> Result<Bytes, NotAReview> {
        let Answer { reply, decision } = (self.review)(body, endpoint, &self.engine.load(), Timestamp::now())?;
        let took = received.elapsed();
        self.metrics.decided(&decision, took.as_secs_f64());
        self.log.write(&decision, took);
        Ok(reply.into())
    }

    fn body_failure(&self, failure: Failure) -> (Failure, String) {
        let BodyLimits { bytes, time } = self.limits;
        let message = match failure {
            Failure::TooLarge => format!("the body is longer than {bytes} bytes (--max-body-bytes)"),
            Failure::Timeout => format!("the body did not arrive within {} seconds", time.as_secs()),
            _ => "the body broke off".into(),
        };
        (failure, message)
    }

    fn refuse(&self, failure: Failure, message: &str) -> Response<Full<Bytes>> {
        self.metrics.failed(failure);
        tracing::info!(code = failure.code().as_u16(), message, "request refused");
        let mut response = failure.response(message);
        if failure == Failure::MethodNotAllowed {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// Which webhook a path is.
fn endpoint(path: &str) -> Option<Endpoint> {
    let (stage, mode) = match path {
        "/mutate/enforce" => (Stage::Mutate, Mode::Enforce),
        "/validate/enforce" => (Stage::Validate, Mode::Enforce),
        "/validate/warn" => (Stage::Validate, Mode::Warn),
        "/validate/audit" => (Stage::Validate, Mode::Audit),
        _ => return None,
    };
    Some(Endpoint { stage, mode })
}

fn paths() -> String {
    Endpoint::ALL.map(|endpoint| format!("/{}/{}", endpoint.stage.as_str(), endpoint.mode.as_str())).join(", ")
}

/// Runs when dropped.
struct Defer<F: Fn()>(F);

impl<F: Fn()> Drop for Defer<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests;
