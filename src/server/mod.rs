//! HTTP, TLS, limits, drain, health, metrics. Reviews are `admission`'s; no rule is known here.
//!
//! The webhook itself is a plain hyper service: four paths need no router, and every pod creation waits for it. Health and
//! metrics, which nobody waits for, are axum's.
//!
//! Reading order: this file, `listener`, `connection`, `webhook`; the rest serves these.

mod body;
mod clients;
mod connection;
mod decision_log;
mod handshake;
mod listener;
mod log;
mod metrics;
mod ops;
mod pace;
mod reload;
mod served;
mod signals;
mod status;
pub mod tls;
mod webhook;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

pub use body::BodyLimits;
pub use clients::{Clients, ClientsError};
pub use decision_log::DecisionLog;
pub use listener::BindError;
pub use log::{Log, LogFormat};
pub use metrics::Metrics;
pub use pace::Deadlines;
pub use served::Served;
pub use tls::{Directory, OldestTls, Terms, Tls};
pub use webhook::Webhook;

use connection::Drain;
use ops::{Ops, Readiness, State};
use signals::Signals;

/// The longest TLS record, in bytes: 16 KiB and what encryption adds.
const TLS_RECORD: usize = (16 << 10) + 261;

/// Where and how to serve.
#[derive(Debug)]
pub struct Server {
    /// Where the webhook listens, with TLS.
    pub listen: SocketAddr,
    /// Where health and metrics listen, without.
    pub ops_listen: SocketAddr,
    /// What the webhook proves its identity with.
    pub served: Served,
    /// Where other pairs may come from.
    pub directory: Option<Directory>,
    /// Who may connect, if not everybody.
    pub clients: Option<Clients>,
    /// How often to look at the files of both.
    pub reload: Duration,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a peer is waited for after that.
    pub deadlines: Deadlines,
    /// How long requests in flight may take to finish when the process is asked to end.
    pub shutdown: Duration,
}

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every request was answered.
    Drained,
    /// Time ran out, or a second signal came: connections were cut.
    Cut,
}

/// Why serving did not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// An address is taken, or not ours.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system does not let us handle signals.
    #[error("cannot listen for signals")]
    Signals(#[source] std::io::Error),
}

impl Server {
    /// Serves until SIGTERM or SIGINT, then lets requests in flight finish. Reviews are answered from the beginning;
    /// `/readyz` says so when `ready` is over.
    ///
    /// # Errors
    /// When an address cannot be listened on.
    pub async fn run(
        mut self,
        webhook: Webhook,
        metrics: Arc<Metrics>,
        ready: impl Future<Output = ()>,
    ) -> Result<End, StartError> {
        let mut signals = Signals::listen().map_err(StartError::Signals)?;
        let (listener, listen) = listener::bind("--listen", self.listen).await?;
        let (ops_listener, ops_listen) = listener::bind("--ops-listen", self.ops_listen).await?;
        let (begin_drain, drain) = watch::channel(false);
        let (_never, no_drain) = watch::channel(false);
        let readiness = Arc::new(Readiness::default());

        if let Some(directory) = self.directory.take() {
            tokio::spawn(reload::pair(directory, self.reload, self.served.clone()));
        }
        if let Some(clients) = self.clients.take() {
            tokio::spawn(reload::clients(clients, self.reload));
        }
        let ops = self.ops(Arc::clone(&readiness), &metrics, &no_drain);
        let ops = tokio::spawn(listener::accept(ops_listener, no_drain, ops));
        let webhooks = self.webhooks(webhook, &metrics, &drain);
        let mut webhooks = tokio::spawn(listener::accept(listener, drain, webhooks));
        tracing::info!(%listen, %ops_listen, "listening");
        let ready = async {
            ready.await;
            readiness.set(State::Ready);
            tracing::info!(%listen, %ops_listen, "ready");
            std::future::pending::<Infallible>().await
        };
        let signal = tokio::select! {
            signal = signals.next() => signal,
            never = ready => match never {},
        };
        tracing::info!(signal, "draining");
        readiness.set(State::Draining);
        begin_drain.send_replace(true);
        let end = tokio::select! {
            drained = timeout(self.shutdown, &mut webhooks) => if drained.is_ok() { End::Drained } else { End::Cut },
            _ = signals.next() => End::Cut,
        };
        webhooks.abort();
        ops.abort();
        match end {
            End::Drained => tracing::info!("drained"),
            End::Cut => tracing::warn!(in_flight = metrics.in_flight.get(), "connections cut"),
        }
        Ok(end)
    }

    /// What happens on a connection to the webhook.
    fn webhooks(
        &self,
        webhook: Webhook,
        metrics: &Arc<Metrics>,
        drain: &Drain,
    ) -> impl Fn(TcpStream) -> BoxedConnection + use<> {
        let (webhook, metrics, drain) = (Arc::new(webhook), Arc::clone(metrics), drain.clone());
        let (served, handshake, deadlines) = (self.served.clone(), self.handshake, self.deadlines);
        move |stream| {
            let (webhook, metrics, mut drain) = (Arc::clone(&webhook), Arc::clone(&metrics), drain.clone());
            let acceptor = TlsAcceptor::from(served.config());
            Box::pin(async move {
                // What rustls would fetch in pieces of 4 KiB comes at once: a system call less for most reviews.
                let stream = BufReader::with_capacity(TLS_RECORD, stream);
                let accepted = tokio::select! {
                    accepted = timeout(handshake, acceptor.accept(stream)) => accepted,
                    _ = drain.wait_for(|begun| *begun) => return,
                };
                match accepted {
                    Ok(Ok(stream)) => {
                        connection::serve(stream, deadlines, drain, |request| webhook.answer(request)).await
                    }
                    Ok(Err(error)) => handshake_failed(&metrics, &error),
                    Err(late) => handshake_failed(&metrics, &late.into()),
                }
            })
        }
    }

    /// What happens on a connection for health and metrics.
    fn ops(
        &self,
        readiness: Arc<Readiness>,
        metrics: &Arc<Metrics>,
        drain: &Drain,
    ) -> impl Fn(TcpStream) -> BoxedConnection + use<> {
        let ops = Ops::new(readiness, self.served.clone(), Arc::clone(metrics));
        let (deadlines, drain) = (self.deadlines, drain.clone());
        move |stream| {
            let (ops, drain) = (ops.clone(), drain.clone());
            Box::pin(async move { connection::serve(stream, deadlines, drain, |request| ops.answer(request)).await })
        }
    }
}

type BoxedConnection = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// The API server does not trust us, or somebody else looked in.
fn handshake_failed(metrics: &Metrics, error: &std::io::Error) {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        // Probes connect and leave without a word.
        return tracing::debug!("a peer left before TLS was established");
    }
    metrics.handshakes_failed.inc();
    tracing::warn!(%error, "no TLS with a peer");
}
