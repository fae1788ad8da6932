//! What Dapr's Helm chart reads of its values.
//!
//! `chart_values.json` holds the keys of `charts/dapr/values.yaml` and `charts/dapr/charts/*/values.yaml` of 1.18.2, and
//! those that only its templates name. `since` stands where a key came after 1.15, found by comparing the charts of
//! 1.15.0, 1.16.0, 1.17.0 and 1.18.2 (none was removed); below `any` everything is kept.

use std::sync::LazyLock;

use super::schema::Schema;
use super::version::Version;
use crate::json::Value;

/// The charts that make the workloads of the control plane, with the name of each in a sentence.
pub const SERVICES: [(&str, &str); 5] = [
    ("dapr_operator", "the operator"),
    ("dapr_placement", "placement"),
    ("dapr_scheduler", "the scheduler"),
    ("dapr_sentry", "sentry"),
    ("dapr_sidecar_injector", "the sidecar injector"),
];

/// The storage that the scheduler should have: the chart's own default since 1.17.7, 1Gi before.
pub const SCHEDULER_STORAGE: &str = "16Gi";
/// The first chart with that default.
pub const SCHEDULER_STORAGE_SINCE: Version = Version::new(1, 17, 7);

static KEYS: LazyLock<Schema> = LazyLock::new(|| {
    serde_json::from_str(include_str!("chart_values.json"))
        .expect("the file is part of this crate, and a test reads it")
});

/// What the names of the charts begin with that Dapr's chart consists of.
const CHART_PREFIX: &str = "dapr_";

/// What Helm hands to every chart of an umbrella.
const GLOBAL: &str = "global";

/// Keys of `global` that no other chart is known to have.
const OWN_GLOBALS: [&str; 5] = ["argoRolloutServiceReconciler", "daprControlPlaneOs", "ha", "mtls", "reminders"];

/// Where an umbrella chart keeps the values of the Dapr chart, if it gives it no other name.
const UMBRELLA: &str = "dapr";

/// Values for the chart, in a document that may hold those of other charts too.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    document: &'a Value,
    base: &'static str,
}

/// The keys that the chart reads.
#[must_use]
pub fn keys() -> &'static Schema {
    &KEYS
}

/// Whether a document without `apiVersion` and `kind` holds values for Dapr's chart.
#[must_use]
pub fn is_dapr_chart_values(document: &Value) -> bool {
    Values::of(document).is_some()
}

/// Whether a text can hold such values: a look that costs no parsing, and lets through much that holds none.
#[must_use]
pub fn may_hold_values(text: &str) -> bool {
    [CHART_PREFIX, GLOBAL].iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

impl<'a> Values<'a> {
    /// The values in a document: all of it, or what an umbrella chart has below `dapr`.
    #[must_use]
    pub fn of(document: &'a Value) -> Option<Self> {
        if !document["apiVersion"].is_null() && !document["kind"].is_null() {
            return None;
        }
        if are_values(document) {
            return Some(Self { document, base: "" });
        }
        document.get(UMBRELLA).filter(|below| are_values(below)).map(|_| Self { document, base: "/dapr" })
    }

    /// The values themselves.
    #[must_use]
    pub fn all(&self) -> &'a Value {
        self.document.pointer(self.base).unwrap_or(&Value::Null)
    }

    /// JSON pointer into the document of one into the values.
    #[must_use]
    pub fn at(&self, pointer: &str) -> String {
        format!("{}{pointer}", self.base)
    }

    /// What is at a JSON pointer into the values; of `global`, what an umbrella chart has for all its charts comes first.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&'a Value> {
        let shared = pointer.starts_with("/global/").then(|| self.document.pointer(pointer)).flatten();
        shared.or_else(|| self.all().pointer(pointer)).filter(|value| !value.is_null())
    }

    /// The string at a JSON pointer.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&'a str> {
        self.get(pointer)?.as_str()
    }

    /// Whether `true` is at a JSON pointer: the chart compares with it, and takes no other word.
    #[must_use]
    pub fn is_on(&self, pointer: &str) -> bool {
        self.get(pointer) == Some(&Value::Bool(true))
    }

    /// Whether `false` is at a JSON pointer.
    #[must_use]
    pub fn is_off(&self, pointer: &str) -> bool {
        self.get(pointer) == Some(&Value::Bool(false))
    }
}

fn are_values(value: &Value) -> bool {
    let Some(map) = value.as_object() else { return false };
    let chart = |key: &str| key.starts_with(CHART_PREFIX) && KEYS.properties.contains_key(key);
    let own_global = || OWN_GLOBALS.iter().any(|key| value[GLOBAL].get(key).is_some());
    // Other charts have a `global` too: alone, it must have something of Dapr's.
    map.keys().any(chart) || (map.keys().eq([GLOBAL]) && own_global())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn the_keys_are_those_of_the_chart() {
        let charts: Vec<_> = keys().properties.keys().filter(|key| key.starts_with(CHART_PREFIX)).collect();
        assert_eq!(charts.len(), 7);
        assert!(SERVICES.iter().all(|(chart, _)| charts.iter().any(|known| known == chart)));
        let ha = &keys().properties["global"].properties["ha"].properties;
        assert_eq!(ha["topologyKey"].since, Some(Version::new(1, 17, 0)));
        assert_eq!(ha["podAntiAffinityPolicy"].since, Some(Version::new(1, 18, 0)));
        assert_eq!(ha["enabled"].since, None);
        assert!(keys().properties["dapr_operator"].properties["resources"].any);
    }

    #[test]
    fn values_are_known_by_a_chart_of_daprs_or_by_a_global_of_its_own() {
        for values in [
            json!({ "dapr_operator": {} }),
            json!({ "global": { "ha": { "enabled": true } } }),
            json!({ "dapr": { "dapr_sentry": { "replicaCount": 3 } }, "redis": {} }),
        ] {
            assert!(is_dapr_chart_values(&values), "{values}");
            assert!(may_hold_values(&values.to_string()), "{values}");
        }
        for other in [
            json!({ "global": { "tag": "1.2" } }),
            json!({ "global": { "mtls": {} }, "pilot": {} }),
            json!({ "dapr": { "enabled": true } }),
            json!({ "nameOverride": "shop" }),
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "dapr_operator": {} }),
            json!({}),
            json!([{ "dapr_operator": {} }]),
            json!(null),
        ] {
            assert!(!is_dapr_chart_values(&other), "{other}");
        }
    }

    #[test]
    fn an_umbrella_s_global_counts_before_its_chart_s() {
        let document =
            json!({ "global": { "tag": "a" }, "dapr": { "global": { "tag": "b", "registry": "r" }, "dapr_rbac": {} } });
        let values = Values::of(&document).unwrap();
        assert_eq!(values.text("/global/tag"), Some("a"));
        assert_eq!(values.text("/global/registry"), Some("r"));
        assert_eq!(values.at("/dapr_rbac"), "/dapr/dapr_rbac");
    }
}
