//! `PreflightPolicy`, as written: the same document is a file for `serve --policy` and an object in the cluster.
//!
//! What a schema can say is said here, and the API server refuses the rest; `parse` says all of it, with the place.
#![allow(clippy::duplicated_attributes, reason = "each column of the printer has the same fields")]

use std::collections::{BTreeMap, HashMap};

use kube::{CustomResource, KubeSchema};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use super::profile::Profile;
use super::role::{PerRole, Role};
use super::rule::Level;
use super::settings::WhenUnsatisfiable;
use super::status::PolicyStatus;

/// The group and version of the documents.
pub const API_VERSION: &str = "dapr-preflight.io/v1alpha1";
/// The kind of a policy.
pub const KIND: &str = "PreflightPolicy";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Document {
    pub api_version: Spanned<String>,
    pub kind: Spanned<String>,
    pub metadata: Meta,
    #[serde(default)]
    pub spec: Spec,
}

/// Only the name counts; an object from a cluster carries more.
#[derive(Debug, Deserialize)]
pub(super) struct Meta {
    pub name: String,
}

/// What counts for the pods of some namespaces. Everything that is left out has the built-in value.
#[derive(Clone, Debug, Default, CustomResource, KubeSchema, Serialize, Deserialize)]
#[kube(
    group = "dapr-preflight.io",
    version = "v1alpha1",
    kind = "PreflightPolicy",
    category = "dapr-preflight",
    status = "PolicyStatus",
    doc = "The numbers and levels that dapr-preflight's rules run under, for the namespaces that it names.",
    printcolumn(
        name = "Accepted",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Accepted\")].status",
        description = "Whether this generation is in force."
    ),
    printcolumn(
        name = "Namespaces",
        type_ = "string",
        json_path = ".spec.namespaces",
        description = "Names and patterns; all if empty."
    ),
    printcolumn(name = "Profile", type_ = "string", json_path = ".spec.profile", priority = 1),
    printcolumn(
        name = "Message",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Accepted\")].message",
        priority = 1
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(transform = RecursiveTransform(without_default))]
pub struct Spec {
    /// The namespaces for which this policy counts: names, or patterns with * and ?. All when absent. An exact name
    /// counts before a pattern, a pattern with more literal characters before one with fewer.
    #[schemars(with = "Option<Names>")]
    pub(super) namespaces: Option<Spanned<Vec<Spanned<String>>>>,
    /// The Dapr that runs in the cluster.
    #[serde(default)]
    pub(super) dapr: Dapr,
    /// Where the numbers come from that are left out.
    #[serde(default)]
    pub(super) profile: Profile,
    /// What may refuse a pod that a controller owns.
    #[serde(default)]
    pub(super) owned_pods: OwnedPodsText,
    /// Levels other than a rule's default, by the rule's id.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Level>", extend("maxProperties" = 200))]
    pub(super) rules: HashMap<Spanned<String>, Level>,
    /// What the sidecar gets where its owner says nothing, by role.
    #[serde(default)]
    pub(super) sidecar_resources: PerRoleText<ResourcesText>,
    /// How the sidecar's GOMEMLIMIT follows from its memory limit.
    #[serde(default)]
    pub(super) gomemlimit: Gomemlimit,
    /// Seconds between SIGTERM and SIGKILL, by role. A role without numbers asks for nothing.
    #[serde(default)]
    #[schemars(with = "PerRoleText<GraceText>")]
    pub(super) termination_grace_period_seconds: PerRoleText<Spanned<GraceText>>,
    /// The constraint for replicas that have none.
    #[serde(default)]
    pub(super) topology_spread: SpreadText,
    /// Which apps are actors or workflows without declaring it by the annotation dapr-preflight.io/role; the first entry
    /// that matches counts.
    #[serde(default)]
    #[schemars(with = "Vec<RoleText>", length(max = 64))]
    pub(super) roles: Vec<Spanned<RoleText>>,
}

/// The API server would write defaults into the object, and whoever keeps it in Git would see a difference.
pub(super) fn without_default(schema: &mut Schema) {
    schema.remove("default");
}

/// Names or patterns of namespaces.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct Names(
    #[schemars(length(min = 1, max = 256), inner(length(min = 1, max = 253)), extend("x-kubernetes-list-type" = "set"))]
     Vec<String>,
);

/// The Dapr that runs in the cluster.
#[derive(Clone, Debug, Default, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dapr {
    /// Like 1.18, which is its newest patch, or 1.18.2. What an annotation means depends on it.
    #[schemars(with = "Option<String>", regex(pattern = r"^v?[0-9]+\.[0-9]+(\.[0-9]+)?$"))]
    pub version: Option<Spanned<String>>,
}

/// What may refuse a pod that a controller owns.
#[derive(Clone, Debug, Default, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum OwnedPodsText {
    /// Only what would not start anyway.
    #[default]
    Certain,
    /// Any finding of a rule at level deny: with it, a stricter policy can turn the loss of a node into an outage.
    Deny,
}

/// One value for each role.
#[derive(Clone, Debug, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PerRoleText<T> {
    /// For services.
    pub service: Option<T>,
    /// For actor hosts.
    pub actor: Option<T>,
    /// For workflow hosts.
    pub workflow: Option<T>,
}

