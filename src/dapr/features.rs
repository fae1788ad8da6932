//! The preview features that a Configuration switches.
//!
//! From `pkg/config/configuration.go` of 1.15.0, 1.16.0, 1.17.0 and 1.18.2; names are compared exactly.

use super::version::Version;

/// A preview feature.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    /// As it is written.
    pub name: &'static str,
    /// The first Dapr that has it; [`Version::OLDEST`] for those that are older.
    pub since: Version,
    /// The first Dapr that does it always.
    pub always_since: Option<Version>,
}

/// Every feature, sorted.
pub static FEATURES: [Feature; 7] = [
    feature("ActorStateTTL", 15),
    feature("HotReload", 15),
    Feature { always_since: Some(Version::new(1, 17, 0)), ..feature("SchedulerReminders", 15) },
    feature("WorkflowHistorySigning", 18),
    feature("WorkflowsClusteredDeployment", 16),
    // In Dapr's master at the time of 1.18.3, and in none of the releases read here.
    feature("WorkflowsFastPath", 18),
    feature("WorkflowsRemoteActivityReminder", 17),
];

impl Feature {
    /// Whether a Dapr of that version reads it.
    #[must_use]
    pub fn known_to(&self, version: Version) -> bool {
        self.since <= version && self.always_since.is_none_or(|since| version < since)
    }
}

/// The feature of that name.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Feature> {
    FEATURES.iter().find(|feature| feature.name == name)
}

const fn feature(name: &'static str, minor: u16) -> Feature {
    Feature { name, since: Version::new(1, minor, 0), always_since: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_is_known_between_its_first_version_and_the_one_that_does_it_always() {
        let reminders = lookup("SchedulerReminders").unwrap();
        assert!(reminders.known_to(Version::newest_of(1, 16)));
        assert!(!reminders.known_to(Version::new(1, 17, 0)));
        let signing = lookup("WorkflowHistorySigning").unwrap();
        assert!(!signing.known_to(Version::newest_of(1, 17)));
        assert!(signing.known_to(Version::NEWEST));
        assert!(lookup("hotReload").is_none());
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(FEATURES.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
