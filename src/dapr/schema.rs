//! What the API server accepts as a Dapr resource: the schemas of Dapr's CustomResourceDefinitions.
//!
//! `crds.json` holds them as released with 1.18.2 (`charts/dapr/crds`), without descriptions; `since` stands where a
//! kind or a field came after 1.15, found by comparing the files of 1.15.0, 1.16.0, 1.17.0 and 1.18.2. `any` is
//! `x-kubernetes-preserve-unknown-fields`, `values` is `additionalProperties`. The two CEL rules are in the rules that
//! are about them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};

use super::version::Version;
use crate::json::{Map, Value};

/// What is accepted at one place.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Schema {
    /// `object`, `array`, `string`, `integer` or `boolean`; none where anything goes.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// Anything is kept below.
    #[serde(default)]
    pub any: bool,
    /// The fields that must be there.
    #[serde(default)]
    pub required: Vec<String>,
    /// The fields that may be there.
    #[serde(default)]
    pub properties: BTreeMap<String, Schema>,
    /// Of every value of a map with free keys.
    #[serde(default)]
    pub values: Option<Box<Schema>>,
    /// Of every item of a list.
    #[serde(default)]
    pub items: Option<Box<Schema>>,
    /// The words that are accepted; empty: all.
    #[serde(default, rename = "enum")]
    pub words: Vec<String>,
    #[serde(default)]
    min_length: usize,
    #[serde(default)]
    min_items: usize,
    #[serde(default, rename = "format")]
    _format: Option<String>,
    /// The first Dapr that knows it; none: older than all that this crate was checked against.
    #[serde(default, deserialize_with = "version")]
    pub since: Option<Version>,
}

/// What is wrong with a value, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault<'s> {
    /// The keys and indexes that lead there.
    pub path: Vec<String>,
    /// What is wrong.
    pub kind: FaultKind<'s>,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind<'s> {
    /// A required field that is not there; the path ends with it.
    Missing,
    /// Another type than this one.
    Type(&'s str),
    /// None of these words.
    Word(&'s [String]),
    /// An empty text or list that must not be empty.
    Empty,
    /// A field that no version knows, and those that are known in its place.
    Unknown(&'s BTreeMap<String, Schema>),
    /// A field that came with a later version.
    Later(Version),
}

type Kinds = BTreeMap<String, BTreeMap<String, Schema>>;

static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    serde_json::from_str(include_str!("crds.json")).expect("the file is part of this crate, and a test reads it")
});

/// The kinds that there are, by name.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.keys().map(String::as_str)
}

/// The versions of a kind with their schemas; `None` for a kind that does not exist.
#[must_use]
pub fn versions(kind: &str) -> Option<&'static BTreeMap<String, Schema>> {
    KINDS.get(kind)
}

impl Schema {
    /// Everything that is wrong with an object for a Dapr of that version.
    #[must_use]
    pub fn faults(&self, object: &Value, version: Version) -> Vec<Fault<'_>> {
        let mut faults = Vec::new();
        Walk { version, path: Vec::new(), faults: &mut faults }.value(self, object);
        faults
    }

    fn accepts_type(&self, value: &Value) -> bool {
        match self.kind.as_deref() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            _ => true,
        }
    }
}

struct Walk<'s, 'f, 'v> {
    version: Version,
    path: Vec<Cow<'v, str>>,
    faults: &'f mut Vec<Fault<'s>>,
}

