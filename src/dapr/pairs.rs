//! Labels and annotations: string maps, kept as the pairs that were written.

use std::{fmt, mem};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::text::Text;

/// Every label of an object, sorted by key; of duplicate keys the last one counts, as in Go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels<'a>(Vec<(Text<'a>, Text<'a>)>);

/// The annotations that somebody reads, kept like [`Labels`]: Dapr's, ours, and the mark of a mirror pod. The rest
/// (`last-applied-configuration` can be most of an object) is skipped unread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotations<'a>(Vec<(Text<'a>, Text<'a>)>);

/// The mark that the kubelet puts on the API server's copy of a static pod
/// (<https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>).
pub const MIRROR_POD: &str = "kubernetes.io/config.mirror";

/// The prefix of Dapr's own keys.
pub const DAPR_PREFIX: &str = "dapr.io/";

/// The prefix of this tool's keys.
pub const OUR_PREFIX: &str = "dapr-preflight.io/";

impl Labels<'_> {
    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        get(&self.0, key)
    }

    /// All of them, as key and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

impl Annotations<'_> {
    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        get(&self.0, key)
    }

    /// All of them, as key and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Whether the view keeps `key`.
    #[must_use]
    pub fn reads(key: &str) -> bool {
        key.starts_with(DAPR_PREFIX) || key.starts_with(OUR_PREFIX) || key == MIRROR_POD
    }
}

/// Among so few pairs, to compare lengths one after the other is faster than to search.
const FEW: usize = 32;

fn get<'p>(pairs: &'p [(Text<'_>, Text<'_>)], key: &str) -> Option<&'p str> {
    if pairs.len() <= FEW {
        return pairs.iter().find(|(k, _)| **k == *key).map(|(_, value)| &**value);
    }
    let at = pairs.binary_search_by(|(k, _)| (**k).cmp(key)).ok()?;
    Some(&pairs[at].1)
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
        let mut pairs: Self::Value = Vec::with_capacity(16);
        while let Some(key) = map.next_key::<Text<'de>>()? {
            if (self.0)(&key) {
                pairs.push((key, map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        // The API server writes maps in the order of their keys, so that this is one look at each.
        if !pairs.is_sorted_by(|(a, _), (b, _)| a < b) {
            pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
            pairs.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    mem::swap(later, kept);
                }
                same
            });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_any_order_and_of_duplicates_the_last_one_counts() {
        let text = r#"{"dapr.io/b":"1","dapr.io/a":"2","x":"-","dapr.io/b":"3","dapr.io/a":"4","dapr.io/b":"5"}"#;
        let annotations: Annotations<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(annotations.iter().collect::<Vec<_>>(), [("dapr.io/a", "4"), ("dapr.io/b", "5")]);
        assert_eq!((annotations.get("dapr.io/b"), annotations.get("x")), (Some("5"), None));
        let labels: Labels<'_> = serde_json::from_str(text).unwrap();
        assert_eq!((labels.get("dapr.io/a"), labels.get("x"), labels.get("y")), (Some("4"), Some("-"), None));
        let many: serde_json::Map<_, _> = (0..=FEW).map(|number| (number.to_string(), "v".into())).collect();
        let text = serde_json::to_string(&many).unwrap();
        let labels: Labels<'_> = serde_json::from_str(&text).unwrap();
        assert_eq!((labels.get("0"), labels.get("32"), labels.get("33")), (Some("v"), Some("v"), None));
    }
}