impl<T> Default for PerRoleText<T> {
    fn default() -> Self {
        Self { service: None, actor: None, workflow: None }
    }
}

impl<T> From<PerRoleText<T>> for PerRole<Option<T>> {
    fn from(text: PerRoleText<T>) -> Self {
        Self { service: text.service, actor: text.actor, workflow: text.workflow }
    }
}

/// Requests and limits, as in a container.
#[derive(Clone, Debug, Default, KubeSchema, Serialize, Deserialize)]
#[x_kube(
    validation = Rule::new("!has(self.requests) || !has(self.limits) || !has(self.requests.cpu) || !has(self.limits.cpu) \
        || quantity(self.requests.cpu).compareTo(quantity(self.limits.cpu)) <= 0").message("the CPU request is above the limit"),
    validation = Rule::new("!has(self.requests) || !has(self.limits) || !has(self.requests.memory) || !has(self.limits.memory) \
        || quantity(self.requests.memory).compareTo(quantity(self.limits.memory)) <= 0").message("the memory request is above the limit"),
)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourcesText {
    /// What is set aside for the sidecar.
    #[serde(default)]
    pub requests: QuantitiesText,
    /// What it gets at most.
    #[serde(default)]
    pub limits: QuantitiesText,
}

/// Quantities as Kubernetes writes them, above zero.
#[derive(Clone, Debug, Default, KubeSchema, Serialize, Deserialize)]
#[x_kube(
    validation = Rule::new("!has(self.cpu) || (isQuantity(self.cpu) && quantity(self.cpu).isGreaterThan(quantity('0')))").message("cpu is no quantity above zero, like 100m"),
    validation = Rule::new("!has(self.memory) || (isQuantity(self.memory) && quantity(self.memory).isGreaterThan(quantity('0')))").message("memory is no quantity above zero, like 256Mi"),
)]
#[serde(deny_unknown_fields)]
pub(super) struct QuantitiesText {
    /// Cores, like 100m.
    #[schemars(with = "Option<String>", length(max = 32))]
    pub cpu: Option<Spanned<String>>,
    /// Bytes, like 256Mi.
    #[schemars(with = "Option<String>", length(max = 32))]
    pub memory: Option<Spanned<String>>,
}

/// How the sidecar's GOMEMLIMIT follows from its memory limit.
#[derive(Clone, Debug, Default, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gomemlimit {
    /// Percent of the memory limit, 1 to 99.
    #[schemars(with = "Option<i32>", range(min = 1, max = 99))]
    pub percent: Option<Spanned<u64>>,
}

/// Time to shut down, in seconds.
#[derive(Clone, Debug, Default, KubeSchema, Serialize, Deserialize)]
#[x_kube(
    validation = Rule::new("has(self.minimum) || has(self.default)").message("give minimum or default, in seconds"),
    validation = Rule::new("!has(self.minimum) || !has(self.default) || self.minimum <= self.default").message("minimum is above default"),
)]
#[serde(deny_unknown_fields)]
pub(super) struct GraceText {
    /// A pod with less is a finding.
    #[schemars(with = "Option<i64>", range(min = 0))]
    pub minimum: Option<Spanned<i64>>,
    /// What a pod gets that has Kubernetes' own 30.
    #[schemars(with = "Option<i64>", range(min = 0))]
    pub default: Option<Spanned<i64>>,
}

/// How replicas spread over nodes.
#[derive(Clone, Debug, Default, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SpreadText {
    /// Node labels, one constraint each. Any constraint of a pod's own switches the scheduler's defaults off, which
    /// spread over zones too: where nodes have zones, list topology.kubernetes.io/zone as well.
    #[schemars(with = "Option<Keys>")]
    pub topology_keys: Option<Spanned<Vec<String>>>,
    /// At most this many more replicas on one node than on another.
    #[schemars(with = "Option<i32>", range(min = 1, max = 2_147_483_647))]
    pub max_skew: Option<Spanned<u32>>,
    /// What the scheduler does when it cannot. DoNotSchedule leaves pods pending when a node is full or cordoned.
    pub when_unsatisfiable: Option<WhenUnsatisfiable>,
}

/// Node labels.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct Keys(
    #[schemars(length(min = 1, max = 8), inner(length(min = 1, max = 317)), extend("x-kubernetes-list-type" = "set"))]
    Vec<String>,
);

/// Which apps have a role. Each of appIds, configs and labels that is given must match.
#[derive(Clone, Debug, KubeSchema, Serialize, Deserialize)]
#[x_kube(
    validation = Rule::new("(has(self.appIds) && size(self.appIds) > 0) || (has(self.configs) && size(self.configs) > 0) \
        || (has(self.labels) && size(self.labels) > 0)").message("give appIds, configs or labels; without any it would match every app"),
)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RoleText {
    /// The role.
    pub role: Role,
    /// Names or patterns of app-ids.
    #[serde(default)]
    pub app_ids: Vec<String>,
    /// Names or patterns of Configurations (dapr.io/config).
    #[serde(default)]
    pub configs: Vec<String>,
    /// Labels that the pod must all carry.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}
