//! GitHub's workflow commands: each finding becomes an annotation on its line of a pull request.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use super::{Found, Report, Severity, Totals, Unreadable, summary};

pub(super) fn github(report: &Report) -> String {
    let mut out: String = report.unreadable.iter().map(unreadable).chain(report.found.iter().map(found)).collect();
    for unseen in &report.unseen {
        let message = format!("{} was not evaluated: needs {}", unseen.rule.id, unseen.needs);
        out.push_str(&format!("::notice title={}::{}\n", property(unseen.rule.id), data(&message)));
    }
    out + &summary(&Totals::of(report)) + "\n"
}

fn found(found: &Found) -> String {
    let command = match found.severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Note => "notice",
    };
    let (start, end) = (found.place.region.start, found.place.region.end);
    // A range of columns is shown only on one line.
    let columns = match start.line == end.line {
        true => format!(",col={},endColumn={}", start.column, end.column),
        false => String::new(),
    };
    let finding = &found.finding;
    format!(
        "::{command} file={},line={},endLine={}{columns},title={}::{}\n",
        property(&found.file),
        start.line,
        end.line,
        property(&format!("{} ({})", found.rule.id, found.object)),
        data(&format!("{}; {}; {}", finding.problem, finding.consequence, finding.advice)),
    )
}

fn unreadable(unreadable: &Unreadable) -> String {
    let start = unreadable.place.as_ref().map(|place| place.region.start);
    let place = start.map(|start| format!(",line={},col={}", start.line, start.column)).unwrap_or_default();
    let message = match &*unreadable.advice {
        "" => unreadable.problem.clone(),
        advice => format!("{}; {advice}", unreadable.problem),
    };
    format!("::error file={}{place},title=unreadable::{}\n", property(&unreadable.file), data(&message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
