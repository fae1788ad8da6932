//! What a namespace opted in to, and which webhook is asking.

use serde::Serialize;

/// What a namespace opted in to by the label `dapr-preflight.io/mode`; each mode has its own path on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing is changed, refused or said: findings are recorded only.
    Audit,
    /// Nothing is changed or refused: every finding becomes a warning.
    Warn,
    /// Safe edits are applied, `deny` findings refuse, the rest warn.
    Enforce,
}

impl Mode {
    /// Every mode, the weakest first.
    pub const ALL: [Self; 3] = [Self::Audit, Self::Warn, Self::Enforce];

    /// As written in the label and in the path.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Warn => "warn",
            Self::Enforce => "enforce",
        }
    }
}

/// Which of the two webhooks asks. Mutating never denies; validating never patches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The mutating webhook: it sees a pod before Dapr's injector.
    Mutate,
    /// The validating webhook: it sees the final object.
    Validate,
}

impl Stage {
    /// As written in the path.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mutate => "mutate",
            Self::Validate => "validate",
        }
    }
}
