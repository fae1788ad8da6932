//! The webhook without a network: what it answers, counts and logs.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Frame;
use serde_json::{Value, json};

use super::*;
use crate::admission;
use crate::policy::Policies;
use crate::server::log::{Log, LogFormat};
use crate::server::pace::Deadlines;
use crate::server::room::RoomLimits;

const REVIEW: &str = r#"{"request":{"uid":"u-1"}}"#;

#[tokio::test]
async fn a_review_is_answered_counted_and_logged() {
    let fixture = Fixture::new(admission::review);
    let (code, reply) = fixture.send(Method::POST, "/mutate/enforce?timeout=10s", Pieces::of([REVIEW])).await;
    assert_eq!((code, &reply["response"]["uid"]), (200, &json!("u-1")));

    let metrics = String::from_utf8(fixture.webhook.judge.metrics.text().unwrap()).unwrap();
    let counted =
        r#"dapr_preflight_admission_requests_total{kind="other",mode="enforce",outcome="unreadable",stage="mutate"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains("dapr_preflight_requests_in_flight 0"), "{metrics}");

    let line: Value = serde_json::from_str(&fixture.log()).unwrap();
    assert_eq!((&line["message"], &line["uid"]), (&json!("decision"), &json!("u-1")));
    assert_eq!((&line["outcome"], &line["mode"]), (&json!("unreadable"), &json!("enforce")));
    assert!(line["micros"].is_u64() && line["timestamp"].is_string(), "{line}");
}

#[tokio::test]
async fn every_endpoint_has_its_path() {
    for expected in Endpoint::ALL {
        let path = format!("/{}/{}", expected.stage.as_str(), expected.mode.as_str());
        assert_eq!(endpoint(&path), Some(expected), "{path}");
    }
}

#[tokio::test]
async fn errors_are_status_objects_that_kubernetes_can_read() {
    let fixture = Fixture::new(admission::review);
    let long = "x".repeat(65);
    let cases = [
        (Method::POST, "/", REVIEW, 404, "NotFound"),
        (Method::POST, "/mutate/audit", REVIEW, 404, "NotFound"),
        (Method::POST, "/mutate/enforce/", REVIEW, 404, "NotFound"),
        (Method::GET, "/mutate/enforce", "", 405, "MethodNotAllowed"),
        (Method::PUT, "/validate/audit", REVIEW, 405, "MethodNotAllowed"),
        (Method::POST, "/validate/warn", "{}", 400, "BadRequest"),
        (Method::POST, "/validate/warn", "", 400, "BadRequest"),
        (Method::POST, "/validate/enforce", &long, 413, "RequestEntityTooLarge"),
    ];
    for (method, path, body, code, reason) in cases {
        let (answered, status) = fixture.send(method, path, Pieces::of([body])).await;
        assert_eq!(answered, code, "{path}");
        assert_eq!((&status["kind"], &status["apiVersion"]), (&json!("Status"), &json!("v1")));
        assert_eq!((&status["reason"], &status["code"]), (&json!(reason), &json!(code)), "{path}");
        assert_eq!(status["status"], "Failure");
    }
}

#[tokio::test]
async fn a_body_is_the_same_in_one_piece_or_in_many() {
    let fixture = Fixture::new(admission::review);
    for size in [1, 7, REVIEW.len() - 1] {
        let pieces = REVIEW.as_bytes().chunks(size).map(|piece| std::str::from_utf8(piece).unwrap());
        let (code, reply) = fixture.send(Method::POST, "/validate/warn", Pieces::of(pieces)).await;
        assert_eq!((code, &reply["response"]["uid"]), (200, &json!("u-1")), "pieces of {size}");
    }
}

