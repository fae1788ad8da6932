//! What is counted of policies and exemptions; their names and help texts stand with all others, in `server/metrics.rs`.

use prometheus::{IntCounter, IntGauge};

/// What is counted of policies and exemptions.
#[derive(Clone, Debug)]
pub struct Gauges {
    /// Policies in force as written.
    pub policies_accepted: IntGauge,
    /// Policies of which the newest generation is not in force.
    pub policies_refused: IntGauge,
    /// Exemptions that exempt now.
    pub exemptions_active: IntGauge,
    /// Exemptions that have ended.
    pub exemptions_expired: IntGauge,
    /// Exemptions of which the newest generation cannot be used.
    pub exemptions_refused: IntGauge,
    /// Exemptions that end within seven days.
    pub exemptions_expiring: IntGauge,
    /// By kind, policies first: 1 while they are being watched, 0 while what is known of them may be old.
    pub watching: [IntGauge; 2],
    /// By kind, policies first: how often the API server did not answer, or said no.
    pub watch_errors: [IntCounter; 2],
}
