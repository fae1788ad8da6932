//! What a rule on a whole object looks at: a Dapr resource, Helm values, a manifest of the control plane.

use std::borrow::Cow;

use jiff::Timestamp;

use super::exemptions::Covering;
use super::pointer::escape_into;
use super::rule::{Level, Rule};
use super::settings::Policy;
use crate::dapr::Version;
use crate::json::Value;

/// A kind in its API group, whatever the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GroupKind {
    /// Like `apps`; empty for Kubernetes' own first kinds.
    pub group: &'static str,
    /// Like `Deployment`.
    pub kind: &'static str,
}

/// The group of Dapr's own resources.
pub const DAPR_GROUP: &str = "dapr.io";

impl GroupKind {
    /// Any kind: what is asked of every manifest.
    pub const ANY: Self = Self::new("*", "*");
    /// Values for Dapr's Helm chart. No Kubernetes kind: a document that has none.
    pub const DAPR_CHART_VALUES: Self = Self::new("helm", "dapr values");

    /// The kinds of the workloads of Dapr's control plane.
    pub const CONTROL_PLANE: &'static [Self] = &[Self::new("apps", "Deployment"), Self::new("apps", "StatefulSet")];

    /// That kind in that group.
    #[must_use]
    pub const fn new(group: &'static str, kind: &'static str) -> Self {
        Self { group, kind }
    }

    /// A kind of Dapr's own.
    #[must_use]
    pub const fn dapr(kind: &'static str) -> Self {
        Self::new(DAPR_GROUP, kind)
    }

    /// Whether an object of that group and kind is meant. Only Kubernetes objects are of [`ANY`](Self::ANY) kind.
    #[must_use]
    pub fn covers(&self, group: &str, kind: &str) -> bool {
        let values = Self::DAPR_CHART_VALUES;
        match *self {
            Self::ANY => (group, kind) != (values.group, values.kind),
            _ => (self.group, self.kind) == (group, kind),
        }
    }
}

/// An object under review, read whole.
#[derive(Debug)]
pub struct ObjectSubject<'a> {
    /// Its API group; see [`GroupKind`].
    pub group: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// The object.
    pub value: &'a Value,
    /// The policy that counts in its namespace.
    pub policy: &'a Policy,
    /// What exemptions expire by; `None` where nobody asks.
    pub now: Option<Timestamp>,
    exempt: Covering<'a>,
}

impl<'a> ObjectSubject<'a> {
    /// An object of that group and kind.
    #[must_use]
    pub fn new(group: &'a str, kind: &'a str, value: &'a Value, policy: &'a Policy) -> Self {
        Self { group, kind, value, policy, now: None, exempt: Covering::default() }
    }

    /// The same subject, with what exempts it.
    #[must_use]
    pub fn exempted_by(mut self, exemptions: Covering<'a>) -> Self {
        self.exempt = exemptions;
        self
    }

    /// The same subject, at this moment.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { now: Some(now), ..self }
    }

    /// What a rule does with this subject: its level by the policy, and nothing where an exemption names it.
    #[must_use]
    pub fn level(&self, rule: &Rule) -> Level {
        if self.exempt.name(rule) { Level::Off } else { self.policy.level(rule) }
    }

    /// The Dapr version that the policy names.
    #[must_use]
    pub fn version(&self) -> Version {
        self.policy.dapr_version
    }

    /// Its version, `v1alpha1`; nothing where it has none.
    #[must_use]
    pub fn api_version(&self) -> &'a str {
        self.text("/apiVersion")
            .map(|text| text.rsplit_once('/').map_or(text, |(_, version)| version))
            .unwrap_or_default()
    }

    /// `metadata.name`, or nothing.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.text("/metadata/name").unwrap_or_default()
    }

    /// `metadata.namespace`, or nothing.
    #[must_use]
    pub fn namespace(&self) -> &'a str {
        self.text("/metadata/namespace").unwrap_or_default()
    }

    /// What is at a JSON pointer; `null` counts as nothing, as it does for the API server.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&'a Value> {
        self.value.pointer(pointer).filter(|value| !value.is_null())
    }

    /// The string at a JSON pointer.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&'a str> {
        self.get(pointer)?.as_str()
    }

    /// The list at a JSON pointer, each item with its own pointer; nothing where there is none.
    pub fn items(&self, pointer: &str) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
        let list = self.get(pointer).and_then(Value::as_array).unwrap_or_default();
        let pointer = pointer.to_owned();
        list.iter().enumerate().map(move |(index, item)| (format!("{pointer}/{index}"), item))
    }

    /// The map at a JSON pointer, each value with its key and its own pointer; nothing where there is none.
    pub fn entries(&self, pointer: &str) -> impl Iterator<Item = (String, Cow<'a, str>, &'a Value)> + use<'a> {
        let map = self.get(pointer).and_then(Value::as_object);
        let pointer = pointer.to_owned();
        map.into_iter().flatten().map(move |(key, value)| {
            let mut at = format!("{pointer}/");
            escape_into(&mut at, key);
            (at, Cow::Borrowed(key), value)
        })
    }
}
