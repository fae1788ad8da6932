//! HTTP only: paths, limits, status codes. Decisions live in `admission`.

mod identity;
#[cfg(debug_assertions)]
mod seam;

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
use tokio::task::spawn_blocking;

use super::body::{self, BodyLimits, Whole};
use super::deadline::Deadline;
use super::decision_log::DecisionLog;
use super::limits::Limits;
use super::metrics::Metrics;
use super::room::{Held, NoRoom, Room, Shed, Taken};
use super::status::{Failure, json_response};
use crate::admission::{Answer, Endpoint, NotAReview};
use crate::policy::{Engine, Mode, Stage};
use identity::RequestId;

/// How a review is answered: [`crate::admission::review`], except in tests of what happens when that goes wrong.
type Review = for<'a> fn(&'a [u8], Endpoint, &Engine, Timestamp) -> Result<Answer<'a>, NotAReview>;

#[cfg(debug_assertions)]
const REVIEW: Review = seam::review;
#[cfg(not(debug_assertions))]
const REVIEW: Review = crate::admission::review;

/// The four webhooks.
#[derive(Debug)]
pub struct Webhook {
    limits: BodyLimits,
    room: Room,
    judge: Arc<Judge>,
}

/// What a review is answered with, counted and logged by.
#[derive(Debug)]
struct Judge {
    engine: Arc<ArcSwap<Engine>>,
    metrics: Arc<Metrics>,
    log: DecisionLog,
    review: Review,
}

/// Why there is no reply.
struct Refusal {
    failure: Failure,
    message: String,
    /// Of the review, where its body is here; else one of our own.
    id: RequestId,
}

impl Webhook {
    /// Answers with what `engine` holds when a request has arrived; counts and logs every decision.
    #[must_use]
    pub fn new(engine: Arc<ArcSwap<Engine>>, limits: Limits, metrics: Arc<Metrics>, log: DecisionLog) -> Self {
        let taken = Taken {
            requests: metrics.in_flight.clone(),
            waiting: metrics.waiting.clone(),
            bytes: metrics.buffered_bytes.clone(),
        };
        let room = Room::new(limits.room, taken);
        Self { limits: limits.body, room, judge: Arc::new(Judge { engine, metrics, log, review: REVIEW }) }
    }

