//! Files that are renewed while they are in use: looked at on a timer, by their bytes.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::clients::Clients;
use super::served::Served;
use super::tls::Directory;

/// Looks at the directory every so often, for ever. What cannot be served leaves the last good pair in place.
pub(super) async fn pair(directory: Directory, every: Duration, served: Served) {
    on_a_timer(directory, every, Directory::changed, |changed| served.replace(changed)).await;
}

/// Looks at the file of `--client-ca` every so often, for ever. What cannot be used leaves the last good authorities.
pub(super) async fn clients(clients: Clients, every: Duration) {
    on_a_timer(clients, every, Clients::changed, |changed| match changed {
        Ok(()) => tracing::info!("other authorities of clients are trusted"),
        Err(error) => tracing::error!(%error, "the last good authorities of clients stay"),
    })
    .await;
}

async fn on_a_timer<T, C>(
    mut what: T,
    every: Duration,
    look: impl Fn(&mut T) -> Option<C> + Copy + Send + 'static,
    found: impl Fn(C),
) where
    T: Send + 'static,
    C: Send + 'static,
{
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // A file system that hangs must not hold up a review.
        let looked = tokio::task::spawn_blocking(move || {
            let changed = look(&mut what);
            (what, changed)
        });
        let Ok((back, changed)) = looked.await else { return };
        what = back;
        if let Some(changed) = changed {
            found(changed);
        }
    }
}
