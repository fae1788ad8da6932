//! All exemptions, by namespace.

use std::collections::HashMap;

use jiff::Timestamp;

use super::exemption::{Exemption, Identity};
use super::rule::Rule;

/// All exemptions, by namespace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exemptions(HashMap<String, Vec<Exemption>>);

/// Those that cover one object at one moment.
#[derive(Clone, Debug, Default)]
pub struct Covering<'e>(Vec<&'e Exemption>);

impl Exemptions {
    /// Those that cover an object now. Who it is, is asked only where its namespace has exemptions: most have none.
    #[must_use]
    pub fn covering<'a>(
        &self,
        namespace: &str,
        now: Timestamp,
        identity: impl FnOnce() -> Identity<'a>,
    ) -> Covering<'_> {
        let Some(here) = self.0.get(namespace) else { return Covering::default() };
        let identity = identity();
        Covering(here.iter().filter(|exemption| exemption.covers(&identity, now)).collect())
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        for (namespace, exemptions) in others.0 {
            self.0.entry(namespace).or_default().extend(exemptions);
        }
        self
    }
}

impl FromIterator<(String, Exemption)> for Exemptions {
    fn from_iter<I: IntoIterator<Item = (String, Exemption)>>(all: I) -> Self {
        let mut exemptions = Self::default();
        for (namespace, exemption) in all {
            exemptions.0.entry(namespace).or_default().push(exemption);
        }
        exemptions
    }
}

impl Covering<'_> {
    /// Whether one of them names this rule.
    #[must_use]
    pub fn name(&self, rule: &Rule) -> bool {
        self.0.iter().any(|exemption| exemption.names(rule))
    }
}
