//! Policies and exemptions, watched: from streams of events to one snapshot after another.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use jiff::Timestamp;
use kube::api::{Api, ApiResource, DynamicObject};
use kube::runtime::reflector::{Store, store::Writer};
use kube::runtime::utils::Backoff;
use kube::runtime::watcher::DefaultBackoff;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, ResourceExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::chain;
use super::gauges::Gauges;
use super::objects::{Objects, Snapshot, Verdict};
use super::status::{self, Due};
use crate::policy::{PreflightExemption, PreflightPolicy, Rule};

/// Events that come this close together make one snapshot.
const QUIET: Duration = Duration::from_millis(100);
/// A stream that is never quiet still makes a snapshot this often.
const AT_LEAST: Duration = Duration::from_secs(1);
/// How often everything is looked at when nothing happens, if no exemption ends earlier. Reviews look at the end themselves.
const TICK: Duration = Duration::from_secs(30);
/// An API server that is back is asked again after this long at most: two small lists are no burden for it, and people
/// wait for their policies to count.
const SEEN_AGAIN: Duration = Duration::from_secs(5);
/// An exemption that ends within this time is said to be ending.
const ENDING: Duration = Duration::from_secs(7 * 24 * 3600);

/// What to watch, and for whom.
pub struct Watch {
    /// The way to the API server.
    pub client: Client,
    /// The rules that policies and exemptions may name.
    pub rules: &'static [&'static Rule],
    /// Whether policies are watched; exemptions always are.
    pub policies: bool,
    /// Where it is counted.
    pub gauges: Gauges,
}

/// Whether what there is has been read once.
#[derive(Debug)]
pub struct Watching(watch::Receiver<[bool; 2]>);

impl Watching {
    /// Waits until the API server has listed everything, or has said that it will not (no such kind, no permission),
    /// at most this long.
    pub async fn first_list(mut self, at_most: Duration) {
        let listed = self.0.wait_for(|listed| listed.iter().all(|kind| *kind));
        if timeout(at_most, listed).await.is_err() {
            let seconds = at_most.as_secs();
            tracing::warn!("the API server did not list policies and exemptions within {seconds} s; serving without");
        }
    }
}

impl Watch {
    /// Watches for as long as the runtime lives. Gives each snapshot to `publish`, the first one when everything that can
    /// be listed is.
    pub fn start(self, publish: impl FnMut(Snapshot) + Send + 'static) -> Watching {
        let (listed, watching) = watch::channel([!self.policies, false]);
        let gauges = self.gauges.clone();
        tokio::spawn(async move {
            if tokio::spawn(self.run(publish, listed)).await.is_err() {
                gauges.watching.iter().for_each(|watching| watching.set(0));
                tracing::error!(
                    "policies and exemptions are not watched any more, by a fault of this program; what is known of \
                     them stays in force; restart it to see changes"
                );
            }
        });
        Watching(watching)
    }

    async fn run(self, mut publish: impl FnMut(Snapshot) + Send + 'static, listed: watch::Sender<[bool; 2]>) {
        let (due, writes) = watch::channel(Vec::new());
        tokio::spawn(status::write(self.client.clone(), writes));
        let mut kinds = [Kind::of::<PreflightPolicy>(), Kind::of::<PreflightExemption>()];
        let watched = (0..kinds.len()).filter(|&nth| nth != 0 || self.policies);
        let mut events = stream::select_all(watched.map(|nth| kinds[nth].events(&self.client, nth)));
        let mut objects = Objects::new(self.rules);
        let mut next_end = TICK;
        loop {
            let tick = Instant::now() + next_end;
            let mut until = tick;
            while let Some(Some((nth, event))) = before(until, events.next()).await {
                if until == tick {
                    until = Instant::now() + AT_LEAST;
                }
                until = until.min(Instant::now() + QUIET).max(Instant::now());
                let counters = (&self.gauges.watching[nth], &self.gauges.watch_errors[nth]);
                if kinds[nth].apply(event, counters) {
                    listed.send_modify(|listed| listed[nth] = true);
                }
            }
            if listed.borrow().iter().all(|kind| *kind) {
                let now = Timestamp::now();
                let (policies, mut policy_verdicts) = objects.policies(kinds[0].store.state());
                let (exemptions, exemption_verdicts) = objects.exemptions(kinds[1].store.state(), now);
                self.count(&policy_verdicts, &exemption_verdicts, now);
                next_end = until_next_end(&exemption_verdicts, now);
                let policies = self.policies.then_some(policies);
                publish(Snapshot { policies, exemptions });
                let both = [(0, &mut policy_verdicts), (1, &mut { exemption_verdicts })];
                let all = both.into_iter().flat_map(|(nth, verdicts)| {
                    let kind = &kinds[nth].resource;
                    verdicts.iter().filter_map(|(object, said)| Due::new(kind, object, said, now)).collect::<Vec<_>>()
                });
                due.send_replace(all.collect());
            }
        }
    }

