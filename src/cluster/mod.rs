//! Everything that talks to the API server: policies and exemptions, watched; certificates, managed.
//!
//! Nothing here is in the path of a review. A review reads a snapshot; this module makes the next one. Losing the API
//! server therefore changes nothing but how old the snapshot is.
//!
//! Reading order: this file, `watch` (streams to stores), `objects` (objects to a snapshot and to what is said of them),
//! `status` (saying it), `place` (where in an object a mistake is). `certificates` is a story of its own; `x509` reads
//! certificates for it and for `server`.

pub mod certificates;
mod gauges;
mod objects;
mod place;
mod status;
mod watch;
pub(crate) mod x509;

pub use gauges::Gauges;
pub use objects::Snapshot;
pub use watch::{Watch, Watching};

/// Why there is no way to the API server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Neither a service account nor a kubeconfig.
    #[error(
        "--watch and --tls-secret need a way to the API server: run in a pod with a service account, or set KUBECONFIG; \
         without --watch, --policy gives a policy, and without --tls-secret, --tls-dir a certificate"
    )]
    NoConfiguration(#[source] Box<kube::config::InferConfigError>),
    /// What was found cannot be used.
    #[error("--watch and --tls-secret cannot use the API server's address and credentials that it found")]
    Client(#[source] Box<kube::Error>),
}

/// A client by the pod's service account, or by `KUBECONFIG`. It does not connect yet.
///
/// # Errors
/// When nothing says where the API server is.
pub async fn client() -> Result<kube::Client, ConnectError> {
    let config = kube::Config::infer().await.map_err(|error| ConnectError::NoConfiguration(Box::new(error)))?;
    kube::Client::try_from(config).map_err(|error| ConnectError::Client(Box::new(error)))
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let mut text = error.to_string();
    for cause in causes.map(ToString::to_string).filter(|cause| !error.to_string().contains(cause.as_str())) {
        text = format!("{text}: {cause}");
    }
    text
}
