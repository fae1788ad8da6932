//! What is counted. Names, types, labels and help texts stand in `table`; here they become counters.
//!
//! Whatever a request needs is looked up once, at start.

mod table;

use std::sync::OnceLock;

use prometheus::core::Collector;
use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use super::room::Shed;
use super::status::Failure;
use crate::admission::{Decision, Effect, Outcome};
use crate::cluster::Gauges;
use crate::cluster::certificates::{CertificateGauges, What};
use crate::policy::{EXEMPTION_KIND, KIND, Mode, Stage};

use table::*;
pub use table::{Metric, TABLE};

/// Seconds: from 50 microseconds to the longest that an API server waits by default.
pub const BUCKETS: [f64; 15] =
    [50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 500e-3, 1.0, 5.0, 10.0];

/// The kinds that are watched.
const WATCHED: [&str; 2] = [KIND, EXEMPTION_KIND];

const STAGES: [Stage; 2] = [Stage::Mutate, Stage::Validate];

/// The values of the label `kind`: what may be asked about, and everything else.
const KINDS: [&str; 13] = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "Job",
    "CronJob",
    "Component",
    "Configuration",
    "Subscription",
    "Resiliency",
    "HTTPEndpoint",
    OTHER_KIND,
];
const OTHER_KIND: &str = "other";

/// All metrics of one process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// One for each kind, stage, mode and outcome, made when it is first counted.
    reviews: Vec<OnceLock<IntCounter>>,
    any_review: IntCounterVec,
    duration: [Histogram; 2],
    rules: Vec<(&'static str, [IntCounter; 5])>,
    any_rule: IntCounterVec,
    http_errors: [IntCounter; Failure::ALL.len()],
    shed: [IntCounter; Shed::ALL.len()],
    pub(super) in_flight: IntGauge,
    pub(super) waiting: IntGauge,
    pub(super) buffered_bytes: IntGauge,
    pub(super) connections: IntGauge,
    pub(super) evicted: IntCounter,
    /// Counted for nobody: the plain port needs no more than its own limit.
    pub(super) ops_connections: IntGauge,
    pub(super) ops_evicted: IntCounter,
    pub(super) deadline_misses: IntCounter,
    pub(super) request_bytes: IntCounter,
    pub(super) response_bytes: IntCounter,
    pub(super) panics: IntCounter,
    /// Counts what [`Log`](super::Log) could not keep.
    pub lines_dropped: IntCounter,
    pub(super) handshakes_failed: IntCounter,
    pub(super) certificate_expiry: IntGauge,
    pub(super) certificates_served: IntCounter,
    pub(super) certificates_refused: IntCounter,
    pub(super) policy_file_current: IntGauge,
    pub(super) policy_files_in_force: IntCounter,
    pub(super) policy_files_refused: IntCounter,
    tasks: IntGauge,
}

impl Metrics {
    /// Registers everything; `rules` are the ids of the rules that may have results.
    #[must_use]
    pub fn new(rules: &[&'static str]) -> Self {
        Self::with_buckets(rules, &BUCKETS)
    }

    /// As [`new`](Self::new), with the histogram's bounds in seconds, each above the one before.
    #[must_use]
    pub fn with_buckets(rules: &[&'static str], buckets: &[f64]) -> Self {
        let registry = Registry::new();
        let any_review = register(&registry, counters(REVIEWS));
        let any_rule = register(&registry, counters(RULE_RESULTS));
        let errors = register(&registry, counters(HTTP_ERRORS));
        let durations = register(&registry, histograms(DURATION, buckets));
        let certificates = register(&registry, counters(CERTIFICATES));
        let policy_files = register(&registry, counters(POLICY_FILE_RELOADS));
        let shed = register(&registry, counters(SHED));
        register(&registry, gauges(BUILD_INFO)).with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);

        let mut rules: Vec<_> = rules
            .iter()
            .map(|rule| (*rule, Effect::ALL.map(|effect| any_rule.with_label_values(&[effect.as_str(), *rule]))))
            .collect();
        rules.sort_unstable_by_key(|(rule, _)| *rule);
        let policy_file_current = register(&registry, single_gauge(POLICY_FILE_CURRENT));
        policy_file_current.set(1);
        let metrics = Self {
            reviews: std::iter::repeat_with(OnceLock::new).take(REVIEW_SERIES).collect(),
            duration: STAGES.map(|stage| durations.with_label_values(&[stage.as_str()])),
            http_errors: Failure::ALL.map(|failure| errors.with_label_values(&[failure.code().as_str()])),
            shed: Shed::ALL.map(|limit| shed.with_label_values(&[limit.as_str()])),
            in_flight: register(&registry, single_gauge(IN_FLIGHT)),
            waiting: register(&registry, single_gauge(WAITING)),
            buffered_bytes: register(&registry, single_gauge(BUFFERED_BYTES)),
            connections: register(&registry, single_gauge(CONNECTIONS)),
            evicted: register(&registry, single_counter(EVICTED)),
            ops_connections: single_gauge(CONNECTIONS),
            ops_evicted: single_counter(EVICTED),
            deadline_misses: register(&registry, single_counter(DEADLINE_MISSES)),
            request_bytes: register(&registry, single_counter(REQUEST_BYTES)),
            response_bytes: register(&registry, single_counter(RESPONSE_BYTES)),
            panics: register(&registry, single_counter(PANICS)),
            lines_dropped: register(&registry, single_counter(LINES_DROPPED)),
            handshakes_failed: register(&registry, single_counter(HANDSHAKES_FAILED)),
            certificates_served: certificates.with_label_values(&["served"]),
            certificates_refused: certificates.with_label_values(&["refused"]),
            certificate_expiry: register(&registry, single_gauge(CERTIFICATE_EXPIRY)),
            policy_files_in_force: policy_files.with_label_values(&["in_force"]),
            policy_files_refused: policy_files.with_label_values(&["refused"]),
            policy_file_current,
            tasks: register(&registry, single_gauge(TASKS)),
            any_review,
            rules,
            any_rule,
            registry,
        };
        metrics.announce_reviews();
        metrics
    }

    /// The series that a rate is most often asked of are there from the beginning.
    fn announce_reviews(&self) {
        for kind in ["Pod", OTHER_KIND] {
            for stage in STAGES {
                for mode in Mode::ALL {
                    for outcome in Outcome::ALL {
                        self.review(kind, stage, mode, outcome);
                    }
                }
            }
        }
    }

    fn review(&self, kind: &str, stage: Stage, mode: Mode, outcome: Outcome) -> &IntCounter {
        let kind = KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len() - 1);
        let index = ((kind * STAGES.len() + stage as usize) * Mode::ALL.len() + mode as usize) * Outcome::ALL.len()
            + outcome as usize;
        self.reviews[index].get_or_init(|| {
            self.any_review.with_label_values(&[KINDS[kind], mode.as_str(), outcome.as_str(), stage.as_str()])
        })
    }

