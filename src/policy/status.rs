//! What the server says about a policy or an exemption, in its `status`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The older generation that holds while the newest cannot be used. It stands in the object, so that a replica that
/// starts meanwhile holds to it as well.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct InForce {
    /// Its generation.
    pub generation: i64,
    /// Its `spec`.
    #[schemars(extend("type" = "object", "x-kubernetes-preserve-unknown-fields" = true))]
    pub spec: Value,
}

/// The state of a policy.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyStatus {
    /// The generation that `conditions` speak of.
    pub observed_generation: Option<i64>,
    /// `Accepted`: whether this generation is in force; if not, why, and at which field.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// What holds while the newest generation cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force: Option<InForce>,
    /// When each of its names and patterns is asked: 1 is the first of all policies'. A namespace gets the policy of the
    /// first that matches.
    #[serde(default)]
    pub order: Vec<PatternOrder>,
}

/// When a name or pattern of namespaces is asked.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct PatternOrder {
    /// As the policy has it.
    pub namespaces: String,
    /// 1 is asked first.
    #[schemars(with = "i32")]
    pub rank: usize,
}

/// The state of an exemption.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExemptionStatus {
    /// The generation that `conditions` speak of.
    pub observed_generation: Option<i64>,
    /// `Accepted`: whether this generation can be used; `Active`: whether it exempts now.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// What holds while the newest generation cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force: Option<InForce>,
}
