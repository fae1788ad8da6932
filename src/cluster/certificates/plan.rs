//! What is due now, and what the Secret holds once it is done. Pure but for the randomness of new keys: time is an argument.
//!
//! An authority is replaced in three steps, so that at every moment everybody trusts what anybody serves: it is made and
//! published (`next`), then it signs (`authority`), and it is trusted to its end when another has taken its place
//! (`previous`). Only the second step changes what is served, and it waits until the first has reached every API server.

use std::time::Duration;

use jiff::Timestamp;

use super::contents::Contents;
use super::lifetimes::Lifetimes;
use super::pair::{MakeError, Pair};
use super::x509;

/// One change of the Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Authorities that have ended are not trusted any more.
    Forget,
    /// There is to be another authority.
    NewAuthority,
    /// The next authority signs from now on.
    Promote,
    /// Another serving certificate, by the same authority.
    NewServing,
}

/// What decides over what is due, besides the Secret.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances<'a> {
    /// The time.
    pub now: Timestamp,
    /// How long every webhook configuration has trusted the next authority; `None` while one does not, or nobody knows.
    pub next_trusted: Option<Duration>,
    /// Whether somebody has asked for another authority.
    pub renew: bool,
    /// The names that are served.
    pub names: &'a [String],
    /// The durations.
    pub lifetimes: &'a Lifetimes,
}

/// The next step, if any is due.
pub(super) fn due(contents: &Contents, what: &Circumstances<'_>) -> Option<Step> {
    let Contents { serving, authority, next, previous } = contents;
    let (now, lifetimes) = (what.now.as_second(), what.lifetimes);
    let skew = i64::try_from(lifetimes.skew.as_secs()).unwrap_or(i64::MAX);
    // Somebody's clock may be behind: an end counts for us only when it has come for everybody.
    let over = |ends: i64| ends.saturating_add(skew) < now;
    let alive = |pair: &Pair| pair.certificate().validity().ends > now;

    if previous.iter().any(|certificate| over(certificate.validity().ends)) {
        return Some(Step::Forget);
    }
    let renewal = |pair: &Pair| lifetimes.authority.renewal(pair.certificate().der(), pair.certificate().validity());
    let wanted = what.renew || authority.as_ref().is_none_or(|authority| renewal(authority) <= now);
    if (wanted && next.is_none()) || next.as_ref().is_some_and(|next| !alive(next)) {
        return Some(Step::NewAuthority);
    }
    if next.is_some() {
        let served = serving.as_ref().is_some_and(|pair| !over(pair.certificate().validity().ends));
        // Where nothing valid is served, and nobody was trusted who may have signed what another replica serves, there is
        // nothing to wait for.
        let nobody_serves = !served && (serving.is_some() || (authority.is_none() && previous.is_empty()));
        if nobody_serves || what.next_trusted.is_some_and(|since| since >= lifetimes.settle) {
            return Some(Step::Promote);
        }
    }
    let authority = authority.as_ref().filter(|authority| alive(authority))?;
    let Some(serving) = serving else { return Some(Step::NewServing) };
    let (der, validity) = (serving.certificate().der(), serving.certificate().validity());
    let named = x509::alternative_names(der);
    let unnamed = what.names.iter().any(|name| !named.contains(name));
    let later = lifetimes.next_end(what.now).min(authority.certificate().validity().ends) > validity.ends;
    let renew = later && lifetimes.serving.renewal(der, validity) <= now;
    (unnamed || renew).then_some(Step::NewServing)
}

impl Step {
    /// The Secret after it.
    ///
    /// # Errors
    /// When there is no randomness to make a key of.
    pub fn take(self, mut contents: Contents, what: &Circumstances<'_>) -> Result<Contents, MakeError> {
        let (now, lifetimes) = (what.now, what.lifetimes);
        let sign = |authority: &Option<Pair>| {
            authority.as_ref().map(|authority| authority.sign(what.names, now, lifetimes)).transpose()
        };
        match self {
            Self::Forget => {
                let skew = i64::try_from(lifetimes.skew.as_secs()).unwrap_or(i64::MAX);
                contents.previous.retain(|old| old.validity().ends.saturating_add(skew) >= now.as_second());
            }
            Self::NewAuthority => contents.next = Some(Pair::authority(now, lifetimes)?),
            Self::Promote => {
                let old = std::mem::replace(&mut contents.authority, contents.next.take());
                contents.trust_too(old.map(|old| old.certificate().clone()));
                contents.serving = sign(&contents.authority)?;
            }
            Self::NewServing => contents.serving = sign(&contents.authority)?,
        }
        Ok(contents)
    }
}
