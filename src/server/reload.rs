//! A certificate that is renewed while it is served. New connections get the new one; old ones notice nothing.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::time::{MissedTickBehavior, interval};

use super::metrics::Metrics;
use super::tls::Directory;

/// Looks at the directory every so often, for ever. What cannot be served leaves the last good pair in place.
pub(super) async fn reload(
    mut directory: Directory,
    every: Duration,
    served: Arc<ArcSwap<ServerConfig>>,
    metrics: Arc<Metrics>,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // A file system that hangs must not hold up a review.
        let looked = tokio::task::spawn_blocking(move || {
            let changed = directory.changed();
            (directory, changed)
        });
        let Ok((back, changed)) = looked.await else { return };
        directory = back;
        match changed {
            None => {}
            Some(Ok(tls)) => {
                served.store(tls.config);
                metrics.certificate_expiry.set(tls.expires);
                metrics.certificates_served.inc();
                tracing::info!("another certificate is served");
            }
            Some(Err(error)) => {
                metrics.certificates_refused.inc();
                tracing::error!(%error, "the last good certificate stays");
            }
        }
    }
}