    /// Answers one request, whatever it is.
    pub(super) async fn answer<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        // Left also when the peer goes away and this future is dropped.
        let inside = self.room.enter();
        let reply = match &inside {
            Ok(_) => self.reply(request).await,
            Err(limit) => Err(self.shed(*limit)),
        };
        match reply {
            Ok(reply) => json_response(StatusCode::OK, reply),
            Err(refusal) => self.refuse(refusal),
        }
    }

    async fn reply<B>(&self, request: Request<B>) -> Result<Bytes, Refusal>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let path = request.uri().path();
        let Some(endpoint) = endpoint(path) else {
            return Err(Refusal::new(Failure::NotFound, format!("no such path; there are {}", paths())));
        };
        if request.method() != Method::POST {
            let message = format!("an AdmissionReview is sent to {path} by POST");
            return Err(Refusal::new(Failure::MethodNotAllowed, message));
        }
        let deadline = Deadline::of(request.uri().query());
        let limits = BodyLimits { time: deadline.left(self.limits.time), ..self.limits };
        let body = body::read(request.into_body(), limits, &self.room).await;
        let Whole { bytes, room } = body.map_err(|failure| self.body_failure(failure, deadline))?;
        if deadline.has_passed() {
            return Err(self.too_late().of(&bytes));
        }
        let answered = match room {
            None => self.judge.answer(&bytes, endpoint),
            Some(room) => self.answer_aside(bytes.clone(), endpoint, deadline, room).await?,
        };
        answered.map_err(|(failure, message)| Refusal::new(failure, message).of(&bytes))
    }

    /// Answers a long review on a thread of its own, one after the other: it takes milliseconds, and many times its own size in
    /// memory, where somebody means harm (`cargo bench --bench hurtful`). Nobody else waits for it.
    async fn answer_aside(
        &self,
        bytes: Bytes,
        endpoint: Endpoint,
        deadline: Deadline,
        room: Held,
    ) -> Result<Result<Bytes, (Failure, String)>, Refusal> {
        let turn = self.room.turn(deadline.left(self.limits.time)).await;
        let turn = turn.map_err(|_: NoRoom| self.too_late().of(&bytes))?;
        let judge = Arc::clone(&self.judge);
        let answered = spawn_blocking(move || {
            // Held for as long as the thread works, even when the peer has gone.
            let _held = (room, turn);
            judge.answer(&bytes, endpoint)
        });
        answered.await.map_err(|_| Refusal::new(Failure::Overloaded, "the process is about to end".into()))
    }

    fn shed(&self, limit: Shed) -> Refusal {
        self.judge.metrics.shed(limit);
        let what = match limit {
            Shed::Requests => "too many requests at once",
            Shed::Waiting => "too many long requests wait for room",
        };
        Refusal::new(Failure::Overloaded, format!("{what} (--{})", limit.as_str()))
    }

    fn too_late(&self) -> Refusal {
        self.judge.metrics.deadline_misses.inc();
        Refusal::new(Failure::TooLate, "no answer would come within the timeout of the request".into())
    }

    fn body_failure(&self, failure: Failure, deadline: Deadline) -> Refusal {
        let BodyLimits { bytes, time } = self.limits;
        let message = match failure {
            Failure::Timeout if deadline.has_passed() => return self.too_late(),
            Failure::Overloaded => return self.shed(Shed::Waiting),
            Failure::TooLarge => format!("the body is longer than {bytes} bytes (--max-body-bytes)"),
            Failure::Timeout => {
                format!("the body did not arrive within {} seconds (--body-timeout-seconds)", time.as_secs())
            }
            _ => "the body broke off".into(),
        };
        Refusal::new(failure, message)
    }

    fn refuse(&self, Refusal { failure, message, id }: Refusal) -> Response<Full<Bytes>> {
        self.judge.metrics.failed(failure);
        tracing::info!(code = failure.code().as_u16(), why = message, uid = %id, "request refused");
        let mut response = failure.response(&format!("{message}; request {id}"));
        if failure == Failure::MethodNotAllowed {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

impl Judge {
    /// The whole of the work, on this thread: some tens of microseconds, unless the body is long.
    fn answer(&self, body: &[u8], endpoint: Endpoint) -> Result<Bytes, (Failure, String)> {
        let received = Instant::now();
        self.metrics.request_bytes.inc_by(body.len() as u64);
        match catch_unwind(AssertUnwindSafe(|| self.decide(body, endpoint, received))) {
            Ok(reply) => reply.map_err(|error| (Failure::BadRequest, error.to_string())),
            Err(_) => {
                self.metrics.panics.inc();
                Err((Failure::Internal, "the review failed; the server's log says where".into()))
            }
        }
    }

    fn decide(&self, body: &[u8], endpoint: Endpoint, received: Instant) -> Result<Bytes, NotAReview> {
        let Answer { reply, decision } = (self.review)(body, endpoint, &self.engine.load(), Timestamp::now())?;
        let took = received.elapsed();
        self.metrics.decided(&decision, took.as_secs_f64());
        self.metrics.response_bytes.inc_by(reply.len() as u64);
        self.log.write(&decision, took);
        Ok(reply.into())
    }
}

impl Refusal {
    fn new(failure: Failure, message: String) -> Self {
        Self { failure, message, id: RequestId::own() }
    }

    /// The same, of the review that this body is.
    fn of(self, body: &[u8]) -> Self {
        Self { id: RequestId::of(body).unwrap_or(self.id), ..self }
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

#[cfg(test)]
mod tests;