    /// What is counted of policies and exemptions. Registered only by who watches them.
    #[must_use]
    pub fn gauges(&self) -> Gauges {
        let policies = register(&self.registry, gauges(POLICIES));
        let exemptions = register(&self.registry, gauges(EXEMPTIONS));
        let watching = register(&self.registry, gauges(WATCHING));
        let errors = register(&self.registry, counters(WATCH_ERRORS));
        Gauges {
            policies_accepted: policies.with_label_values(&["accepted"]),
            policies_refused: policies.with_label_values(&["refused"]),
            exemptions_active: exemptions.with_label_values(&["active"]),
            exemptions_expired: exemptions.with_label_values(&["expired"]),
            exemptions_refused: exemptions.with_label_values(&["refused"]),
            exemptions_expiring: register(&self.registry, single_gauge(EXPIRING)),
            watching: WATCHED.map(|kind| watching.with_label_values(&[kind])),
            watch_errors: WATCHED.map(|kind| errors.with_label_values(&[kind])),
        }
    }

    /// What is counted of managed certificates. Registered only by who manages them.
    #[must_use]
    pub fn certificate_gauges(&self) -> CertificateGauges {
        let made = register(&self.registry, counters(CERTIFICATES_MADE));
        let errors = register(&self.registry, counters(CERTIFICATE_ERRORS));
        CertificateGauges {
            lease_held: register(&self.registry, single_gauge(LEASE_HELD)),
            authority_expiry: register(&self.registry, single_gauge(AUTHORITY_EXPIRY)),
            authorities: made.with_label_values(&["authority"]),
            certificates: made.with_label_values(&["certificate"]),
            errors: What::ALL.map(|what| errors.with_label_values(&[what.as_str()])),
        }
    }

    /// Counts one decision.
    pub(super) fn decided(&self, decision: &Decision<'_>, seconds: f64) {
        self.review(&decision.kind, decision.stage, decision.mode, decision.outcome).inc();
        self.duration[decision.stage as usize].observe(seconds);
        for result in &decision.results {
            match self.rules.binary_search_by_key(&result.rule, |(rule, _)| *rule) {
                Ok(at) => self.rules[at].1[result.effect as usize].inc(),
                Err(_) => self.any_rule.with_label_values(&[result.effect.as_str(), result.rule]).inc(),
            }
        }
    }

    /// Counts one HTTP error.
    pub(super) fn failed(&self, failure: Failure) {
        self.http_errors[failure as usize].inc();
    }

    /// Counts one request that was turned away.
    pub(super) fn shed(&self, limit: Shed) {
        self.shed[limit as usize].inc();
    }

    /// Everything in Prometheus' text format.
    ///
    /// # Errors
    /// When the encoder refuses a metric, which would be a mistake in this file.
    pub fn text(&self) -> prometheus::Result<Vec<u8>> {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            self.tasks.set(i64::try_from(runtime.metrics().num_alive_tasks()).unwrap_or(i64::MAX));
        }
        let mut text = Vec::with_capacity(16 * 1024);
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// As many as there are values of all four labels together.
const REVIEW_SERIES: usize = KINDS.len() * STAGES.len() * Mode::ALL.len() * Outcome::ALL.len();

const VALID: &str = "every name and label in the table is valid and unlike the others";

fn single_counter(metric: Metric) -> IntCounter {
    IntCounter::new(metric.name, metric.help).expect(VALID)
}

fn single_gauge(metric: Metric) -> IntGauge {
    IntGauge::new(metric.name, metric.help).expect(VALID)
}

fn counters(metric: Metric) -> IntCounterVec {
    IntCounterVec::new(Opts::new(metric.name, metric.help), metric.labels).expect(VALID)
}

fn gauges(metric: Metric) -> IntGaugeVec {
    IntGaugeVec::new(Opts::new(metric.name, metric.help), metric.labels).expect(VALID)
}

fn histograms(metric: Metric, buckets: &[f64]) -> HistogramVec {
    let options = HistogramOpts::new(metric.name, metric.help).buckets(buckets.to_vec());
    HistogramVec::new(options, metric.labels).expect(VALID)
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> C {
    registry.register(Box::new(metric.clone())).expect(VALID);
    metric
}

#[cfg(test)]
mod tests;
