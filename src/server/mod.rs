//! HTTP, TLS, limits, drain, health, metrics. Reviews are `admission`'s; no rule is known here.
//!
//! The webhook itself is a plain hyper service: four paths need no router, and every pod creation waits for it. Health and
//! metrics, which nobody waits for, are axum's.
//!
//! Reading order: this file, `listener`, `connection`, `webhook`; the rest serves these.

mod body;
mod clients;
mod connection;
mod crowd;
mod deadline;
mod decision_log;
mod descriptors;
mod handshake;
mod limits;
mod listener;
mod log;
mod metrics;
mod ops;
mod pace;
mod policy_file;
mod reload;
mod room;
mod served;
mod signals;
mod status;
pub mod tls;
mod webhook;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

pub use body::BodyLimits;
pub use clients::{Clients, ClientsError};
pub use decision_log::DecisionLog;
pub use limits::Limits;
pub use listener::BindError;
pub use log::{Log, LogFormat};
pub use metrics::{BUCKETS, Metric, Metrics, TABLE};
pub use pace::Deadlines;
pub use policy_file::{PolicyFile, PolicyFileError};
pub use room::RoomLimits;
pub use served::Served;
pub use tls::{Directory, OldestTls, Terms, Tls};
pub use webhook::Webhook;

use connection::{Drain, Going, end};
use crowd::{Crowd, Place};
pub use ops::Readiness;
use ops::{Ops, State};
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
    /// What peers may take.
    pub limits: Limits,
    /// What `/readyz` says.
    pub readiness: Arc<Readiness>,
    /// How long everything goes on as before when the process is asked to end, but for `/readyz`: until the Service sends nobody
    /// here any more.
    pub delay: Duration,
    /// How long requests in flight may take to finish after that.
    pub shutdown: Duration,
}

/// Connections to the plain port at a time: the kubelet's, Prometheus', a curious person's.
const OPS_CONNECTIONS: usize = 32;
/// File descriptors besides connections: listeners, log, API server, files that are read again.
const OTHER_DESCRIPTORS: usize = 64;

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
        descriptors::allow(self.limits.connections + OPS_CONNECTIONS + OTHER_DESCRIPTORS);
        let (going, drain) = watch::channel(Going::Not);
        let (_never, no_drain) = watch::channel(Going::Not);
        let readiness = Arc::clone(&self.readiness);

        if let Some(directory) = self.directory.take() {
            tokio::spawn(reload::pair(directory, self.reload, self.served.clone()));
        }
        if let Some(clients) = self.clients.take() {
            tokio::spawn(reload::clients(clients, self.reload));
        }
        let ops = self.ops(Arc::clone(&readiness), &metrics, &no_drain);
        let crowd = Crowd::new(OPS_CONNECTIONS, metrics.ops_connections.clone(), metrics.ops_evicted.clone());
        let ops = tokio::spawn(listener::accept(ops_listener, crowd, no_drain, ops));
        let crowd = Crowd::new(self.limits.connections, metrics.connections.clone(), metrics.evicted.clone());
        let webhooks = self.webhooks(webhook, &metrics, &drain);
        let mut webhooks = tokio::spawn(listener::accept(listener, crowd, drain, webhooks));
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
        going.send_replace(Going::Soon);
        let drained = async {
            sleep(self.delay).await;
            going.send_replace(Going::Now);
            timeout(self.shutdown, &mut webhooks).await
        };
        let end = tokio::select! {
            drained = drained => if drained.is_ok() { End::Drained } else { End::Cut },
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
    ) -> impl Fn(TcpStream, Arc<Place>) -> BoxedConnection + use<> {
        let (webhook, metrics, drain) = (Arc::new(webhook), Arc::clone(metrics), drain.clone());
        let (served, Limits { handshake, deadlines, .. }) = (self.served.clone(), self.limits);
        move |stream, place| {
            let (webhook, metrics, mut drain) = (Arc::clone(&webhook), Arc::clone(&metrics), drain.clone());
            let acceptor = TlsAcceptor::from(served.config());
            Box::pin(async move {
                // What rustls would fetch in pieces of 4 KiB comes at once: a system call less for most reviews.
                let mut stream = BufReader::with_capacity(TLS_RECORD, stream);
                let accept = async {
                    stream.fill_buf().await?;
                    place.phase.shaking();
                    acceptor.accept(stream).await
                };
                let accepted = tokio::select! {
                    accepted = timeout(handshake, accept) => accepted,
                    () = last_chance(&mut drain) => return,
                };
                match accepted {
                    Ok(Ok(stream)) => {
                        let answer = |request| webhook.answer(request);
                        connection::serve(stream, &place.phase, deadlines, drain, answer).await
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
    ) -> impl Fn(TcpStream, Arc<Place>) -> BoxedConnection + use<> {
        let ops = Ops::new(readiness, self.served.clone(), Arc::clone(metrics));
        let (deadlines, drain) = (self.limits.deadlines, drain.clone());
        move |stream, place| {
            let (ops, drain) = (ops.clone(), drain.clone());
            Box::pin(async move {
                connection::serve(stream, &place.phase, deadlines, drain, |request| ops.answer(request)).await
            })
        }
    }
}

/// Returns when the end has come and a handshake that had begun has had its time.
async fn last_chance(drain: &mut Drain) {
    end(drain).await;
    sleep(connection::LAST_CHANCE).await;
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