    fn count(&self, policies: &[Verdict], exemptions: &[Verdict], now: Timestamp) {
        let count = |verdicts: &[Verdict], like: &dyn Fn(&status::Said) -> bool| {
            i64::try_from(verdicts.iter().filter(|(_, said)| like(said)).count()).unwrap_or(i64::MAX)
        };
        let gauges = &self.gauges;
        let active = |said: &status::Said| said.active.as_ref().is_some_and(|(active, ..)| *active);
        gauges.policies_accepted.set(count(policies, &|said| said.accepted));
        gauges.policies_refused.set(count(policies, &|said| !said.accepted));
        gauges.exemptions_active.set(count(exemptions, &active));
        gauges.exemptions_refused.set(count(exemptions, &|said| !said.accepted));
        gauges.exemptions_expired.set(count(exemptions, &|said| said.expires.is_some_and(|end| end <= now)));
        let soon = now + ENDING;
        gauges
            .exemptions_expiring
            .set(count(exemptions, &|said| active(said) && said.expires.is_some_and(|end| end <= soon)));
    }
}

/// How long until the next exemption ends, at most [`TICK`].
fn until_next_end(exemptions: &[Verdict], now: Timestamp) -> Duration {
    let ends = exemptions.iter().filter_map(|(_, said)| Duration::try_from(said.expires? - now).ok());
    ends.filter(|end| !end.is_zero()).min().map_or(TICK, |end| end.min(TICK))
}

/// What comes before a moment.
async fn before<F: Future>(moment: Instant, what: F) -> Option<F::Output> {
    tokio::select! {
        biased;
        () = sleep_until(moment) => None,
        output = what => Some(output),
    }
}

/// kube's own waits before it asks again, but none longer than [`SEEN_AGAIN`].
#[derive(Default)]
struct Patience(DefaultBackoff);

impl Iterator for Patience {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.0.next().map(|wait| wait.min(SEEN_AGAIN))
    }
}

impl Backoff for Patience {
    fn reset(&mut self) {
        self.0.reset();
    }
}

type Event = Result<watcher::Event<DynamicObject>, watcher::Error>;

/// A kind that is watched, and what is known of it.
struct Kind {
    resource: ApiResource,
    writer: Writer<DynamicObject>,
    store: Store<DynamicObject>,
    /// What the API server last said against it.
    trouble: Option<String>,
}

impl Kind {
    fn of<K: kube::Resource<DynamicType = ()>>() -> Self {
        let resource = ApiResource::erase::<K>(&());
        let writer = Writer::new(resource.clone());
        Self { store: writer.as_reader(), writer, resource, trouble: None }
    }

