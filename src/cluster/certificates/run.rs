//! The loop: look, do what is due, serve what the Secret says, wait for a change. What goes wrong is said, counted and tried
//! again; it never touches what is served.

use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use kube::{Client, ResourceExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::gauges::{CertificateGauges, What};
use super::keeper::{Keeper, Orders, Seen};
use super::lease::Holder;
use super::lifetimes::Lifetimes;
use super::pair::{Certificate, Pair};
use super::plan::Step;
use super::store::{Configuration, RENEW, Store, StoreError};
use super::troubles::{Deed, Troubles};

/// Changes that come this close together are looked at once: our own are among them.
const QUIET: Duration = Duration::from_millis(50);
/// Who fights over a field with somebody else does so this often at most.
const RESPITE: Duration = Duration::from_millis(500);

/// What to manage certificates with.
pub struct Managed {
    /// The way to the API server.
    pub client: Client,
    /// The name of the Secret and of the Lease, in the client's own namespace.
    pub secret: String,
    /// The names that are served.
    pub names: Vec<String>,
    /// The durations, checked.
    pub lifetimes: Lifetimes,
    /// Where it is counted.
    pub gauges: CertificateGauges,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    serving: bool,
    trusted: bool,
}

/// Whether there is something to serve yet.
#[derive(Debug)]
pub struct Managing(watch::Receiver<Progress>);

impl Managing {
    /// Waits until a certificate is served, however long that takes, and then until the webhook configurations trust it, at
    /// most this long: they may not be there.
    pub async fn first_certificate(mut self, at_most: Duration) {
        // The sender is gone only when the runtime is.
        let _ = self.0.wait_for(|progress| progress.serving).await;
        if timeout(at_most, self.0.wait_for(|progress| progress.trusted)).await.is_err() {
            tracing::warn!("the webhook configurations do not trust the certificate yet; serving all the same");
        }
    }
}

impl Managed {
    /// Manages for as long as the runtime lives. Gives each pair that is to be served to `serve`.
    pub fn start(self, serve: impl FnMut(&Pair) + Send + 'static) -> Managing {
        let (progress, managing) = watch::channel(Progress::default());
        let namespace = self.client.default_namespace().to_owned();
        let store = Store::new(&self.client, &namespace, &self.secret);
        let run = Run {
            holder: Holder::new(self.lifetimes.lease),
            keeper: Keeper::new(self.names, self.lifetimes),
            began: Instant::now(),
            served: None,
            troubles: Troubles::default(),
            gauges: self.gauges,
            progress,
            store,
            serve,
        };
        tokio::spawn(run.run(self.lifetimes.lease / 3));
        Managing(managing)
    }
}

struct Run<F> {
    store: Store,
    holder: Holder,
    keeper: Keeper,
    began: Instant,
    served: Option<Pair>,
    troubles: Troubles,
    gauges: CertificateGauges,
    progress: watch::Sender<Progress>,
    serve: F,
}

impl<F: FnMut(&Pair) + Send + 'static> Run<F> {
    async fn run(mut self, every: Duration) {
        let mut changes = self.store.changes();
        loop {
            let begun = Instant::now();
            let again = self.look().await;
            let rested = begun + RESPITE;
            if !again {
                changed(&mut changes, begun + every).await;
                sleep(QUIET).await;
            }
            sleep_until(rested).await;
            while changes.next().now_or_never().flatten().is_some() {}
        }
    }

    fn clock(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether to look again at once, since somebody else has written meanwhile.
    async fn look(&mut self) -> bool {
        let holds = self.hold().await;
        self.gauges.lease_held.set(i64::from(holds));
        // The order matters: a configuration that is older than the Secret cannot be overwritten by mistake, since the
        // version that is named then is not the newest.
        let waiting = !self.progress.borrow().trusted;
        let configurations = if holds || waiting { self.configurations().await } else { Ok(None) };
        let Ok(configurations) = configurations else { return false };
        let read = self.store.secret().await;
        let Some(secret) = self.read(What::Secret, read) else { return false };
        let again = if holds {
            self.lead(secret, configurations.as_deref()).await
        } else {
            let data = secret.as_ref().map(|secret| secret.data.clone().unwrap_or_default());
            let (_, problems) = self.keeper.follow(data.as_ref());
            self.troubles.unusable(&self.gauges, &problems);
            false
        };
        self.serve_and_tell(configurations.as_deref());
        again
    }

    /// Renews the Lease, or takes it where nobody holds it.
    async fn hold(&mut self) -> bool {
        if self.holder.rests(self.clock()) {
            return true;
        }
        let read = self.store.lease().await;
        let Some(lease) = self.read(What::Lease, read) else { return self.holder.holds(self.clock()) };
        let asked = self.clock();
        let Some(claim) = self.holder.claim(lease.as_ref(), asked, Timestamp::now()) else { return false };
        match self.store.write_lease(claim).await {
            Ok(lease) => {
                if self.holder.written(&lease, asked) {
                    tracing::info!("this replica renews certificates");
                }
                self.wrote(What::Lease, Ok(()));
            }
            Err(error) if error.is_conflict() => {}
            Err(error) => self.wrote(What::Lease, Err(error)),
        }
        self.holder.holds(self.clock())
    }

    /// Those that exist; `None` where we may not look. An error is a reason to look again later.
    async fn configurations(&mut self) -> Result<Option<Vec<Configuration>>, ()> {
        let read = self.store.configurations().await;
        let forbidden = read.as_ref().is_err_and(StoreError::is_forbidden);
        match self.read(What::Configurations, read) {
            Some(configurations) => Ok(Some(configurations)),
            None if forbidden => Ok(None),
            None => Err(()),
        }
    }

    async fn lead(&mut self, secret: Option<Secret>, configurations: Option<&[Configuration]>) -> bool {
        let data = secret.as_ref().map(|secret| secret.data.clone().unwrap_or_default());
        let webhooks: Option<Vec<Vec<Certificate>>> =
            configurations.map(|all| all.iter().flat_map(|one| one.trusted.clone()).collect());
        let renew = secret.as_ref().is_some_and(|secret| secret.annotations().contains_key(RENEW));
        let (now, clock) = (Timestamp::now(), self.clock());
        let seen = Seen { secret: data.as_ref(), renew, webhooks: webhooks.as_deref(), now, clock };
        let orders = match self.keeper.lead(&seen) {
            Ok(orders) => orders,
            Err(error) => {
                tracing::error!(%error, "the certificate that is served stays");
                return false;
            }
        };
        self.troubles.unusable(&self.gauges, &orders.problems);
        let mut contents = Some(orders.contents.clone());
        if orders.write() {
            match self.store.write_secret(secret, orders.contents.data()).await {
                Ok(()) => {
                    self.wrote(What::Secret, Ok(()));
                    self.written(&orders);
                }
                Err(error) if error.is_conflict() => return true,
                Err(error) => {
                    self.wrote(What::Secret, Err(error));
                    contents = orders.unwritten;
                }
            }
        }
        let Some(contents) = contents else { return false };
        for configuration in configurations.into_iter().flatten().filter(|one| !one.trusts(&contents)) {
            match self.store.trust(configuration, &contents).await {
                Ok(()) => {
                    self.wrote(What::Configurations, Ok(()));
                    tracing::info!("the caBundle of a webhook configuration is written");
                }
                Err(error) if error.is_conflict() => return true,
                Err(error) => self.wrote(What::Configurations, Err(error)),
            }
        }
        false
    }

    fn written(&mut self, orders: &Orders) {
        self.keeper.follow(Some(&orders.contents.data()));
        if orders.repaired {
            tracing::warn!("the Secret is mended; what was served stays");
        }
        for step in &orders.steps {
            let (message, counted) = match step {
                Step::Forget => ("an authority that has ended is not trusted any more", None),
                Step::NewAuthority => {
                    ("there is a new authority; it signs once everybody trusts it", Some(&self.gauges.authorities))
                }
                Step::Promote => ("the new authority has signed another certificate", Some(&self.gauges.certificates)),
                Step::NewServing => ("there is another certificate", Some(&self.gauges.certificates)),
            };
            tracing::info!("{message}");
            counted.inspect(|counter| counter.inc());
        }
    }

    fn serve_and_tell(&mut self, configurations: Option<&[Configuration]>) {
        let Some(contents) = self.keeper.good() else { return };
        let ends = contents.authority.as_ref().map(|authority| authority.certificate().validity().ends);
        self.gauges.authority_expiry.set(ends.unwrap_or_default());
        let Some(serving) = contents.serving.clone() else { return };
        let trusted = configurations.is_none_or(|all| all.iter().all(|one| one.would_trust(&serving)));
        if self.served.as_ref() != Some(&serving) {
            (self.serve)(&serving);
            self.served = Some(serving);
        }
        self.progress.send_if_modified(|progress| {
            let before = *progress;
            *progress = Progress { serving: true, trusted: before.trusted || trusted };
            !before.serving || progress.trusted != before.trusted
        });
    }

    fn read<T>(&mut self, what: What, outcome: Result<T, StoreError>) -> Option<T> {
        self.troubles.note(&self.gauges, (what, Deed::Read), outcome)
    }

    fn wrote(&mut self, what: What, outcome: Result<(), StoreError>) {
        self.troubles.note(&self.gauges, (what, Deed::Written), outcome);
    }
}

/// Waits for a change, or for the moment when it is time anyway.
async fn changed(changes: &mut BoxStream<'static, ()>, moment: Instant) {
    tokio::select! {
        () = sleep_until(moment) => {}
        Some(()) = changes.next() => {}
    }
}
