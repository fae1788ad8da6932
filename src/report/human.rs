//! For people: each finding as rustc shows an error, then what was not seen, then one line that counts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use rayon::prelude::*;

use super::footer::Footer;
use super::{Found, Place, Remedy, Report, Severity, Totals, Unreadable};
use crate::policy::{Fix, field_path, printable};

/// How many findings are rendered before they are put together.
const AT_ONCE: usize = 4096;

/// The report for a terminal.
#[must_use]
pub fn human(report: &Report, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let (renderer, footer) = (renderer.decor_style(DecorStyle::Ascii), Footer::new(color));
    let mut out = String::new();
    for unreadable in &report.unreadable {
        out.push_str(&renderer.render(&[cannot_read(unreadable)]));
        out.push_str("\n\n");
    }
    // Most of what a long report costs; the texts come back in their order, some at a time, so that they are not held twice.
    for some in report.found.chunks(AT_ONCE) {
        let texts: Vec<String> = some.par_iter().map(|found| one(found, &renderer, footer)).collect();
        for text in texts {
            out.push_str(&text);
            out.push_str("\n\n");
        }
    }
    out.push_str(&unseen(report));
    out.push_str(&summary(&Totals::of(report)));
    out.push('\n');
    out
}

/// One finding.
fn one(found: &Found, renderer: &Renderer, footer: Footer) -> String {
    let finding = &found.finding;
    let level = match found.severity {
        Severity::Deny => Level::ERROR,
        Severity::Warn => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.with_name(found.severity.as_str()).primary_title(&*finding.problem).id(found.rule.id);
    let group = shown(Group::with_title(title), &found.file, &found.place, found.severity);
    let field = field_path(&finding.at);
    let within = if field.is_empty() { found.object.to_string() } else { format!("{}, {field}", found.object) };
    let fix = fix(found);
    let notes = [("in", &*within), ("note", &*finding.consequence), ("help", &*finding.advice)];
    let notes: Vec<_> = notes.into_iter().chain(fix.as_deref().map(|fix| ("fix", fix))).collect();
    let mut text = renderer.render(&[group]);
    text.push('\n');
    footer.write(&mut text, found.place.region.start.line, &notes);
    text
}

/// What `fix` would do about it.
fn fix(found: &Found) -> Option<Cow<'_, str>> {
    match (&found.remedy, found.finding.fix) {
        (Remedy::None, _) | (_, Fix::None) => None,
        (Remedy::Changes(_) | Remedy::Unasked, Fix::Safe) => Some("safe, `dapr-preflight fix --write`".into()),
        (Remedy::Changes(_) | Remedy::Unasked, Fix::Suggested) => {
            Some("suggested, `dapr-preflight fix --write --suggested`".into())
        }
        (Remedy::Impossible(why), _) => Some(format!("not in this text: {}", printable(why.as_str())).into()),
    }
}

/// The file, the line and the caret.
fn shown<'a>(group: Group<'a>, file: &'a str, place: &'a Place, severity: Severity) -> Group<'a> {
    let kind = if severity == Severity::Note { AnnotationKind::Context } else { AnnotationKind::Primary };
    let start = place.region.start;
    let label = place.missing.as_ref().map(|missing| format!("{missing} is not there"));
    let caret = kind.span(place.excerpt.span.clone()).label(label);
    let snippet = Snippet::source(&*place.excerpt.text).line_start(start.line).annotation(caret);
    let before = place.excerpt.text[..place.excerpt.span.start].chars().count();
    match before + 1 == start.column {
        true => group.element(snippet.path(file)),
        // The excerpt begins inside its line, and only the place knows the column.
        false => group.element(Origin::path(file).line(start.line).char_column(start.column)).element(snippet),
    }
}

fn cannot_read(unreadable: &Unreadable) -> Group<'_> {
    let group = Group::with_title(Level::ERROR.primary_title(&*unreadable.problem));
    let group = match &unreadable.place {
        Some(place) => shown(group, &unreadable.file, place, Severity::Deny),
        None => group.element(Origin::path(&*unreadable.file)),
    };
    match &*unreadable.advice {
        "" => group,
        advice => group.element(Level::HELP.message(advice)),
    }
}

/// What is needed, with the rules that need it.
fn unseen(report: &Report) -> String {
    if report.unseen.is_empty() {
        return String::new();
    }
    let mut by_need: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for unseen in &report.unseen {
        by_need.entry((&*unseen.needs, unseen.objects)).or_default().push(unseen.rule.id);
    }
    let mut out = "not evaluated here, which is no success:\n".to_owned();
    for ((needs, objects), rules) in by_need {
        let objects = match objects {
            0 => String::new(),
            objects => format!(" ({})", counted(objects, "object")),
        };
        let verb = if rules.len() == 1 { "needs" } else { "need" };
        out.push_str(&format!("  {} {verb} {needs}{objects}\n", rules.join(", ")));
    }
    out.push('\n');
    out
}

/// The line that counts.
#[must_use]
pub fn summary(totals: &Totals) -> String {
    let Totals { deny, warn, .. } = *totals;
    let mut line = format!("{}, {}: ", counted(totals.files, "file"), counted(totals.objects, "object"));
    match totals.findings {
        0 => line.push_str("no findings"),
        findings => {
            line.push_str(&format!("{} ({deny} deny, {warn} warn", counted(findings, "finding")));
            match findings - deny - warn {
                0 => line.push(')'),
                notes => line.push_str(&format!(", {notes} note)")),
            }
        }
    }
    let more = [
        (totals.known, "in the baseline".to_owned()),
        (totals.fixable, "fixable with `dapr-preflight fix`".to_owned()),
        (totals.suggested, "more with `--suggested`".to_owned()),
        (totals.not_evaluated, if totals.not_evaluated == 1 { "rule" } else { "rules" }.to_owned() + " not evaluated"),
        (totals.unreadable, "unreadable".to_owned()),
    ];
    for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
        line.push_str(&format!(", {count} {what}"));
    }
    line
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
