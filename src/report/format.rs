//! Which form a report takes.

use super::{Report, github, human, json, junit, markdown, sarif};

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal: each finding with the lines of its file.
    Human,
    /// Everything, for programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// GitHub's workflow commands: annotations on the lines of a change.
    Github,
    /// A table, for comments and job summaries.
    Markdown,
}

/// A report in a form. `color` counts for people only.
#[must_use]
pub fn write(report: &Report, format: Format, color: bool) -> String {
    match format {
        Format::Human => human::human(report, color),
        Format::Json => json::json(report),
        Format::Sarif => sarif::sarif(report),
        Format::Junit => junit::junit(report),
        Format::Github => github::github(report),
        Format::Markdown => markdown::markdown(report),
    }
}
