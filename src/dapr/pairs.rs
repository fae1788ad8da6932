//! Labels and annotations: string maps, kept as the pairs that were written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::text::Text;

/// Every label of an object, in document order.
#[derive(Clone, Debug, Default)]
pub struct Labels<'a>(pub Vec<(Text<'a>, Text<'a>)>);

/// The annotations that somebody reads, in document order: Dapr's, ours, and the mark of a mirror pod. The rest
/// (`last-applied-configuration` can be most of an object) is skipped unread.
#[derive(Clone, Debug, Default)]
pub struct Annotations<'a>(pub Vec<(Text<'a>, Text<'a>)>);

/// The mark that the kubelet puts on the API server's copy of a static pod
/// (<https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>).
pub const MIRROR_POD: &str = "kubernetes.io/config.mirror";

/// The prefix of Dapr's own keys.
pub const DAPR_PREFIX: &str = "dapr.io/";

/// The prefix of this tool's keys.
pub const OUR_PREFIX: &str = "dapr-preflight.io/";

impl Labels<'_> {
    /// The value of `key`; of duplicate keys the last one counts, as in Go.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        last(&self.0, key)
    }
}

impl Annotations<'_> {
    /// The value of `key`; of duplicate keys the last one counts, as in Go.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        last(&self.0, key)
    }

    /// Whether the view keeps `key`.
    #[must_use]
    pub fn reads(key: &str) -> bool {
        key.starts_with(DAPR_PREFIX) || key.starts_with(OUR_PREFIX) || key == MIRROR_POD
    }
}

/// Two maps are the same whatever the order of their keys.
fn same(a: &[(Text<'_>, Text<'_>)], b: &[(Text<'_>, Text<'_>)]) -> bool {
    a.len() == b.len() && a.iter().all(|(key, _)| last(a, key) == last(b, key))
}

impl PartialEq for Labels<'_> {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

impl PartialEq for Annotations<'_> {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

fn last<'p>(pairs: &'p [(Text<'_>, Text<'_>)], key: &str) -> Option<&'p str> {
    pairs.iter().rev().find(|(k, _)| &**k == key).map(|(_, value)| &**value)
}

/// Keeps the pairs whose key `reads` accepts.
struct Pairs(fn(&str) -> bool);

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(Text<'de>, Text<'de>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // Most pods have fewer, so that the list need not grow.
        let mut pairs = Vec::with_capacity(16);
        while let Some(key) = map.next_key::<Text<'de>>()? {
            if (self.0)(&key) {
                pairs.push((key, map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(pairs)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Labels<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Pairs(|_| true)).map(Self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Annotations<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Pairs(Annotations::reads)).map(Self)
    }
}
