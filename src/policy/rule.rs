//! A rule is a value: one `static` in one file whose name is its id.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::inventory::{Evaluation, Inventory};
use super::object::{GroupKind, ObjectSubject};
use super::subject::PodSubject;

/// One thing that a production-ready Dapr workload does, and how to see whether it does.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case, the same as the file name; what users see and write in policies. Never renamed.
    pub id: &'static str,
    /// The promise, in one line.
    pub title: &'static str,
    /// Where the rule comes from.
    pub source: Source,
    /// One or two sentences: what goes wrong without it.
    pub why: &'static str,
    /// What the rule does in an enforcing namespace unless the policy says otherwise.
    pub level: Level,
    /// The most that its findings offer.
    pub fix: Fix,
    /// The predicate.
    pub check: Check,
    /// Manifests (YAML; of a rule on an inventory, several documents) that this rule finds fault with.
    pub bad: &'static str,
    /// Manifests that it does not; for [`Fix::Safe`] it is `bad` after the fix.
    pub good: &'static str,
}

/// What a rule looks at. The variant is the filter and the type: a rule cannot be handed another kind of subject.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// A pod, or the pod template of a workload.
    Pod(fn(&PodSubject<'_>) -> Vec<Finding>),
    /// A pod as it will be stored, after every webhook: no file shows one.
    StoredPod(fn(&PodSubject<'_>) -> Vec<Finding>),
    /// An object of one of these kinds, as a whole: a Dapr resource, Helm values, a manifest of the control plane.
    Object(&'static [GroupKind], fn(&ObjectSubject<'_>) -> Vec<Finding>),
    /// Everything together: the objects of some files, or of a cluster.
    Inventory(fn(&Inventory) -> Evaluation),
}

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A line of the production reference's checklist or manifests.
    Reference(&'static str),
    /// A file of Dapr's source or documentation.
    Dapr(&'static str),
    /// A page of Kubernetes' documentation.
    Kubernetes(&'static str),
    /// Something of this tool's own, like an exemption.
    Preflight(&'static str),
}

/// What a rule does in an enforcing namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, schemars::JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A finding refuses the object (of a pod that a controller owns: only a certain finding).
    Deny,
    /// A finding becomes an admission warning.
    Warn,
    /// The rule does not run, and its edits are not made.
    Off,
}

/// What may happen to a finding's edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fix {
    /// There are none: a person has to decide.
    None,
    /// Only `fix` offers them.
    Suggested,
    /// The webhook may make them: they only add.
    Safe,
}
