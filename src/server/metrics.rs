//! What is counted: every name, help text and label of the process stands in this file.
//!
//! Label values come from closed sets only. Whatever a request needs is looked up once, at start.

use prometheus::core::Collector;
use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use super::status::Failure;
use crate::admission::{Decision, Effect, Outcome};
use crate::cluster::Gauges;
use crate::cluster::certificates::{CertificateGauges, What};
use crate::policy::{EXEMPTION_KIND, KIND, Mode, Stage};

const REQUESTS: [&str; 2] = ["dapr_preflight_admission_requests_total", "Admission reviews answered."];
const DURATION: [&str; 2] =
    ["dapr_preflight_admission_duration_seconds", "Time to answer a review, from its last byte to the reply."];
const IN_FLIGHT: [&str; 2] = ["dapr_preflight_requests_in_flight", "Requests of which the head has been read."];
const RULE_RESULTS: [&str; 2] =
    ["dapr_preflight_rule_results_total", "Findings of a rule that had this effect; a review may have several."];
const HTTP_ERRORS: [&str; 2] = ["dapr_preflight_http_errors_total", "Requests answered with this HTTP error."];
const PANICS: [&str; 2] = ["dapr_preflight_panics_total", "Requests that panicked; each was answered with HTTP 500."];
const LINES_DROPPED: [&str; 2] =
    ["dapr_preflight_log_lines_dropped_total", "Log lines dropped because standard error did not take them in time."];
const HANDSHAKES_FAILED: [&str; 2] =
    ["dapr_preflight_tls_handshake_failures_total", "Connections that ended before TLS was established."];
const CERTIFICATE_EXPIRY: [&str; 2] = [
    "dapr_preflight_certificate_expiry_timestamp_seconds",
    "When the certificate that is served ends, in seconds since 1970.",
];
const CERTIFICATES: [&str; 2] = [
    "dapr_preflight_certificate_reloads_total",
    "Other certificates that came, from --tls-dir or the Secret: served, or refused, so that the last good one stays.",
];
const AUTHORITY_EXPIRY: [&str; 2] = [
    "dapr_preflight_certificate_authority_expiry_timestamp_seconds",
    "When the managed authority ends, in seconds since 1970.",
];
const CERTIFICATES_MADE: [&str; 2] =
    ["dapr_preflight_certificates_made_total", "Managed certificates that were made and kept in the Secret."];
const CERTIFICATE_ERRORS: [&str; 2] = [
    "dapr_preflight_certificate_errors_total",
    "Times that what managed certificates need could not be read, written or used.",
];
const LEASE_HELD: [&str; 2] =
    ["dapr_preflight_certificate_lease_held", "1 while this replica renews managed certificates."];
const POLICIES: [&str; 2] =
    ["dapr_preflight_policies", "PreflightPolicy objects, by whether the newest generation is in force."];
const EXEMPTIONS: [&str; 2] = ["dapr_preflight_exemptions", "PreflightExemption objects, by what they are now."];
const EXPIRING: [&str; 2] = ["dapr_preflight_exemptions_expiring", "Active exemptions that end within 7 days."];
const WATCHING: [&str; 2] =
    ["dapr_preflight_watching", "1 while objects of this kind are watched, 0 while what is known of them may be old."];
const WATCH_ERRORS: [&str; 2] =
    ["dapr_preflight_watch_errors_total", "Times that the API server did not answer a list or watch, or said no."];
const BUILD_INFO: [&str; 2] = ["dapr_preflight_build_info", "Always 1; the labels say what runs."];

/// Seconds: from 50 microseconds to the longest that an API server waits by default.
const BUCKETS: [f64; 15] =
    [50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 500e-3, 1.0, 5.0, 10.0];

/// The kinds that are watched.
const WATCHED: [&str; 2] = [KIND, EXEMPTION_KIND];

const STAGES: [Stage; 2] = [Stage::Mutate, Stage::Validate];

/// All metrics of one process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Vec<IntCounter>,
    duration: [Histogram; 2],
    rules: Vec<(&'static str, [IntCounter; 5])>,
    any_rule: IntCounterVec,
    http_errors: [IntCounter; 6],
    pub(super) in_flight: IntGauge,
    pub(super) panics: IntCounter,
    /// Counts what [`Log`](super::Log) could not keep.
    pub lines_dropped: IntCounter,
    pub(super) handshakes_failed: IntCounter,
    pub(super) certificate_expiry: IntGauge,
    pub(super) certificates_served: IntCounter,
    pub(super) certificates_refused: IntCounter,
}

