//! Keys under Dapr's prefix that do nothing, with what was meant, and those that Dapr writes itself.

use super::version::Version;

/// A key that no version in use reads.
#[derive(Clone, Copy, Debug)]
pub struct Gone {
    /// With its prefix.
    pub key: &'static str,
    /// The annotation that does what was meant.
    pub replacement: Option<&'static str>,
    /// The last minor version that read it; `None`: no version ever did.
    pub last: Option<Version>,
    /// What to tell the user, in a phrase.
    pub note: &'static str,
}

/// Removed, proposed and invented keys, sorted.
pub static GONE: [Gone; 11] = [
    removed("dapr.io/http-stream-request-body", None, (1, 8), "request bodies are streamed always"),
    removed("dapr.io/id", Some("dapr.io/app-id"), (0, 11), "renamed"),
    removed("dapr.io/max-concurrency", Some("dapr.io/app-max-concurrency"), (0, 11), "renamed"),
    removed("dapr.io/port", Some("dapr.io/app-port"), (0, 11), "renamed"),
    removed("dapr.io/profiling", Some("dapr.io/enable-profiling"), (0, 11), "renamed"),
    removed("dapr.io/protocol", Some("dapr.io/app-protocol"), (0, 11), "renamed"),
    never("dapr.io/resources", None, "use the four dapr.io/sidecar-cpu-… and dapr.io/sidecar-memory-… annotations"),
    never("dapr.io/sidecar-grpc-port", Some("dapr.io/grpc-port"), "never existed"),
    never("dapr.io/sidecar-http-port", None, "the HTTP port is always 3500"),
    never("dapr.io/sidecar-soft-memory-limit", Some("dapr.io/env"), "proposed only: set GOMEMLIMIT"),
    never("dapr.io/sidecar-soft-memory-limit-percentage", Some("dapr.io/env"), "proposed only: set GOMEMLIMIT"),
];

/// Labels and annotations that Dapr's own control plane writes or reads elsewhere than on an app's pod: no typos.
pub static RESERVED: [&str; 4] =
    ["dapr.io/control-plane", "dapr.io/metrics-enabled", "dapr.io/sidecar-injected", "dapr.io/watchdog-patched"];

/// What is known of a key that does nothing.
#[must_use]
pub fn gone(key: &str) -> Option<&'static Gone> {
    GONE.iter().find(|gone| gone.key == key)
}

/// Whether the key is one of Dapr's own marks.
#[must_use]
pub fn is_reserved(key: &str) -> bool {
    RESERVED.contains(&key)
}

const fn removed(key: &'static str, replacement: Option<&'static str>, last: (u16, u16), note: &'static str) -> Gone {
    Gone { key, replacement, last: Some(Version::newest_of(last.0, last.1)), note }
}

const fn never(key: &'static str, replacement: Option<&'static str>, note: &'static str) -> Gone {
    Gone { key, replacement, last: None, note }
}

#[cfg(test)]
mod tests {
    use super::super::annotations::lookup;
    use super::*;

    #[test]
    fn the_table_is_sorted_and_no_gone_or_reserved_key_is_alive() {
        assert!(GONE.windows(2).all(|pair| pair[0].key < pair[1].key));
        assert!(GONE.iter().all(|gone| lookup(gone.key).is_none() && !is_reserved(gone.key)));
        assert!(RESERVED.iter().all(|key| lookup(key).is_none()));
    }

    #[test]
    fn every_replacement_exists() {
        for replacement in GONE.iter().filter_map(|gone| gone.replacement) {
            assert!(lookup(replacement).is_some(), "{replacement}");
        }
    }
}