#[tokio::test]
async fn a_body_of_the_longest_length_is_read_and_one_byte_more_is_not() {
    let fixture = Fixture::new(admission::review);
    let longest = format!("{REVIEW:64}");
    for pieces in [vec![longest.as_str()], vec![&longest[..10], &longest[10..]]] {
        assert_eq!(fixture.send(Method::POST, "/validate/warn", Pieces::of(pieces.clone())).await.0, 200);
        let more = pieces.into_iter().chain([" "]);
        assert_eq!(fixture.send(Method::POST, "/validate/warn", Pieces::of(more)).await.0, 413);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let fixture = Fixture::new(admission::review);
    let (code, status) = fixture.send(Method::POST, "/validate/warn", Pieces::of(["{"]).and_then_nothing()).await;
    assert_eq!(code, 408);
    let message = status["message"].as_str().unwrap();
    assert!(message.starts_with("the body did not arrive within 30 seconds (--body-timeout-seconds)"), "{message}");
}

#[tokio::test]
async fn what_comes_too_late_for_the_api_server_is_not_worked_on() {
    let fixture = Fixture::new(|_, _, _, _| panic!("worked on"));
    let (code, status) = fixture.send(Method::POST, "/mutate/enforce?timeout=0s", Pieces::of([REVIEW])).await;
    assert_eq!((code, &status["reason"]), (504, &json!("Timeout")));
    assert!(status["message"].as_str().unwrap().ends_with("; request u-1"), "{status}");
    assert_eq!(fixture.webhook.judge.metrics.deadline_misses.get(), 1);
}

#[tokio::test]
async fn where_there_is_no_room_the_answer_comes_at_once_and_says_nothing_of_later() {
    let fixture = Fixture::new(admission::review);
    let taken = fixture.webhook.room.enter().unwrap();
    let request = Request::builder().method(Method::POST).uri("/mutate/enforce").body(Pieces::of([REVIEW])).unwrap();
    let response = fixture.webhook.answer(request).await;
    assert_eq!((response.status().as_u16(), response.headers().get("retry-after")), (503, None));
    drop(taken);
    assert_eq!(fixture.send(Method::POST, "/mutate/enforce", Pieces::of([REVIEW])).await.0, 200);
    let metrics = String::from_utf8(fixture.webhook.judge.metrics.text().unwrap()).unwrap();
    assert!(metrics.contains(r#"dapr_preflight_shed_total{limit="max-requests"} 1"#), "{metrics}");
}

#[tokio::test]
async fn a_panic_costs_one_request() {
    let fixture = Fixture::new(|body, endpoint, engine, now| match body {
        b"panic" => panic!("as asked"),
        body => admission::review(body, endpoint, engine, now),
    });
    let (code, status) = fixture.send(Method::POST, "/mutate/enforce", Pieces::of(["panic"])).await;
    assert_eq!((code, &status["reason"]), (500, &json!("InternalError")));
    assert_eq!(fixture.webhook.judge.metrics.panics.get(), 1);
    assert_eq!(fixture.webhook.judge.metrics.in_flight.get(), 0);
    assert_eq!(fixture.send(Method::POST, "/mutate/enforce", Pieces::of([REVIEW])).await.0, 200);
}

/// A webhook that reads 64 bytes at most, and what it has logged.
struct Fixture {
    webhook: Webhook,
    log: Log,
    lines: Lines,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Fixture {
    fn new(review: Review) -> Self {
        let metrics = Arc::new(Metrics::new(&[]));
        let lines = Lines::default();
        let log = Log::start(lines.clone(), metrics.lines_dropped.clone()).unwrap();
        let decisions = DecisionLog::new(log.clone(), LogFormat::Json, tracing::Level::INFO);
        let limits = Limits {
            body: BodyLimits { bytes: 64, time: Duration::from_secs(30) },
            room: RoomLimits { requests: 1, bytes: 64, waiting: 0 },
            connections: 1,
            handshake: Duration::ZERO,
            deadlines: Deadlines { idle: Duration::ZERO, head: Duration::ZERO, answer: Duration::ZERO },
        };
        let engine = Engine::new(&[], Policies::default());
        let mut webhook = Webhook::new(Arc::new(ArcSwap::from_pointee(engine)), limits, metrics, decisions);
        Arc::get_mut(&mut webhook.judge).unwrap().review = review;
        Self { webhook, log, lines }
    }

    async fn send(&self, method: Method, path: &str, body: Pieces) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).body(body).unwrap();
        let response = self.webhook.answer(request).await;
        assert_eq!(response.headers()["content-type"], "application/json");
        let code = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (code, serde_json::from_slice(&body).unwrap())
    }

    fn log(&self) -> String {
        self.log.flush();
        String::from_utf8(self.lines.0.lock().unwrap().clone()).unwrap()
    }
}

/// A body of unknown length that comes piece by piece.
struct Pieces {
    pieces: VecDeque<Bytes>,
    ends: bool,
}

impl Pieces {
    fn of<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Self {
        Self { pieces: pieces.into_iter().map(|piece| Bytes::copy_from_slice(piece.as_bytes())).collect(), ends: true }
    }

    fn and_then_nothing(mut self) -> Self {
        self.ends = false;
        self
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.pieces.pop_front() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None if self.ends => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}