impl Metrics {
    /// Registers everything; `rules` are the ids of the rules that may have results.
    #[must_use]
    pub fn new(rules: &[&'static str]) -> Self {
        let registry = Registry::new();
        let requests = register(&registry, counters(REQUESTS, &["stage", "mode", "outcome"]));
        let any_rule = register(&registry, counters(RULE_RESULTS, &["rule", "effect"]));
        let errors = register(&registry, counters(HTTP_ERRORS, &["code"]));
        let durations = register(&registry, histograms(DURATION, &["stage"]));
        let certificates = register(&registry, counters(CERTIFICATES, &["outcome"]));
        let build = register(&registry, gauges(BUILD_INFO, &["version"]));
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);

        let mut rules: Vec<_> = rules
            .iter()
            .map(|rule| (*rule, Effect::ALL.map(|effect| any_rule.with_label_values(&[*rule, effect.as_str()]))))
            .collect();
        rules.sort_unstable_by_key(|(rule, _)| *rule);
        Self {
            requests: every_request(&requests),
            duration: STAGES.map(|stage| durations.with_label_values(&[stage.as_str()])),
            http_errors: Failure::ALL.map(|failure| errors.with_label_values(&[failure.code().as_str()])),
            in_flight: register(&registry, gauge(IN_FLIGHT)),
            panics: register(&registry, counter(PANICS)),
            lines_dropped: register(&registry, counter(LINES_DROPPED)),
            handshakes_failed: register(&registry, counter(HANDSHAKES_FAILED)),
            certificates_served: certificates.with_label_values(&["served"]),
            certificates_refused: certificates.with_label_values(&["refused"]),
            certificate_expiry: register(&registry, gauge(CERTIFICATE_EXPIRY)),
            rules,
            any_rule,
            registry,
        }
    }

    /// What is counted of policies and exemptions. Registered only by who watches them.
    #[must_use]
    pub fn gauges(&self) -> Gauges {
        let policies = register(&self.registry, gauges(POLICIES, &["state"]));
        let exemptions = register(&self.registry, gauges(EXEMPTIONS, &["state"]));
        let watching = register(&self.registry, gauges(WATCHING, &["kind"]));
        let errors = register(&self.registry, counters(WATCH_ERRORS, &["kind"]));
        Gauges {
            policies_accepted: policies.with_label_values(&["accepted"]),
            policies_refused: policies.with_label_values(&["refused"]),
            exemptions_active: exemptions.with_label_values(&["active"]),
            exemptions_expired: exemptions.with_label_values(&["expired"]),
            exemptions_refused: exemptions.with_label_values(&["refused"]),
            exemptions_expiring: register(&self.registry, gauge(EXPIRING)),
            watching: WATCHED.map(|kind| watching.with_label_values(&[kind])),
            watch_errors: WATCHED.map(|kind| errors.with_label_values(&[kind])),
        }
    }

    /// What is counted of managed certificates. Registered only by who manages them.
    #[must_use]
    pub fn certificate_gauges(&self) -> CertificateGauges {
        let made = register(&self.registry, counters(CERTIFICATES_MADE, &["what"]));
        let errors = register(&self.registry, counters(CERTIFICATE_ERRORS, &["what"]));
        CertificateGauges {
            lease_held: register(&self.registry, gauge(LEASE_HELD)),
            authority_expiry: register(&self.registry, gauge(AUTHORITY_EXPIRY)),
            authorities: made.with_label_values(&["authority"]),
            certificates: made.with_label_values(&["certificate"]),
            errors: What::ALL.map(|what| errors.with_label_values(&[what.as_str()])),
        }
    }

    /// Counts one decision.
    pub(super) fn decided(&self, decision: &Decision<'_>, seconds: f64) {
        self.requests[request_index(decision.stage, decision.mode, decision.outcome)].inc();
        self.duration[decision.stage as usize].observe(seconds);
        for result in &decision.results {
            match self.rules.binary_search_by_key(&result.rule, |(rule, _)| *rule) {
                Ok(at) => self.rules[at].1[result.effect as usize].inc(),
                Err(_) => self.any_rule.with_label_values(&[result.rule, result.effect.as_str()]).inc(),
            }
        }
    }

    /// Counts one HTTP error.
    pub(super) fn failed(&self, failure: Failure) {
        self.http_errors[failure as usize].inc();
    }

    /// Everything in Prometheus' text format.
    ///
    /// # Errors
    /// When the encoder refuses a metric, which would be a mistake in this file.
    pub fn text(&self) -> prometheus::Result<Vec<u8>> {
        let mut text = Vec::with_capacity(16 * 1024);
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

fn every_request(requests: &IntCounterVec) -> Vec<IntCounter> {
    let mut all = Vec::new();
    for stage in STAGES {
        for mode in Mode::ALL {
            for outcome in Outcome::ALL {
                all.push(requests.with_label_values(&[stage.as_str(), mode.as_str(), outcome.as_str()]));
            }
        }
    }
    all
}

/// Where [`every_request`] has put it.
fn request_index(stage: Stage, mode: Mode, outcome: Outcome) -> usize {
    (stage as usize * Mode::ALL.len() + mode as usize) * Outcome::ALL.len() + outcome as usize
}

const VALID: &str = "every name and label in this file is valid and unlike the others";

fn counter([name, help]: [&str; 2]) -> IntCounter {
    IntCounter::new(name, help).expect(VALID)
}

fn gauge([name, help]: [&str; 2]) -> IntGauge {
    IntGauge::new(name, help).expect(VALID)
}

fn counters([name, help]: [&str; 2], labels: &[&str]) -> IntCounterVec {
    IntCounterVec::new(Opts::new(name, help), labels).expect(VALID)
}

fn gauges([name, help]: [&str; 2], labels: &[&str]) -> IntGaugeVec {
    IntGaugeVec::new(Opts::new(name, help), labels).expect(VALID)
}

fn histograms([name, help]: [&str; 2], labels: &[&str]) -> HistogramVec {
    HistogramVec::new(HistogramOpts::new(name, help).buckets(BUCKETS.to_vec()), labels).expect(VALID)
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> C {
    registry.register(Box::new(metric.clone())).expect(VALID);
    metric
}

#[cfg(test)]
mod tests;
