//! What is checked: one file per rule, its name the rule's id.
//!
//! Adding a rule: write one file, add two lines here, run the tests.

mod actor_state_store;
mod actor_state_store_twice;
mod annotation_deprecated;
mod annotation_ignored;
mod annotation_misplaced;
mod annotation_refused;
mod annotation_unknown;
mod app_api_token;
mod app_health_check;
mod app_health_timeout;
mod app_id;
mod app_id_unique;
mod app_image;
mod app_port;
mod app_port_missing;
mod app_port_undeclared;
mod app_probes;
mod app_resources;
mod app_waits_for_daprd;
mod autoscaler;
mod autoscaler_blind;
mod autoscaler_minimum;
mod autoscaler_scale_down;
mod chart_version_pinned;
mod component_ignore_errors;
mod component_init_timeout;
mod component_plain_secret;
mod component_scope_unknown;
mod component_scoped;
mod component_type;
mod configuration_access_control;
mod configuration_api_access;
mod configuration_duration;
mod configuration_feature_unknown;
mod configuration_metrics;
mod configuration_missing;
mod configuration_mtls;
mod configuration_plain_secret;
mod configuration_secret_scopes;
mod configuration_tracing_exporter;
mod configuration_tracing_sampling;
mod configuration_workflow;
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
mod dapr_resource_refused;
mod dapr_resource_unknown_field;
mod disruption_budget;
mod disruption_budget_blocks;
mod disruption_budget_refused;
mod enabled_misread;
mod enabled_missing;
mod exemption_expired;
mod helm_failure_policy;
mod helm_high_availability;
mod helm_image_tag;
mod helm_log_as_json;
mod helm_mtls;
mod helm_replicas;
mod helm_resources;
mod helm_scheduler_storage;
mod helm_secret_reader;
mod helm_value_unknown;
mod http_endpoint_plain_secret;
mod http_endpoint_tls;
mod ingress_tls;
mod label_reserved;
mod mcp_server_endpoint;
mod mcp_server_plain_secret;
mod namespace_configuration;
mod namespace_control_plane;
mod namespace_network_policy;
mod namespace_resiliency;
mod pluggable_component_missing;
mod pluggable_components_volumes;
mod pod_host_network;
mod pod_root;
mod pod_run_as_non_root;
mod pod_seccomp;
mod pod_service_account;
mod replicas;
mod resiliency_actor_circuit_breaker;
mod resiliency_built_in;
mod resiliency_policy;
mod resiliency_retries_endless;
mod resiliency_target;
mod role_switched_off;
mod role_unknown;
mod secret_missing;
mod shutdown_budget;
mod sidecar_debug;
mod sidecar_env_misread;
mod sidecar_env_reserved;
mod sidecar_gomemlimit;
mod sidecar_gomemlimit_malformed;
mod sidecar_gomemlimit_too_high;
mod sidecar_image;
mod sidecar_job;
mod sidecar_listen_addresses;
mod sidecar_log_json;
mod sidecar_log_level;
mod sidecar_memory_suffix;
mod sidecar_metrics;
mod sidecar_missing;
mod sidecar_ports;
mod sidecar_profiling;
mod sidecar_request_above_limit;
mod sidecar_resources;
mod sidecar_secret_store;
mod sidecar_ssl_cert_dir;
mod sidecar_tokens;
mod sidecar_volume_missing;
mod subscription_dead_letter;
mod subscription_route;
mod subscription_scoped;
mod termination_grace;
mod topology_spread;
mod value_not_a_string;
mod workflow_access_rule;
mod workflow_access_scoped;
mod workload_selector;

use crate::policy::Rule;

