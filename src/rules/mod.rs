//! What is checked: one file per rule, its name the rule's id.
//!
//! Adding a rule: write one file, add two lines here, run the tests.

mod actor_state_store;
mod actor_state_store_twice;
mod annotation_ignored;
mod annotation_refused;
mod annotation_unknown;
mod app_health_check;
mod app_health_timeout;
mod app_id;
mod app_id_unique;
mod app_port;
mod autoscaler;
mod autoscaler_blind;
mod autoscaler_minimum;
mod autoscaler_scale_down;
mod chart_version_pinned;
mod component_scope_unknown;
mod configuration_missing;
mod control_plane_dashboard;
mod control_plane_disruption_budget;
mod control_plane_failure_policy;
mod control_plane_image;
mod control_plane_injector_pace;
mod control_plane_logs;
mod control_plane_members;
mod control_plane_priority;
mod control_plane_replicas;
mod control_plane_resources;
mod control_plane_scheduler_storage;
mod control_plane_secret_reader;
mod control_plane_spread;
mod control_plane_versions;
mod control_plane_watchdog;
mod disruption_budget;
mod disruption_budget_blocks;
mod disruption_budget_refused;
mod enabled_misread;
mod ingress_tls;
mod namespace_configuration;
mod namespace_control_plane;
mod namespace_network_policy;
mod namespace_resiliency;
mod replicas;
mod role_unknown;
mod secret_missing;
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
mod workload_selector;

use crate::policy::Rule;

/// Every rule, in the order of their ids.
pub static ALL: &[&Rule] = &[
    &actor_state_store::RULE,
    &actor_state_store_twice::RULE,
    &annotation_ignored::RULE,
    &annotation_refused::RULE,
    &annotation_unknown::RULE,
    &app_health_check::RULE,
    &app_health_timeout::RULE,
    &app_id::RULE,
    &app_id_unique::RULE,
    &app_port::RULE,
    &autoscaler::RULE,
    &autoscaler_blind::RULE,
    &autoscaler_minimum::RULE,
    &autoscaler_scale_down::RULE,
    &chart_version_pinned::RULE,
    &component_scope_unknown::RULE,
    &configuration_missing::RULE,
    &control_plane_dashboard::RULE,
    &control_plane_disruption_budget::RULE,
    &control_plane_failure_policy::RULE,
    &control_plane_image::RULE,
    &control_plane_injector_pace::RULE,
    &control_plane_logs::RULE,
    &control_plane_members::RULE,
    &control_plane_priority::RULE,
    &control_plane_replicas::RULE,
    &control_plane_resources::RULE,
    &control_plane_scheduler_storage::RULE,
    &control_plane_secret_reader::RULE,
    &control_plane_spread::RULE,
    &control_plane_versions::RULE,
    &control_plane_watchdog::RULE,
    &disruption_budget::RULE,
    &disruption_budget_blocks::RULE,
    &disruption_budget_refused::RULE,
    &enabled_misread::RULE,
    &ingress_tls::RULE,
    &namespace_configuration::RULE,
    &namespace_control_plane::RULE,
    &namespace_network_policy::RULE,
    &namespace_resiliency::RULE,
    &replicas::RULE,
    &role_unknown::RULE,
    &secret_missing::RULE,
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
    &workload_selector::RULE,
];
