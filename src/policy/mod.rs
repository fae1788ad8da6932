//! What a rule is and how rules run.
//!
//! Pure: no IO, no clock, no environment. Knows no rule by name. Reading order: [`Rule`], [`Finding`], [`PodSubject`],
//! [`Engine`], [`patch()`]; then the policy document, from its text ([`Policies::parse`]) to its numbers ([`Policy`]).

mod app;
mod document;
mod engine;
mod exemption;
mod exemptions;
mod finding;
mod index;
mod inventory;
mod kind;
mod manifest;
mod mode;
mod object;
mod parse;
mod patch;
mod pointer;
mod policies;
mod printable;
mod profile;
mod quote;
mod relations;
mod role;
mod rule;
mod selector;
mod settings;
mod sidecar;
mod slim;
mod sorted;
mod status;
mod subject;
mod suggest;

pub use app::App;
pub use document::{API_VERSION, KIND, PreflightPolicy};
pub use engine::{Engine, Judged, Survey};
pub use exemption::{EXEMPTION_KIND, Exemption, ExemptionError, ExemptionSpec, Identity, PreflightExemption};
pub use exemptions::{Covering, Exemptions};
pub use finding::{Edit, Finding};
pub use inventory::{Evaluation, Inventory, Member, NotEvaluated, Scope};
pub use kind::Kind;
pub use manifest::{DEFAULT_NAMESPACE, ObjectKind};
pub use mode::{Mode, Stage};
pub use object::{DAPR_GROUP, GroupKind, ObjectSubject};
pub use parse::{PolicyError, parse_policy};
pub use patch::patch;
pub use pointer::{escape, field_path, unescape};
pub use policies::{Policies, SameNamespaces};
pub use printable::printable;
pub use profile::Profile;
pub use quote::Quoted;
pub use role::{PerRole, ROLE_ANNOTATION, Role};
pub use rule::{Check, Fix, Level, Rule, Source};
pub use selector::selects;
pub use settings::{Amount, Glob, Grace, OwnedPods, Policy, RoleMatch, SidecarResources, Spread, WhenUnsatisfiable};
pub use sidecar::{Given, Sidecar, Slot, SoftLimit};
pub use status::{ExemptionStatus, InForce, PatternOrder, PolicyStatus};
pub use subject::{Controller, Phase, PodSubject};
pub use suggest::closest;
