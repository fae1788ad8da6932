//! Everything that talks to the API server. Today: policies and exemptions, watched.
//!
//! Nothing here is in the path of a review. A review reads a snapshot; this module makes the next one. Losing the API
//! server therefore changes nothing but how old the snapshot is.
//!
//! Reading order: this file, `watch` (streams to stores), `objects` (objects to a snapshot and to what is said of them),
//! `status` (saying it), `place` (where in an object a mistake is).

mod gauges;
mod objects;
mod place;
mod status;
mod watch;

pub use gauges::Gauges;
pub use objects::Snapshot;
pub use watch::{Watch, Watching};

/// Why there is no way to the API server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Neither a service account nor a kubeconfig.
    #[error(
        "--watch needs a way to the API server: run in a pod with a service account, or set KUBECONFIG; \
         without --watch, --policy gives a policy"
    )]
    NoConfiguration(#[source] Box<kube::config::InferConfigError>),
    /// What was found cannot be used.
    #[error("--watch cannot use the API server's address and credentials that it found")]
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