impl<'s, 'v> Walk<'s, '_, 'v> {
    fn value(&mut self, schema: &'s Schema, value: &'v Value) {
        if !schema.accepts_type(value) {
            return self.fault(FaultKind::Type(schema.kind.as_deref().unwrap_or_default()));
        }
        match value {
            Value::Object(map) => self.map(schema, map),
            Value::Array(items) => {
                if items.len() < schema.min_items {
                    self.fault(FaultKind::Empty);
                }
                let Some(of_items) = &schema.items else { return };
                for (index, item) in items.iter().enumerate() {
                    self.at(index.to_string().into(), |walk| walk.value(of_items, item));
                }
            }
            Value::String(text) if text.chars().count() < schema.min_length => self.fault(FaultKind::Empty),
            Value::String(text) if !schema.words.is_empty() && !schema.words.iter().any(|word| word == text) => {
                self.fault(FaultKind::Word(&schema.words));
            }
            _ => {}
        }
    }

    fn map(&mut self, schema: &'s Schema, map: &'v Map) {
        for field in &schema.required {
            if map.get(field).is_none_or(Value::is_null) {
                self.at(field.clone().into(), |walk| walk.fault(FaultKind::Missing));
            }
        }
        // The API server drops a null before it looks.
        for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            let known = schema.properties.get(key).or(schema.values.as_deref());
            self.at(key.into(), |walk| match known {
                Some(Schema { since: Some(since), .. }) if walk.version < *since => {
                    walk.fault(FaultKind::Later(*since));
                }
                Some(known) => walk.value(known, value),
                None if schema.any => {}
                None => walk.fault(FaultKind::Unknown(&schema.properties)),
            });
        }
    }

    fn at(&mut self, segment: Cow<'v, str>, then: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        then(self);
        self.path.pop();
    }

    fn fault(&mut self, kind: FaultKind<'s>) {
        self.faults.push(Fault { path: self.path.iter().map(|segment| segment.clone().into_owned()).collect(), kind });
    }
}

/// A minor version, `1.17`: its first release.
fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Version>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let Version { major, minor, .. } = text.parse().map_err(serde::de::Error::custom)?;
    Ok(Some(Version::new(major, minor, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    fn faults(kind: &str, object: &Value, version: Version) -> Vec<(String, FaultKind<'static>)> {
        let schema = &versions(kind).unwrap()["v1alpha1"];
        schema.faults(object, version).into_iter().map(|fault| (fault.path.join("."), fault.kind)).collect()
    }

    #[test]
    fn every_kind_of_1_18_is_there_with_its_versions() {
        let all = [
            "Component",
            "Configuration",
            "HTTPEndpoint",
            "MCPServer",
            "Resiliency",
            "Subscription",
            "WorkflowAccessPolicy",
        ];
        assert_eq!(kinds().collect::<Vec<_>>(), all);
        assert_eq!(versions("Subscription").unwrap().keys().collect::<Vec<_>>(), ["v1alpha1", "v2alpha1"]);
        assert!(versions("Pod").is_none());
    }

    #[test]
    fn what_is_required_and_of_what_type_is_read_at_any_depth() {
        let component = json!({ "spec": { "type": "state.redis", "version": 1, "metadata": [{ "name": null }] } });
        let found = faults("Component", &component, Version::NEWEST);
        assert_eq!(
            found,
            [
                ("spec.metadata.0.name".to_owned(), FaultKind::Missing),
                ("spec.version".to_owned(), FaultKind::Type("string")),
            ]
        );
        let anything =
            json!({ "spec": { "type": "t", "version": "v1", "metadata": [{ "name": "a", "value": [{}] }] } });
        assert_eq!(faults("Component", &anything, Version::NEWEST), []);
    }

    #[test]
    fn a_field_is_known_from_its_version_on() {
        let object = json!({ "spec": { "workflow": { "stateRetentionPolicy": {} } } });
        assert_eq!(faults("Configuration", &object, Version::new(1, 17, 0)), []);
        let path = "spec.workflow.stateRetentionPolicy".to_owned();
        let later = (path, FaultKind::Later(Version::new(1, 17, 0)));
        assert_eq!(faults("Configuration", &object, Version::newest_of(1, 16)), [later]);
    }

    #[test]
    fn maps_with_free_keys_are_read_by_their_values() {
        let object = json!({ "spec": { "policies": { "timeouts": { "a": "5s", "b": 5 } }, "targets": {} } });
        let path = "spec.policies.timeouts.b".to_owned();
        assert_eq!(faults("Resiliency", &object, Version::NEWEST), [(path, FaultKind::Type("string"))]);
    }

    #[test]
    fn an_empty_list_and_another_word_are_faults_where_the_schema_says_so() {
        let rule =
            |operation: &str| json!({ "workflows": [{ "name": "a", "operations": [operation] }], "callers": [] });
        let object = json!({ "spec": { "rules": [rule("start")] } });
        let found = faults("WorkflowAccessPolicy", &object, Version::NEWEST);
        assert_eq!(found[0], ("spec.rules.0.callers".to_owned(), FaultKind::Empty));
        assert!(
            matches!(&found[1], (path, FaultKind::Word(words)) if path.ends_with("operations.0") && words.len() == 8)
        );
    }
}
