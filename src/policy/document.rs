//! `PreflightPolicy`, as written: the same document is a file for `serve --policy` and an object in the cluster.

use std::collections::HashMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::profile::Profile;
use super::role::{PerRole, Role};
use super::rule::Level;
use super::settings::WhenUnsatisfiable;

/// The group and version of the document.
pub const API_VERSION: &str = "dapr-preflight.io/v1alpha1";
/// The kind of the document.
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

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Spec {
    /// Names or globs; all namespaces when absent.
    pub namespaces: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    pub dapr: Dapr,
    #[serde(default)]
    pub profile: Profile,
    #[serde(default)]
    pub owned_pods: OwnedPodsText,
    #[serde(default)]
    pub rules: HashMap<Spanned<String>, Level>,
    #[serde(default)]
    pub sidecar_resources: PerRoleText<ResourcesText>,
    #[serde(default)]
    pub gomemlimit: Gomemlimit,
    #[serde(default)]
    pub termination_grace_period_seconds: PerRoleText<Spanned<GraceText>>,
    #[serde(default)]
    pub topology_spread: SpreadText,
    #[serde(default)]
    pub roles: Vec<Spanned<RoleText>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dapr {
    pub version: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum OwnedPodsText {
    #[default]
    Certain,
    Deny,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PerRoleText<T> {
    pub service: Option<T>,
    pub actor: Option<T>,
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

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourcesText {
    #[serde(default)]
    pub requests: QuantitiesText,
    #[serde(default)]
    pub limits: QuantitiesText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuantitiesText {
    pub cpu: Option<Spanned<String>>,
    pub memory: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gomemlimit {
    pub percent: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GraceText {
    pub minimum: Option<Spanned<i64>>,
    pub default: Option<Spanned<i64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SpreadText {
    pub topology_keys: Option<Spanned<Vec<String>>>,
    pub max_skew: Option<Spanned<u32>>,
    pub when_unsatisfiable: Option<WhenUnsatisfiable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RoleText {
    pub role: Role,
    #[serde(default)]
    pub app_ids: Vec<String>,
    #[serde(default)]
    pub configs: Vec<String>,
    #[serde(default)]
    pub labels: std::collections::BTreeMap<String, String>,
}
