//! What the kubelet and Prometheus ask, over plain HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use arc_swap::ArcSwapOption;
use axum::Router;
use axum::extract::{self, RawQuery};
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

/// What `/readyz` says, and to whom it may concern, `/readyz?verbose`.
#[derive(Debug, Default)]
pub struct Readiness {
    state: AtomicU8,
    /// What is wrong with the policy file. No reason to send nobody here: the last good policy is in force.
    policy: ArcSwapOption<String>,
}

/// What `/readyz` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Starting,
    Ready,
    Draining,
}

impl State {
    const ALL: [Self; 3] = [Self::Starting, Self::Ready, Self::Draining];

    fn problem(self) -> Option<&'static str> {
        match self {
            Self::Starting => Some("waiting for the API server"),
            Self::Ready => None,
            Self::Draining => Some("draining"),
        }
    }
}

impl Readiness {
    /// From now on.
    pub(super) fn set(&self, state: State) {
        self.state.store(state as u8, Ordering::Release);
    }

    /// What is wrong with the policy file from now on, if anything is.
    pub(super) fn complain_of_policy(&self, complaint: Option<String>) {
        self.policy.store(complaint.map(Arc::new));
    }

    fn get(&self) -> State {
        State::ALL[usize::from(self.state.load(Ordering::Acquire))]
    }

    /// One line for everything that can be said, in the form of Kubernetes' own.
    fn verbose(&self, certificate: Option<&str>) -> String {
        let line = |name: &str, problem: Option<&str>| match problem {
            None => format!("[+]{name} ok\n"),
            Some(problem) => format!("[-]{name}: {problem}\n"),
        };
        let policy = self.policy.load();
        let policy = policy.as_deref().map(|problem| format!("{problem}; the last good policy is in force"));
        line("serving", self.get().problem()) + &line("certificate", certificate) + &line("policy", policy.as_deref())
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
    RawQuery(query): RawQuery,
) -> (StatusCode, String) {
    let state = readiness.get();
    let certificate = handshake::check(served.config(), jiff::Timestamp::now().as_second()).err();
    let certificate = certificate.map(|error| error.to_string());
    // On its way out it is on its way out, whatever else is wrong.
    let problem = match state {
        State::Draining => state.problem(),
        State::Starting | State::Ready => certificate.as_deref().or(state.problem()),
    };
    let code = if problem.is_some() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let verbose = query.is_some_and(|query| query.split('&').any(|pair| pair.split('=').next() == Some("verbose")));
    match verbose {
        true => (code, readiness.verbose(certificate.as_deref())),
        false => (code, format!("{}\n", problem.unwrap_or("ok"))),
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
