//! The numbers and levels that rules run under: a policy, read and checked.

use std::collections::BTreeMap;

use super::profile::Profile;
use super::role::{PerRole, Role};
use super::rule::{Level, Rule};
use crate::dapr::pod::Pod;
use crate::dapr::{Quantity, Version, keys};

/// A policy. [`Policy::default`] is the built-in one: profile `reference`, the newest known Dapr.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// `metadata.name`; `built-in` for the one that always exists.
    pub name: String,
    /// The Dapr version whose injector and daprd the workloads meet.
    pub dapr_version: Version,
    /// Whether the document names that version; else it is assumed (see [`Policies::assuming`](super::Policies::assuming)).
    pub names_dapr_version: bool,
    /// Whose advice counts where the production reference and Dapr's documentation differ.
    pub profile: Profile,
    /// What may refuse a pod that a controller owns.
    pub owned_pods: OwnedPods,
    /// What the sidecar gets where its owner says nothing.
    pub resources: PerRole<SidecarResources>,
    /// GOMEMLIMIT as a percentage of the memory limit, 1 to 99: at 100 it would never act.
    pub gomemlimit_percent: u8,
    /// Seconds between SIGTERM and SIGKILL; `None` where the role asks for nothing.
    pub grace: PerRole<Option<Grace>>,
    /// How replicas spread.
    pub spread: Spread,
    /// Which apps are actors or workflows without saying so themselves; the first that matches counts.
    pub roles: Vec<RoleMatch>,
    /// The rules whose default level is overridden, by id.
    pub levels: BTreeMap<String, Level>,
}

/// What may refuse a pod that a controller owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnedPods {
    /// Only what would not start anyway: a policy must never turn the loss of a node into an outage.
    #[default]
    Certain,
    /// Any finding of a rule at level `deny`.
    Deny,
}

/// The four quantities of a sidecar, as Kubernetes writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidecarResources {
    /// Like `100m`.
    pub cpu_request: Amount,
    /// Like `300m`.
    pub cpu_limit: Amount,
    /// Like `128Mi`.
    pub memory_request: Amount,
    /// Like `256Mi`.
    pub memory_limit: Amount,
}

/// A quantity that parses, with the text that it was written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// As written.
    pub text: String,
    /// What it means.
    pub quantity: Quantity,
}

impl Amount {
    /// Reads a quantity; `None` where it does not parse or is not above zero.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let quantity = Quantity::parse(text).ok()?;
        (quantity > Quantity::ZERO).then(|| Self { text: text.to_owned(), quantity })
    }
}

/// Time to shut down, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grace {
    /// Less than this is a finding.
    pub minimum: i64,
    /// What a pod gets that says nothing itself.
    pub default: i64,
}

/// How replicas spread over nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Node labels, one constraint each. Any constraint of a pod's own switches the scheduler's defaults off, which
    /// spread over zones too: where nodes have zones, list `topology.kubernetes.io/zone` as well. Where they have
    /// none, do not: a node that lacks one of the keys counts for nothing in soft scoring.
    pub topology_keys: Vec<String>,
    /// At most this many more replicas on one node than on another.
    pub max_skew: u32,
    /// What the scheduler does when it cannot.
    pub when_unsatisfiable: WhenUnsatisfiable,
}

/// What the scheduler does with a pod that would break the spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, schemars::JsonSchema, serde::Serialize, serde::Deserialize)]
pub enum WhenUnsatisfiable {
    /// Puts it where it hurts least.
    ScheduleAnyway,
    /// Leaves it pending: the reference's choice, which strands pods when a node is full or cordoned.
    DoNotSchedule,
}

impl WhenUnsatisfiable {
    /// As Kubernetes writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ScheduleAnyway => "ScheduleAnyway",
            Self::DoNotSchedule => "DoNotSchedule",
        }
    }
}

/// Which apps have a role. Each list that is given must match; within a list one entry is enough.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleMatch {
    /// The role.
    pub role: Role,
    /// Names or globs of app-ids.
    pub app_ids: Vec<Glob>,
    /// Names or globs of Configurations (`dapr.io/config`).
    pub configs: Vec<Glob>,
    /// Labels that the pod must all carry.
    pub labels: BTreeMap<String, String>,
}

/// A name, or a pattern with `*` and `?`.
pub type Glob = wildmatch::WildMatch;

impl RoleMatch {
    fn matches(&self, pod: &Pod<'_>) -> bool {
        let any = |globs: &[Glob], key| {
            globs.is_empty() || pod.annotation(key).is_some_and(|value| globs.iter().any(|glob| glob.matches(value)))
        };
        any(&self.app_ids, keys::APP_ID)
            && any(&self.configs, keys::CONFIG)
            && self.labels.iter().all(|(key, value)| pod.label(key) == Some(value))
    }
}

impl Policy {
    /// The level of a rule under this policy.
    #[must_use]
    pub fn level(&self, rule: &Rule) -> Level {
        self.levels.get(rule.id).copied().unwrap_or(rule.level)
    }

    /// The role that this policy gives to a pod that declares none.
    #[must_use]
    pub fn matched_role(&self, pod: &Pod<'_>) -> Option<Role> {
        self.roles.iter().find(|matcher| matcher.matches(pod)).map(|matcher| matcher.role)
    }
}
