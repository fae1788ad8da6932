//! How many of each.

use serde::Serialize;

use super::{Remedy, Report, Severity};
use crate::policy::Fix;

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Files that were looked at.
    pub files: usize,
    /// Objects that were judged.
    pub objects: usize,
    /// Findings.
    pub findings: usize,
    /// Of them, those that deny.
    pub deny: usize,
    /// Of them, those that warn.
    pub warn: usize,
    /// Of them, those that make the run fail.
    pub failing: usize,
    /// Of them, those that `fix` mends.
    pub fixable: usize,
    /// Of them, those that `fix --suggested` mends besides.
    pub suggested: usize,
    /// Findings that the baseline knew.
    pub known: usize,
    /// Rules that could not see what they need.
    pub not_evaluated: usize,
    /// Documents and files that could not be read or understood.
    pub unreadable: usize,
}

impl Totals {
    /// Counts.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let count = |severity| report.found.iter().filter(|found| found.severity == severity).count();
        let mended = |fix| {
            let mended = report.found.iter().filter(|found| !matches!(found.remedy, Remedy::Impossible(_)));
            mended.filter(|found| found.finding.fix == fix).count()
        };
        let mut rules: Vec<_> = report.unseen.iter().map(|unseen| unseen.rule.id).collect();
        rules.sort_unstable();
        rules.dedup();
        Self {
            files: report.files.len(),
            objects: report.objects,
            findings: report.found.len(),
            deny: count(Severity::Deny),
            warn: count(Severity::Warn),
            failing: report.found.iter().filter(|found| found.fails).count(),
            fixable: mended(Fix::Safe),
            suggested: mended(Fix::Suggested),
            known: report.known,
            not_evaluated: rules.len(),
            unreadable: report.unreadable.len(),
        }
    }
}