/// Every rule, in the order of their ids.
pub static ALL: &[&Rule] = &[
    &actor_state_store::RULE,
    &actor_state_store_twice::RULE,
    &annotation_deprecated::RULE,
    &annotation_ignored::RULE,
    &annotation_misplaced::RULE,
    &annotation_refused::RULE,
    &annotation_unknown::RULE,
    &app_api_token::RULE,
    &app_health_check::RULE,
    &app_health_timeout::RULE,
    &app_id::RULE,
    &app_id_unique::RULE,
    &app_image::RULE,
    &app_port::RULE,
    &app_port_missing::RULE,
    &app_port_undeclared::RULE,
    &app_probes::RULE,
    &app_resources::RULE,
    &app_waits_for_daprd::RULE,
    &autoscaler::RULE,
    &autoscaler_blind::RULE,
    &autoscaler_minimum::RULE,
    &autoscaler_scale_down::RULE,
    &chart_version_pinned::RULE,
    &component_ignore_errors::RULE,
    &component_init_timeout::RULE,
    &component_plain_secret::RULE,
    &component_scope_unknown::RULE,
    &component_scoped::RULE,
    &component_type::RULE,
    &configuration_access_control::RULE,
    &configuration_api_access::RULE,
    &configuration_duration::RULE,
    &configuration_feature_unknown::RULE,
    &configuration_metrics::RULE,
    &configuration_missing::RULE,
    &configuration_mtls::RULE,
    &configuration_plain_secret::RULE,
    &configuration_secret_scopes::RULE,
    &configuration_tracing_exporter::RULE,
    &configuration_tracing_sampling::RULE,
    &configuration_workflow::RULE,
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
    &dapr_resource_refused::RULE,
    &dapr_resource_unknown_field::RULE,
    &disruption_budget::RULE,
    &disruption_budget_blocks::RULE,
    &disruption_budget_refused::RULE,
    &enabled_misread::RULE,
    &enabled_missing::RULE,
    &exemption_expired::RULE,
    &helm_failure_policy::RULE,
    &helm_high_availability::RULE,
    &helm_image_tag::RULE,
    &helm_log_as_json::RULE,
    &helm_mtls::RULE,
    &helm_replicas::RULE,
    &helm_resources::RULE,
    &helm_scheduler_storage::RULE,
    &helm_secret_reader::RULE,
    &helm_value_unknown::RULE,
    &http_endpoint_plain_secret::RULE,
    &http_endpoint_tls::RULE,
    &ingress_tls::RULE,
    &label_reserved::RULE,
    &mcp_server_endpoint::RULE,
    &mcp_server_plain_secret::RULE,
    &namespace_configuration::RULE,
    &namespace_control_plane::RULE,
    &namespace_network_policy::RULE,
    &namespace_resiliency::RULE,
    &pluggable_component_missing::RULE,
    &pluggable_components_volumes::RULE,
    &pod_host_network::RULE,
    &pod_root::RULE,
    &pod_run_as_non_root::RULE,
    &pod_seccomp::RULE,
    &pod_service_account::RULE,
    &replicas::RULE,
    &resiliency_actor_circuit_breaker::RULE,
    &resiliency_built_in::RULE,
    &resiliency_policy::RULE,
    &resiliency_retries_endless::RULE,
    &resiliency_target::RULE,
    &role_switched_off::RULE,
    &role_unknown::RULE,
    &secret_missing::RULE,
    &shutdown_budget::RULE,
    &sidecar_debug::RULE,
    &sidecar_env_misread::RULE,
    &sidecar_env_reserved::RULE,
    &sidecar_gomemlimit::RULE,
    &sidecar_gomemlimit_malformed::RULE,
    &sidecar_gomemlimit_too_high::RULE,
    &sidecar_image::RULE,
    &sidecar_job::RULE,
    &sidecar_listen_addresses::RULE,
    &sidecar_log_json::RULE,
    &sidecar_log_level::RULE,
    &sidecar_memory_suffix::RULE,
    &sidecar_metrics::RULE,
    &sidecar_missing::RULE,
    &sidecar_ports::RULE,
    &sidecar_profiling::RULE,
    &sidecar_request_above_limit::RULE,
    &sidecar_resources::RULE,
    &sidecar_secret_store::RULE,
    &sidecar_ssl_cert_dir::RULE,
    &sidecar_tokens::RULE,
    &sidecar_volume_missing::RULE,
    &subscription_dead_letter::RULE,
    &subscription_route::RULE,
    &subscription_scoped::RULE,
    &termination_grace::RULE,
    &topology_spread::RULE,
    &value_not_a_string::RULE,
    &workflow_access_rule::RULE,
    &workflow_access_scoped::RULE,
    &workload_selector::RULE,
];
