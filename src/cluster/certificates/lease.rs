//! Who may renew: the holder of a Lease. Losing it costs nothing but the right to write, and two who both think that they
//! hold it cannot spoil anything either, since every write names the version that it replaces.

use std::time::Duration;

use aws_lc_rs::rand;
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::ResourceExt as _;

/// What this process knows of the Lease.
#[derive(Debug)]
pub(super) struct Holder {
    me: String,
    lasts: Duration,
    /// The newest form that was seen, and when it was seen first, on a clock that only goes on. Times in the Lease are those
    /// of another's clock, and decide nothing.
    seen: Option<(String, Duration)>,
    held_until: Duration,
}

impl Holder {
    /// Under a name that no other process has.
    pub fn new(lasts: Duration) -> Self {
        let pod = std::env::var("HOSTNAME").unwrap_or_else(|_| "dapr-preflight".to_owned());
        let mut suffix = [0; 4];
        // Without randomness there would be no certificates either; the version that is named still keeps two apart.
        let _ = rand::fill(&mut suffix);
        Self { me: format!("{pod}-{:08x}", u32::from_be_bytes(suffix)), lasts, seen: None, held_until: Duration::ZERO }
    }

    /// Whether it is held now.
    pub fn holds(&self, clock: Duration) -> bool {
        clock < self.held_until
    }

    /// Whether it is held for long enough not to be written again yet.
    pub fn rests(&self, clock: Duration) -> bool {
        clock + self.lasts * 2 / 3 < self.held_until
    }

    /// The Lease to write; `None` where another holds it.
    pub fn claim(&mut self, lease: Option<&Lease>, clock: Duration, now: Timestamp) -> Option<Lease> {
        let spec = lease.and_then(|lease| lease.spec.clone()).unwrap_or_default();
        let holder = spec.holder_identity.clone().unwrap_or_default();
        let version = lease.and_then(Lease::resource_version).unwrap_or_default();
        let since = match &self.seen {
            Some((known, since)) if *known == version => *since,
            _ => clock,
        };
        self.seen = Some((version.clone(), since));
        let lasts = u64::try_from(spec.lease_duration_seconds.unwrap_or_default()).unwrap_or_default();
        let over = clock.saturating_sub(since) >= Duration::from_secs(lasts);
        if holder != self.me && !holder.is_empty() && !over {
            self.held_until = Duration::ZERO;
            return None;
        }
        let mut claimed = lease.cloned().unwrap_or_default();
        let taken = holder != self.me;
        claimed.spec = Some(LeaseSpec {
            holder_identity: Some(self.me.clone()),
            lease_duration_seconds: Some(i32::try_from(self.lasts.as_secs().max(1)).unwrap_or(i32::MAX)),
            renew_time: Some(MicroTime(now)),
            acquire_time: if taken { Some(MicroTime(now)) } else { spec.acquire_time },
            lease_transitions: Some(spec.lease_transitions.unwrap_or_default() + i32::from(taken)),
            ..spec
        });
        Some(claimed)
    }

    /// It was written, and the API server was asked to at that time. Whether it was not held before.
    pub fn written(&mut self, lease: &Lease, asked: Duration) -> bool {
        let new = !self.holds(asked);
        self.held_until = asked + self.lasts;
        self.seen = Some((lease.resource_version().unwrap_or_default(), asked));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn stored(mut lease: Lease, version: &str) -> Lease {
        lease.metadata.resource_version = Some(version.to_owned());
        lease
    }

    #[test]
    fn one_holds_it_and_another_takes_it_only_when_it_has_seen_no_sign_of_life_for_as_long_as_it_lasts() {
        // Clocks decide nothing: the second one's is an hour behind.
        let (now, behind) = (Timestamp::from_second(10_000).unwrap(), Timestamp::from_second(6_400).unwrap());
        let (mut one, mut two) = (Holder::new(at(15)), Holder::new(at(15)));
        let lease = stored(one.claim(None, at(100), now).unwrap(), "1");
        assert!(one.written(&lease, at(100)) && one.holds(at(114)) && !one.holds(at(115)));
        assert!(one.rests(at(104)) && !one.rests(at(105)));

        assert_eq!(two.claim(Some(&lease), at(7), behind), None);
        let lease = stored(one.claim(Some(&lease), at(105), now).unwrap(), "2");
        assert!(!one.written(&lease, at(105)), "it held it before");
        assert_eq!(two.claim(Some(&lease), at(21), behind), None);
        assert_eq!(two.claim(Some(&lease), at(35), behind), None);
        let lease = stored(two.claim(Some(&lease), at(36), behind).unwrap(), "3");
        assert!(two.written(&lease, at(36)));
        let spec = lease.spec.as_ref().unwrap();
        assert_eq!((spec.lease_transitions, &spec.holder_identity), (Some(2), &Some(two.me.clone())));

        assert_eq!(one.claim(Some(&lease), at(110), now), None);
        assert!(!one.holds(at(110)), "it knows that it has lost it");
    }
}
