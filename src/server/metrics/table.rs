//! Every metric of the process, as data: name, type, labels, help. `deploy/metrics.md` is this table, and a test compares
//! both with what a process serves.
//!
//! The values of every label come from a closed set: ids of rules, modes, stages, outcomes, kinds, codes.

/// A metric, before anything is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// As served.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Sorted.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: "counter", labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: "gauge", labels, help }
}

pub(super) const DURATION: Metric = Metric {
    name: "dapr_preflight_admission_duration_seconds",
    kind: "histogram",
    labels: &["stage"],
    help: "Time to answer a review, from its last byte to the reply.",
};
pub(super) const REVIEWS: Metric = counter(
    "dapr_preflight_admission_requests_total",
    &["kind", "mode", "outcome", "stage"],
    "Admission reviews answered.",
);
pub(super) const BUFFERED_BYTES: Metric =
    gauge("dapr_preflight_buffered_bytes", &[], "Bytes kept for bodies longer than 64 KiB that are read or worked on.");
pub(super) const BUILD_INFO: Metric =
    gauge("dapr_preflight_build_info", &["version"], "Always 1; the labels say what runs.");
pub(super) const AUTHORITY_EXPIRY: Metric = gauge(
    "dapr_preflight_certificate_authority_expiry_timestamp_seconds",
    &[],
    "When the managed authority ends, in seconds since 1970.",
);
pub(super) const CERTIFICATE_ERRORS: Metric = counter(
    "dapr_preflight_certificate_errors_total",
    &["what"],
    "Times that what managed certificates need could not be read, written or used.",
);
pub(super) const CERTIFICATE_EXPIRY: Metric = gauge(
    "dapr_preflight_certificate_expiry_timestamp_seconds",
    &[],
    "When the certificate that is served ends, in seconds since 1970.",
);
pub(super) const LEASE_HELD: Metric =
    gauge("dapr_preflight_certificate_lease_held", &[], "1 while this replica renews managed certificates.");
pub(super) const CERTIFICATES: Metric = counter(
    "dapr_preflight_certificate_reloads_total",
    &["outcome"],
    "Other certificates that came, from --tls-dir or the Secret: served, or refused, so that the last good one stays.",
);
pub(super) const CERTIFICATES_MADE: Metric = counter(
    "dapr_preflight_certificates_made_total",
    &["what"],
    "Managed certificates that were made and kept in the Secret.",
);
pub(super) const EVICTED: Metric = counter(
    "dapr_preflight_connections_evicted_total",
    &[],
    "Connections closed to admit newer ones, at --max-connections: those that had asked nothing for longest.",
);
pub(super) const CONNECTIONS: Metric =
    gauge("dapr_preflight_connections_open", &[], "Connections to the webhook, TLS handshakes included.");
pub(super) const DEADLINE_MISSES: Metric = counter(
    "dapr_preflight_deadline_misses_total",
    &[],
    "Reviews not worked on because the API server's own ?timeout= would have passed before the answer.",
);
pub(super) const EXEMPTIONS: Metric =
    gauge("dapr_preflight_exemptions", &["state"], "PreflightExemption objects, by what they are now.");
pub(super) const EXPIRING: Metric =
    gauge("dapr_preflight_exemptions_expiring", &[], "Active exemptions that end within 7 days.");
pub(super) const HTTP_ERRORS: Metric =
    counter("dapr_preflight_http_errors_total", &["code"], "Requests answered with this HTTP error.");
pub(super) const LINES_DROPPED: Metric = counter(
    "dapr_preflight_log_lines_dropped_total",
    &[],
    "Log lines dropped because standard error did not take them in time.",
);
pub(super) const PANICS: Metric =
    counter("dapr_preflight_panics_total", &[], "Requests that panicked; each was answered with HTTP 500.");
pub(super) const POLICIES: Metric = gauge(
    "dapr_preflight_policies",
    &["state"],
    "PreflightPolicy objects, by whether the newest generation is in force.",
);
pub(super) const POLICY_FILE_CURRENT: Metric = gauge(
    "dapr_preflight_policy_file_current",
    &[],
    "1 while the policy in force is what --policy holds (or there is no such file), 0 while the last good one stays.",
);
pub(super) const POLICY_FILE_RELOADS: Metric = counter(
    "dapr_preflight_policy_file_reloads_total",
    &["outcome"],
    "Other contents found in --policy: in force, or refused, so that the last good one stays.",
);
pub(super) const REQUEST_BYTES: Metric =
    counter("dapr_preflight_request_bytes_total", &[], "Bytes of the bodies of reviews that were read.");
pub(super) const IN_FLIGHT: Metric =
    gauge("dapr_preflight_requests_in_flight", &[], "Requests of which the head has been read.");
pub(super) const WAITING: Metric =
    gauge("dapr_preflight_requests_waiting", &[], "Those with a long body that wait until there is room for it.");
pub(super) const RESPONSE_BYTES: Metric =
    counter("dapr_preflight_response_bytes_total", &[], "Bytes of the bodies of answers to reviews.");
pub(super) const RULE_RESULTS: Metric = counter(
    "dapr_preflight_rule_results_total",
    &["effect", "rule"],
    "Findings of a rule that had this effect (edited: its edits were sent); a review may have several.",
);
pub(super) const SHED: Metric = counter(
    "dapr_preflight_shed_total",
    &["limit"],
    "Requests answered at once with HTTP 503 because this limit was reached; the failure policy decides about them.",
);
pub(super) const TASKS: Metric = gauge("dapr_preflight_tasks", &[], "Tasks alive: one per connection, and a few more.");
pub(super) const HANDSHAKES_FAILED: Metric =
    counter("dapr_preflight_tls_handshake_failures_total", &[], "Connections that ended before TLS was established.");
pub(super) const WATCH_ERRORS: Metric = counter(
    "dapr_preflight_watch_errors_total",
    &["kind"],
    "Times that the API server did not answer a list or watch, or said no.",
);
pub(super) const WATCHING: Metric = gauge(
    "dapr_preflight_watching",
    &["kind"],
    "1 while objects of this kind are watched, 0 while what is known of them may be old.",
);

/// All of them, by name.
pub const TABLE: &[Metric] = &[
    DURATION,
    REVIEWS,
    BUFFERED_BYTES,
    BUILD_INFO,
    AUTHORITY_EXPIRY,
    CERTIFICATE_ERRORS,
    CERTIFICATE_EXPIRY,
    LEASE_HELD,
    CERTIFICATES,
    CERTIFICATES_MADE,
    EVICTED,
    CONNECTIONS,
    DEADLINE_MISSES,
    EXEMPTIONS,
    EXPIRING,
    HTTP_ERRORS,
    LINES_DROPPED,
    PANICS,
    POLICIES,
    POLICY_FILE_CURRENT,
    POLICY_FILE_RELOADS,
    REQUEST_BYTES,
    IN_FLIGHT,
    WAITING,
    RESPONSE_BYTES,
    RULE_RESULTS,
    SHED,
    TASKS,
    HANDSHAKES_FAILED,
    WATCH_ERRORS,
    WATCHING,
];
