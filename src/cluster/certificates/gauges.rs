//! What is counted of managed certificates; their names and help texts stand with all others, in `server/metrics.rs`.

use prometheus::{IntCounter, IntGauge};

/// What is counted of managed certificates.
#[derive(Clone, Debug)]
pub struct CertificateGauges {
    /// 1 while this replica holds the Lease.
    pub lease_held: IntGauge,
    /// When the authority ends, in seconds since 1970.
    pub authority_expiry: IntGauge,
    /// Authorities that were made.
    pub authorities: IntCounter,
    /// Serving certificates that were made.
    pub certificates: IntCounter,
    /// By [`What`]: how often it could not be read or written.
    pub errors: [IntCounter; 3],
}

/// What can be out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// The Lease.
    Lease,
    /// The Secret.
    Secret,
    /// The webhook configurations.
    Configurations,
}

impl What {
    /// All, in order of declaration.
    pub const ALL: [Self; 3] = [Self::Lease, Self::Secret, Self::Configurations];

    /// Its label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lease => "lease",
            Self::Secret => "secret",
            Self::Configurations => "configurations",
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Lease => "the Lease",
            Self::Secret => "the Secret",
            Self::Configurations => "the webhook configurations",
        }
    }

    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Lease => "let the service account create, get and update it (its Role)",
            Self::Secret => "let the service account create, get, list, watch and update it (its Role)",
            Self::Configurations => "let the service account get, list, watch and patch them (its ClusterRole)",
        }
    }
}
