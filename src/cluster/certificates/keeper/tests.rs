//! One look after another, with time as it comes. No certificate is ever served that an API server would not trust.

use std::collections::VecDeque;

use k8s_openapi::ByteString;
use proptest::prelude::*;
use rustls::pki_types::{ServerName, UnixTime};

use super::*;
use crate::cluster::certificates::Lifetime;

const NAME: &str = "dapr-preflight.dapr-preflight.svc";
/// How late an API server notices what is in the configurations.
const LAG: u64 = 50;
const BEGIN: u64 = 1_000_000_000;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn lifetimes() -> Lifetimes {
    Lifetimes {
        serving: Lifetime { validity: seconds(2000), renew_before: seconds(800) },
        authority: Lifetime { validity: seconds(6000), renew_before: seconds(2500) },
        settle: seconds(60),
        skew: seconds(100),
        lease: seconds(15),
    }
}

fn keeper() -> Keeper {
    Keeper::new(vec![NAME.to_owned()], lifetimes())
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_second(i64::try_from(second).unwrap()).unwrap()
}

fn lead(keeper: &mut Keeper, secret: Option<&Data>, webhooks: &[Vec<Certificate>], second: u64) -> Orders {
    let (now, clock) = (at(second), seconds(second));
    keeper.lead(&Seen { secret, renew: false, webhooks: Some(webhooks), now, clock }).unwrap()
}

fn trusted(contents: &Contents) -> Vec<Certificate> {
    contents.trusted().cloned().collect()
}

/// Whether who trusts these accepts the pair.
fn accepts(trusted: &[Certificate], pair: &Pair, second: u64) -> bool {
    let now = UnixTime::since_unix_epoch(seconds(second));
    let name = ServerName::try_from(NAME).unwrap();
    trusted.iter().any(|authority| pair.certificate().verifies(authority, &name, now))
}

#[test]
fn from_nothing_everything_is_made_at_once_and_then_nothing_is_due() {
    let mut keeper = keeper();
    let orders = lead(&mut keeper, None, &[Vec::new()], BEGIN);
    assert_eq!(orders.steps, [Step::NewAuthority, Step::Promote]);
    let data = orders.contents.data();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["ca.crt", "ca.key", "tls.crt", "tls.key"]);
    let serving = orders.contents.serving.clone().unwrap();
    assert!(accepts(&trusted(&orders.contents), &serving, BEGIN));
    // Whose clock is behind accepts it too.
    assert!(accepts(&trusted(&orders.contents), &serving, BEGIN - 100));

    let orders = lead(&mut keeper, Some(&data), &[trusted(&orders.contents)], BEGIN + 5);
    assert!(!orders.write(), "{orders:?}");
    assert_eq!(keeper.good().unwrap().serving, Some(serving));
}

#[test]
fn a_new_authority_signs_only_when_every_webhook_has_trusted_it_for_long_enough_without_a_break() {
    let mut keeper = keeper();
    let orders = lead(&mut keeper, None, &[], BEGIN);
    let (old, mut data) = (trusted(&orders.contents), orders.contents.data());
    for pause in [1200, 2400] {
        let orders = lead(&mut keeper, Some(&data), std::slice::from_ref(&old), BEGIN + pause);
        assert_eq!((orders.steps.as_slice(), trusted(&orders.contents)), (&[Step::NewServing][..], old.clone()));
        data = orders.contents.data();
    }
    let second = BEGIN + 3600;
    let orders = lead(&mut keeper, Some(&data), std::slice::from_ref(&old), second);
    assert_eq!(
        orders.steps,
        [Step::NewAuthority, Step::NewServing],
        "the old one signs while nobody knows the new one"
    );
    let (both, data) = (trusted(&orders.contents), orders.contents.data());
    assert!(both.len() == 2 && both.contains(&old[0]));

    let mut steps_at = |second, webhooks: &[Vec<Certificate>]| lead(&mut keeper, Some(&data), webhooks, second).steps;
    assert_eq!(steps_at(second + 10, &[both.clone(), old.clone()]), []);
    assert_eq!(steps_at(second + 20, &[both.clone(), both.clone()]), []);
    assert_eq!(steps_at(second + 79, &[both.clone(), both.clone()]), []);
    // Somebody takes it away for a moment: API servers may have seen that.
    assert_eq!(steps_at(second + 80, &[old.clone(), both.clone()]), []);
    assert_eq!(steps_at(second + 81, &[both.clone(), both.clone()]), []);
    assert_eq!(steps_at(second + 140, &[both.clone(), both.clone()]), []);
    assert_eq!(steps_at(second + 141, &[both.clone(), both.clone()]), [Step::Promote]);
    let orders = lead(&mut keeper, Some(&data), std::slice::from_ref(&both), second + 142);
    let after = trusted(&orders.contents);
    assert!(after.len() == 2 && after.contains(&old[0]), "the old one is trusted on");

    let ends = u64::try_from(old[0].validity().ends).unwrap();
    let data = orders.contents.data();
    assert!(!lead(&mut keeper, Some(&data), std::slice::from_ref(&both), ends + 100).steps.contains(&Step::Forget));
    let orders = lead(&mut keeper, Some(&data), &[both], ends + 101);
    assert!(orders.steps.contains(&Step::Forget) && !trusted(&orders.contents).contains(&old[0]));
}

