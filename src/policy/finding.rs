//! What a rule found: one place, one message, and the edits that would mend it.

use std::borrow::Cow;

use serde_json::Value;

use super::rule::Fix;

/// One fault at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// JSON pointer (RFC 6901) into the object under review.
    pub at: String,
    /// The key at that place is what is wrong, whatever its value is.
    pub key: bool,
    /// What is wrong, with the value. May be empty where nobody reads it (see
    /// [`PodSubject::say`](super::PodSubject::say)).
    pub problem: String,
    /// What Dapr or Kubernetes would do with it.
    pub consequence: Cow<'static, str>,
    /// What to write instead.
    pub advice: Cow<'static, str>,
    /// Dapr or the API server would refuse this pod, or daprd would surely not start.
    pub certain: bool,
    /// Never refuses anything, whatever level the rule has: it may be wrong, or nobody's fault who could mend it.
    pub advisory: bool,
    /// What may happen to `edits`.
    pub fix: Fix,
    /// What would mend it; empty exactly when `fix` is [`Fix::None`].
    pub edits: Vec<Edit>,
}

/// A change to the object under review.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Put a value where the user wrote none; missing parents are made.
    Add {
        /// JSON pointer of the new value; a last segment `-` appends to a list.
        at: String,
        /// What to put there.
        value: Value,
    },
    /// Append an entry to a list in Dapr's own grammar (`dapr.io/env`); the entries that are there stay as they are.
    AppendEntry {
        /// JSON pointer of the string that holds the list.
        at: String,
        /// The whole list after the edit.
        list: String,
    },
    /// Replace a value that the user wrote. Never part of a safe fix.
    Replace {
        /// JSON pointer of the value.
        at: String,
        /// What to put there.
        value: Value,
    },
}

impl Edit {
    /// JSON pointer of what the edit writes.
    #[must_use]
    pub fn at(&self) -> &str {
        match self {
            Self::Add { at, .. } | Self::AppendEntry { at, .. } | Self::Replace { at, .. } => at,
        }
    }

    /// The same, of an edit that nobody needs any more.
    #[must_use]
    pub fn into_at(self) -> String {
        match self {
            Self::Add { at, .. } | Self::AppendEntry { at, .. } | Self::Replace { at, .. } => at,
        }
    }
}

impl Finding {
    /// A fault that a person has to mend.
    #[must_use]
    pub fn new(
        at: String,
        problem: impl Into<String>,
        consequence: impl Into<Cow<'static, str>>,
        advice: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            at,
            key: false,
            problem: problem.into(),
            consequence: consequence.into(),
            advice: advice.into(),
            certain: false,
            advisory: false,
            fix: Fix::None,
            edits: Vec::new(),
        }
    }

    /// The same fault, and Dapr, the API server or daprd surely stumbles over it.
    #[must_use]
    pub fn certain(mut self) -> Self {
        self.certain = true;
        self
    }

    /// The same fault, of the key and not of the value.
    #[must_use]
    pub fn of_the_key(mut self) -> Self {
        self.key = true;
        self
    }

    /// The same fault, which never refuses anything.
    #[must_use]
    pub fn advisory(mut self) -> Self {
        self.advisory = true;
        self
    }

    /// The same fault, with edits that the webhook may make. Without any edit it stays a fault for a person.
    #[must_use]
    pub fn safe(self, edits: Vec<Edit>) -> Self {
        self.with(Fix::Safe, edits)
    }

    /// The same fault, with edits that only `fix` offers.
    #[must_use]
    pub fn suggested(self, edits: Vec<Edit>) -> Self {
        self.with(Fix::Suggested, edits)
    }

    fn with(mut self, fix: Fix, edits: Vec<Edit>) -> Self {
        self.fix = if edits.is_empty() { Fix::None } else { fix };
        self.edits = edits;
        self
    }
}
