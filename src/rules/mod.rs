//! What is checked: one file per rule, its name the rule's id.
//!
//! Adding a rule: write one file, add two lines here, run the tests.

mod annotation_ignored;
mod annotation_refused;
mod annotation_unknown;
mod app_health_timeout;
mod app_id;
mod app_port;
mod enabled_misread;
mod exemption_expired;
mod role_unknown;
mod shutdown_budget;
mod sidecar_gomemlimit;
mod sidecar_gomemlimit_malformed;
mod sidecar_gomemlimit_too_high;
mod sidecar_missing;
mod sidecar_ports;
mod sidecar_request_above_limit;
mod sidecar_resources;
mod termination_grace;
mod topology_spread;

use crate::policy::Rule;

/// Every rule, in the order of their ids.
pub static ALL: &[&Rule] = &[
    &annotation_ignored::RULE,
    &annotation_refused::RULE,
    &annotation_unknown::RULE,
    &app_health_timeout::RULE,
    &app_id::RULE,
    &app_port::RULE,
    &enabled_misread::RULE,
    &exemption_expired::RULE,
    &role_unknown::RULE,
    &shutdown_budget::RULE,
    &sidecar_gomemlimit::RULE,
    &sidecar_gomemlimit_malformed::RULE,
    &sidecar_gomemlimit_too_high::RULE,
    &sidecar_missing::RULE,
    &sidecar_ports::RULE,
    &sidecar_request_above_limit::RULE,
    &sidecar_resources::RULE,
    &termination_grace::RULE,
    &topology_spread::RULE,
];