#[test]
fn a_secret_that_is_deleted_or_spoilt_is_put_back_as_it_was() {
    let mut keeper = keeper();
    let good = lead(&mut keeper, None, &[], BEGIN).contents;
    let (data, known) = (good.data(), [trusted(&good)]);
    lead(&mut keeper, Some(&data), &known, BEGIN + 5);
    let deleted = lead(&mut keeper, None, &known, BEGIN + 10);
    assert!(deleted.repaired && deleted.contents == good);
    for key in data.keys() {
        for spoilt in [None, Some(""), Some("garbage"), Some("-----BEGIN CERTIFICATE-----\nAAAA\n")] {
            let mut bad = data.clone();
            match spoilt {
                None => drop(bad.remove(key)),
                Some(text) => drop(bad.insert(key.clone(), ByteString(text.into()))),
            }
            let orders = lead(&mut keeper, Some(&bad), &known, BEGIN + 20);
            assert!(orders.repaired && orders.contents == good, "{key}: {spoilt:?}");
        }
    }
}

#[test]
fn what_nobody_remembers_is_made_anew_while_everybody_trusts_what_may_still_be_served() {
    let mut keeper = keeper();
    let good = lead(&mut keeper, None, &[], BEGIN).contents;
    let known = [trusted(&good)];
    // A process that has just begun finds no Secret; another one may be serving what was in it.
    let mut young = super::tests::keeper();
    let orders = lead(&mut young, None, &known, BEGIN + 100);
    assert_eq!(orders.steps, [Step::NewAuthority]);
    assert!(accepts(&trusted(&orders.contents), good.serving.as_ref().unwrap(), BEGIN + 100));
    let (data, both) = (orders.contents.data(), [trusted(&orders.contents)]);
    assert_eq!(lead(&mut young, Some(&data), &both, BEGIN + 101).steps, []);
    assert_eq!(lead(&mut young, Some(&data), &both, BEGIN + 161).steps, [Step::Promote]);
}

#[test]
fn after_a_long_sleep_there_is_nothing_to_wait_for() {
    let mut keeper = keeper();
    let good = lead(&mut keeper, None, &[], BEGIN).contents;
    let orders = lead(&mut keeper, Some(&good.data()), &[trusted(&good)], BEGIN + 1_000_000);
    assert_eq!(orders.steps, [Step::NewAuthority, Step::Promote, Step::Forget]);
    assert!(accepts(&trusted(&orders.contents), orders.contents.serving.as_ref().unwrap(), BEGIN + 1_000_000));
}

#[test]
fn another_name_is_signed_at_once_by_the_same_authority() {
    let good = lead(&mut keeper(), None, &[], BEGIN).contents;
    let mut renamed = Keeper::new(vec![NAME.to_owned(), "127.0.0.1".to_owned()], lifetimes());
    let orders = lead(&mut renamed, Some(&good.data()), &[trusted(&good)], BEGIN + 1);
    assert_eq!((orders.steps.as_slice(), orders.contents.authority), (&[Step::NewServing][..], good.authority));
}

#[test]
fn another_authority_is_made_when_somebody_asks_and_the_old_one_is_forgotten_when_somebody_says_so() {
    let mut keeper = keeper();
    let good = lead(&mut keeper, None, &[], BEGIN).contents;
    let (data, known) = (good.data(), [trusted(&good)]);
    let (now, clock) = (at(BEGIN + 1), seconds(BEGIN + 1));
    let seen = Seen { secret: Some(&data), renew: true, webhooks: Some(&known), now, clock };
    let orders = keeper.lead(&seen).unwrap();
    assert_eq!((orders.steps, &orders.contents.serving), (vec![Step::NewAuthority], &good.serving));
    let (data, both) = (orders.contents.data(), [trusted(&orders.contents)]);
    lead(&mut keeper, Some(&data), &both, BEGIN + 2);
    let mut data = lead(&mut keeper, Some(&data), &both, BEGIN + 62).contents.data();
    data.remove("previous-ca.crt");
    let orders = lead(&mut keeper, Some(&data), &both, BEGIN + 63);
    assert!(!orders.write() && !trusted(&orders.contents).contains(&known[0][0]), "{orders:?}");
}

#[test]
fn keys_are_in_no_debug_text() {
    let contents = lead(&mut keeper(), None, &[], BEGIN).contents;
    let shown = format!("{contents:?}");
    let key = contents.serving.unwrap().key_pem().lines().nth(1).unwrap().to_owned();
    assert!(!shown.contains("PRIVATE") && !shown.contains(&key), "{shown}");
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A replica that may write looks, and what it writes fails from this write on: 3 is never.
    Lead { who: usize, fails: usize },
    /// A replica that may not write looks.
    Follow(usize),
    /// A replica begins anew.
    Restart(usize),
    /// The Secret is deleted.
    Delete,
    /// An entry of the Secret is spoilt.
    Spoil { nth: usize, gone: bool },
}

