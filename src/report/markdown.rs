//! A table, for the comment on a pull request or the summary of a job.

use super::{Found, Report, Totals, Unreadable, summary};
use crate::policy::field_path;

pub(super) fn markdown(report: &Report) -> String {
    let mut out = format!("### dapr-preflight\n\n{}\n", summary(&Totals::of(report)));
    if !report.unreadable.is_empty() {
        out.push_str("\n| unreadable | what is wrong | what to write |\n|---|---|---|\n");
        out.extend(report.unreadable.iter().map(unreadable));
    }
    if !report.found.is_empty() {
        out.push_str("\n| | rule | where | what is wrong | what would happen | what to write |\n");
        out.push_str("|---|---|---|---|---|---|\n");
        out.extend(report.found.iter().map(found));
    }
    if !report.unseen.is_empty() {
        out.push_str("\n| not evaluated | needs |\n|---|---|\n");
        let unseen = report.unseen.iter();
        out.extend(unseen.map(|unseen| format!("| `{}` | {} |\n", unseen.rule.id, cell(&unseen.needs))));
    }
    out
}

fn found(found: &Found) -> String {
    let finding = &found.finding;
    format!(
        "| {} | `{}` | `{}:{}`<br>{}, `{}` | {} | {} | {} |\n",
        found.severity.as_str(),
        found.rule.id,
        found.file,
        found.place.region.start.line,
        cell(&found.object.to_string()),
        field_path(&finding.at),
        cell(&finding.problem),
        cell(&finding.consequence),
        cell(&finding.advice),
    )
}

fn unreadable(unreadable: &Unreadable) -> String {
    let line = unreadable.place.as_ref().map(|place| format!(":{}", place.region.start.line)).unwrap_or_default();
    format!("| `{}{line}` | {} | {} |\n", unreadable.file, cell(&unreadable.problem), cell(&unreadable.advice))
}

/// Text that neither ends its cell nor becomes markup.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '\\' | '[' | ']' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