    /// Objects of any form: a schema that is older or newer than this program must not end the stream.
    fn events(&self, client: &Client, nth: usize) -> BoxStream<'static, (usize, Event)> {
        let api = Api::<DynamicObject>::all_with(client.clone(), &self.resource);
        let events = watcher(api, watcher::Config::default()).backoff(Patience::default());
        events.map(move |event| (nth, event)).boxed()
    }

    /// Takes an event over; whether the kind is listed now, or never will be.
    fn apply(&mut self, event: Event, (watching, errors): (&prometheus::IntGauge, &prometheus::IntCounter)) -> bool {
        match event {
            Ok(event) => {
                let listed = matches!(event, watcher::Event::InitDone);
                self.writer.apply_watcher_event(&event.modify(|object| object.managed_fields_mut().clear()));
                if listed {
                    watching.set(1);
                    if self.trouble.take().is_some() {
                        tracing::info!("{} are watched again", self.resource.plural);
                    }
                }
                listed
            }
            Err(error) => {
                watching.set(0);
                errors.inc();
                let (advice, final_) = advice(&error);
                if self.trouble.as_deref() != Some(advice) {
                    tracing::warn!(error = %chain(&error), "{} cannot be watched; {advice}", self.resource.plural);
                    self.trouble = Some(advice.to_owned());
                }
                final_
            }
        }
    }
}

/// What a person can do about it, and whether waiting would be in vain.
fn advice(error: &watcher::Error) -> (&'static str, bool) {
    let (watcher::Error::InitialListFailed(kube::Error::Api(status))
    | watcher::Error::WatchStartFailed(kube::Error::Api(status))
    | watcher::Error::WatchError(status)) = error
    else {
        return ("what is known of them stays in force", false);
    };
    match status.code {
        404 => ("install the CustomResourceDefinitions; until then the built-in policy holds", true),
        401 | 403 => (
            "let the service account list and watch them (its ClusterRole); until then what is known of them, or the \
             built-in policy, holds",
            true,
        ),
        _ => ("what is known of them stays in force", false),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use prometheus::{IntCounter, IntGauge};
    use tokio::sync::mpsc;

    use super::*;

    /// An API server that has no objects and no news, and speaks to whoever comes.
    fn empty_api_server() -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    let mut request = [0; 4096];
                    while let Ok(1..) = stream.read(&mut request) {
                        if !String::from_utf8_lossy(&request).contains("watch=true") {
                            let list = r#"{"metadata":{"resourceVersion":"1"},"items":[]}"#;
                            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
                            write!(stream, "{head}: {}\r\n\r\n{list}", list.len()).unwrap();
                        }
                    }
                });
            }
        });
        Client::try_from(kube::Config::new(format!("http://{address}").parse().unwrap())).unwrap()
    }

    fn gauges() -> Gauges {
        let gauge = || IntGauge::new("gauge", "help").unwrap();
        let counter = || IntCounter::new("counter", "help").unwrap();
        Gauges {
            policies_accepted: gauge(),
            policies_refused: gauge(),
            exemptions_active: gauge(),
            exemptions_expired: gauge(),
            exemptions_refused: gauge(),
            exemptions_expiring: gauge(),
            watching: [gauge(), gauge()],
            watch_errors: [counter(), counter()],
        }
    }

    #[tokio::test]
    async fn a_fault_of_ours_is_not_taken_for_a_watch_without_news() {
        let gauges = gauges();
        let watch = Watch { client: empty_api_server(), rules: &[], policies: true, gauges: gauges.clone() };
        let (said, mut published) = mpsc::unbounded_channel();
        let seen = gauges.watching.clone();
        let watching = watch.start(move |_| {
            said.send(seen.iter().map(IntGauge::get).collect::<Vec<_>>()).unwrap();
            panic!("a fault of ours");
        });
        assert_eq!(published.recv().await, Some(vec![1, 1]), "both were watched");
        watching.first_list(Duration::from_secs(10)).await;
        // The sender goes with the task.
        assert_eq!(published.recv().await, None);
        let noticed = async {
            while gauges.watching[0].get() == 1 {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(10), noticed).await.expect("nobody noticed");
    }

    #[test]
    fn an_api_server_that_is_back_is_asked_within_five_seconds_however_long_it_was_away() {
        let waits: Vec<_> = Patience::default().take(50).collect();
        assert!(waits[0] < Duration::from_secs(2), "{waits:?}");
        assert_eq!(waits.last(), Some(&SEEN_AGAIN));
        assert!(waits.iter().all(|wait| *wait <= SEEN_AGAIN), "{waits:?}");
    }
}