fn event() -> impl Strategy<Value = (u64, Event)> {
    let event = prop_oneof![
        12 => (0..2_usize, 0..5_usize).prop_map(|(who, fails)| Event::Lead { who, fails }),
        3 => (0..2_usize).prop_map(Event::Follow),
        1 => (0..2_usize).prop_map(Event::Restart),
        1 => Just(Event::Delete),
        1 => (0..7_usize, any::<bool>()).prop_map(|(nth, gone)| Event::Spoil { nth, gone }),
    ];
    (1..100_u64, event)
}

struct World {
    second: u64,
    secret: Option<Data>,
    configurations: [Vec<Certificate>; 2],
    /// What the configurations were, and until when.
    past: VecDeque<(u64, [Vec<Certificate>; 2])>,
    replicas: [(Keeper, i64); 2],
    failed: bool,
}

impl World {
    fn new(skews: [i64; 2]) -> Self {
        let replicas = skews.map(|skew| (keeper(), skew));
        Self {
            second: BEGIN,
            secret: None,
            configurations: Default::default(),
            past: VecDeque::new(),
            replicas,
            failed: false,
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Lead { who, fails } => {
                // Not for ever: nothing could be renewed then.
                let fails = if self.failed { 3 } else { fails };
                self.failed = fails < 3;
                self.lead(who, fails);
            }
            Event::Follow(who) => drop(self.replicas[who].0.follow(self.secret.as_ref())),
            Event::Restart(who) => self.replicas[who].0 = keeper(),
            Event::Delete => self.secret = None,
            Event::Spoil { nth, gone } => {
                let Some(data) = &mut self.secret else { return };
                let Some(key) = data.keys().nth(nth).cloned() else { return };
                data.remove(&key);
                if !gone {
                    data.insert(key, ByteString(b"garbage".to_vec()));
                }
            }
        }
        self.is_trusted();
    }

    fn lead(&mut self, who: usize, fails: usize) {
        let (keeper, skew) = &mut self.replicas[who];
        let now = at(self.second.checked_add_signed(*skew).unwrap());
        let seen = Seen {
            secret: self.secret.as_ref(),
            renew: self.second.is_multiple_of(7),
            webhooks: Some(&self.configurations),
            now,
            clock: seconds(self.second),
        };
        let orders = keeper.lead(&seen).unwrap();
        let write = orders.write();
        let contents = if fails == 0 && write { orders.unwritten } else { Some(orders.contents) };
        let Some(contents) = contents else { return };
        if fails > 0 && write {
            self.secret = Some(contents.data());
            keeper.follow(self.secret.as_ref());
            self.is_trusted();
        }
        for nth in 0..2 {
            if (1..=nth + 1).contains(&fails) {
                return;
            }
            if self.configurations[nth] != trusted(&contents) {
                self.past.push_back((self.second, self.configurations.clone()));
                self.configurations[nth] = trusted(&contents);
            }
            self.is_trusted();
        }
    }

    /// An API server that has noticed none, some or all of the last changes accepts what each replica serves.
    fn is_trusted(&mut self) {
        while self.past.front().is_some_and(|(until, _)| until + LAG < self.second) {
            self.past.pop_front();
        }
        for (keeper, _) in &self.replicas {
            let Some(pair) = keeper.good().and_then(|good| good.serving.as_ref()) else { continue };
            for state in self.past.iter().map(|(_, state)| state).chain([&self.configurations]) {
                for bundle in state.iter().filter(|bundle| !bundle.is_empty()) {
                    assert!(accepts(bundle, pair, self.second), "at {}", self.second - BEGIN);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_is_lost_or_is_spoilt_every_api_server_accepts_what_every_replica_serves(
        skews in [-100..=100_i64, -100..=100_i64],
        events in proptest::collection::vec(event(), 60),
    ) {
        let mut world = World::new(skews);
        for (pause, event) in events {
            world.second += pause;
            world.happens(event);
            // Somebody holds the Lease, most of the time, and everybody watches.
            world.happens(Event::Lead { who: 0, fails: 3 });
            world.happens(Event::Follow(1));
        }
        // Left alone, it comes to rest with everything in its place.
        for _ in 0..3 {
            world.second += 61;
            world.happens(Event::Lead { who: 1, fails: 3 });
            world.happens(Event::Follow(0));
        }
        let (contents, problems) = Contents::read(world.secret.as_ref().unwrap(), &[NAME.to_owned()]);
        prop_assert_eq!(problems, Vec::<String>::new());
        prop_assert!(contents.serving.is_some() && contents.authority.is_some());
        prop_assert_eq!(&world.configurations[0], &trusted(&contents));
    }
}
