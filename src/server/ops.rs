//! What the kubelet and Prometheus ask, over plain HTTP.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::Router;
use axum::extract;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::handshake;
use super::metrics::Metrics;
use super::served::Served;

/// Whether new connections are welcome.
#[derive(Debug, Default)]
pub(super) struct Readiness(AtomicU8);

/// What `/readyz` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Starting,
    Ready,
    Draining,
}

impl State {
    const ALL: [Self; 3] = [Self::Starting, Self::Ready, Self::Draining];
}

impl Readiness {
    /// From now on.
    pub(super) fn set(&self, state: State) {
        self.0.store(state as u8, Ordering::Release);
    }

    fn get(&self) -> State {
        State::ALL[usize::from(self.0.load(Ordering::Acquire))]
    }
}

/// `/livez`, `/readyz` and `/metrics`.
#[derive(Clone, Debug)]
pub(super) struct Ops(TowerToHyperService<Router>);

impl Ops {
    /// Says what `readiness`, `served` and `metrics` say at the moment of the request.
    pub(super) fn new(readiness: Arc<Readiness>, served: Served, metrics: Arc<Metrics>) -> Self {
        let router = Router::new()
            .route("/livez", get(|| async { "ok\n" }))
            .route("/readyz", get(readyz).with_state((readiness, served)))
            .route("/metrics", get(text).with_state(metrics));
        Self(TowerToHyperService::new(router))
    }

    /// Answers one request, whatever it is.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response {
        match self.0.call(request).await {
            Ok(response) => response,
        }
    }
}

async fn readyz(
    extract::State((readiness, served)): extract::State<(Arc<Readiness>, Served)>,
) -> (StatusCode, Cow<'static, str>) {
    let not_ready = |why| (StatusCode::SERVICE_UNAVAILABLE, why);
    if let State::Draining = readiness.get() {
        return not_ready("draining\n".into());
    }
    if let Err(error) = handshake::check(served.config(), jiff::Timestamp::now().as_second()) {
        return not_ready(format!("{error}\n").into());
    }
    match readiness.get() {
        State::Ready => (StatusCode::OK, "ok\n".into()),
        _ => not_ready("waiting for the API server\n".into()),
    }
}

async fn text(extract::State(metrics): extract::State<Arc<Metrics>>) -> impl IntoResponse {
    match metrics.text() {
        Ok(text) => (StatusCode::OK, [(CONTENT_TYPE, prometheus::TEXT_FORMAT)], text),
        Err(error) => {
            let message = error.to_string().into_bytes();
            (StatusCode::INTERNAL_SERVER_ERROR, [(CONTENT_TYPE, "text/plain")], message)
        }
    }
}
