//! Findings that were there before: a repository that adopts the checks fails on new ones only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::{Found, Report};

/// The findings of an earlier run.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    /// How many there are of each: rule, file, object and field, which no moved line changes.
    findings: BTreeMap<String, usize>,
}

/// A text that is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// Something else.
    #[error("no baseline, as --write-baseline writes it")]
    Text(#[from] serde_json::Error),
    /// One of a later release.
    #[error("a baseline of version {0}, and this release knows version 1: write it again with --write-baseline")]
    Version(u32),
}

impl Baseline {
    /// Everything that a report found.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut findings = BTreeMap::new();
        for found in &report.found {
            *findings.entry(found.fingerprint()).or_default() += 1;
        }
        Self { version: 1, findings }
    }

    /// Reads one.
    ///
    /// # Errors
    /// A text that is none, or one of another version.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let baseline: Self = serde_json::from_str(text)?;
        match baseline.version {
            1 => Ok(baseline),
            other => Err(BaselineError::Version(other)),
        }
    }

    /// As it is written, one finding a line, so that a change of it can be reviewed.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and numbers can be written") + "\n"
    }

    /// Takes what it knows out of a report.
    pub fn apply(&self, report: &mut Report) {
        let mut left = self.findings.clone();
        let mut new = |found: &Found| match left.get_mut(&found.fingerprint()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        let before = report.found.len();
        report.found.retain(|found| new(found));
        report.known += before - report.found.len();
    }
}
