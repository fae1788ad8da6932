//! What the kubelet and Prometheus ask, over plain HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::metrics::Metrics;

/// Whether new connections are welcome.
#[derive(Debug, Default)]
pub(super) struct Readiness(AtomicBool);

impl Readiness {
    /// From now on, or no longer.
    pub(super) fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// `/livez`, `/readyz` and `/metrics`.
#[derive(Clone, Debug)]
pub(super) struct Ops(TowerToHyperService<Router>);

impl Ops {
    /// Says what `readiness` and `metrics` say at the moment of the request.
    pub(super) fn new(readiness: Arc<Readiness>, metrics: Arc<Metrics>) -> Self {
        let router = Router::new()
            .route("/livez", get(|| async { "ok\n" }))
            .route("/readyz", get(readyz).with_state(readiness))
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

async fn readyz(State(readiness): State<Arc<Readiness>>) -> (StatusCode, &'static str) {
    match readiness.get() {
        true => (StatusCode::OK, "ok\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
    }
}

async fn text(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    match metrics.text() {
        Ok(text) => (StatusCode::OK, [(CONTENT_TYPE, prometheus::TEXT_FORMAT)], text),
        Err(error) => {
            let message = error.to_string().into_bytes();
            (StatusCode::INTERNAL_SERVER_ERROR, [(CONTENT_TYPE, "text/plain")], message)
        }
    }
}
