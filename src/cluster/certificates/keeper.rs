//! What one look at the cluster leads to: what to write into the Secret, whom the webhook configurations are to trust, what
//! to serve. It remembers the last good Secret, and since when the next authority is trusted; it does no IO.

use std::time::Duration;

use jiff::Timestamp;

use super::contents::{Contents, Data};
use super::lifetimes::Lifetimes;
use super::pair::{Certificate, MakeError, Pair};
use super::plan::{Circumstances, Step, due};

/// Follows the Secret, and says what is to become of it.
#[derive(Clone, Debug)]
pub(super) struct Keeper {
    names: Vec<String>,
    lifetimes: Lifetimes,
    /// The last Secret in which everything was good.
    good: Option<Contents>,
    /// The next authority, and since when every configuration has been seen to trust it, on a clock that only goes on.
    trusted: Option<(Certificate, Duration)>,
}

/// What there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    /// The Secret's data; `None` where there is no Secret.
    pub secret: Option<&'a Data>,
    /// Whether somebody has asked for another authority.
    pub renew: bool,
    /// Whom each webhook of the configurations trusts; `None` where they cannot be read.
    pub webhooks: Option<&'a [Vec<Certificate>]>,
    /// The time, as certificates have it.
    pub now: Timestamp,
    /// The time, as a clock has it that is never set.
    pub clock: Duration,
}

/// What is to be done by who may write.
#[derive(Debug)]
pub(super) struct Orders {
    /// What the Secret is to hold.
    pub contents: Contents,
    /// What holds where it cannot be written: what is not kept is not published, and nobody is trusted less than before
    /// while nobody knows what the others serve.
    pub unwritten: Option<Contents>,
    /// Why: what was due.
    pub steps: Vec<Step>,
    /// Whether the Secret's last good form is put back, or what can be saved of it.
    pub repaired: bool,
    /// What is wrong with the Secret.
    pub problems: Vec<String>,
}

impl Orders {
    /// Whether the Secret is to be written.
    pub fn write(&self) -> bool {
        self.repaired || !self.steps.is_empty()
    }
}

impl Keeper {
    pub fn new(names: Vec<String>, lifetimes: Lifetimes) -> Self {
        Self { names, lifetimes, good: None, trusted: None }
    }

    /// Takes the Secret over as it is: what it says is served, and what is wrong with it. Who may not write does no more.
    pub fn follow(&mut self, secret: Option<&Data>) -> (Contents, Vec<String>) {
        let Some(data) = secret else { return (Contents::default(), Vec::new()) };
        let (contents, problems) = Contents::read(data, &self.names);
        if problems.is_empty() && contents.serving.is_some() {
            self.good = Some(contents.clone());
        }
        (contents, problems)
    }

    /// The last Secret in which everything was good.
    pub fn good(&self) -> Option<&Contents> {
        self.good.as_ref()
    }

    /// What is to be done.
    ///
    /// # Errors
    /// When there is no randomness to make a key of.
    pub fn lead(&mut self, seen: &Seen<'_>) -> Result<Orders, MakeError> {
        let (found, problems) = self.follow(seen.secret);
        let repaired = !problems.is_empty() || (seen.secret.is_none() && self.good.is_some());
        let mut contents = match &self.good {
            Some(good) if repaired => good.clone(),
            _ => found,
        };
        let mut unwritten = self.good.clone();
        if repaired || seen.secret.is_none() {
            // Another replica may serve what one of these has signed.
            let known = seen.webhooks.unwrap_or_default().iter().flatten();
            let known: Vec<_> = known.filter(|old| old.validity().holds(seen.now.as_second())).cloned().collect();
            contents.trust_too(known.clone());
            unwritten.iter_mut().for_each(|good| good.trust_too(known.clone()));
        }
        let (names, lifetimes) = (self.names.clone(), self.lifetimes);
        let mut steps = Vec::new();
        loop {
            let next_trusted = self.next_trusted(&contents, seen);
            let renew = seen.renew && steps.is_empty();
            let what = Circumstances { now: seen.now, next_trusted, renew, names: &names, lifetimes: &lifetimes };
            // Each once: nothing that is due again and again may keep the loop from ending.
            let Some(step) = due(&contents, &what).filter(|step| !steps.contains(step)) else { break };
            contents = step.take(contents, &what)?;
            steps.push(step);
        }
        Ok(Orders { contents, unwritten, steps, repaired, problems })
    }

    /// How long every webhook has trusted the next authority, as far as this process has seen it itself.
    fn next_trusted(&mut self, contents: &Contents, seen: &Seen<'_>) -> Option<Duration> {
        let next = contents.next.as_ref().map(Pair::certificate);
        let everywhere = next.filter(|next| {
            let webhooks = seen.webhooks.map(|all| all.iter().all(|trusted| trusted.contains(next)));
            webhooks.unwrap_or(false)
        });
        let since = match (&self.trusted, everywhere) {
            (Some((known, since)), Some(next)) if known == next => Some((next.clone(), *since)),
            (_, next) => next.map(|next| (next.clone(), seen.clock)),
        };
        self.trusted = since;
        self.trusted.as_ref().map(|(_, since)| seen.clock.saturating_sub(*since))
    }
}

#[cfg(test)]
mod tests;
