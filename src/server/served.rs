//! What is served now, and how another certificate takes its place: new connections get the new one, old ones notice nothing.
//! Where certificates come from is nobody's business here.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;

use super::metrics::Metrics;
use super::tls::{Tls, TlsError};

/// What is served now. Clones are the same thing.
#[derive(Clone, Debug)]
pub struct Served {
    config: Arc<ArcSwap<ServerConfig>>,
    metrics: Arc<Metrics>,
}

impl Served {
    /// Begins with this.
    #[must_use]
    pub fn new(tls: Tls, metrics: Arc<Metrics>) -> Self {
        metrics.certificate_expiry.set(tls.expires);
        Self { config: Arc::new(ArcSwap::new(tls.config)), metrics }
    }

    /// For new connections.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        self.config.load_full()
    }

    /// Serves another certificate from now on, if it can be served; otherwise the last good one.
    pub fn replace(&self, tls: Result<Tls, TlsError>) {
        match tls {
            Ok(tls) => {
                self.config.store(tls.config);
                self.metrics.certificate_expiry.set(tls.expires);
                self.metrics.certificates_served.inc();
                tracing::info!("another certificate is served");
            }
            Err(error) => {
                self.metrics.certificates_refused.inc();
                tracing::error!(%error, "the last good certificate stays");
            }
        }
    }
}
