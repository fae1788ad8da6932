//! The words of an answer: denials with every finding, warnings within Kubernetes' limits.

use serde::Serialize;

use super::decision::Effect;
use crate::policy::{Finding, Judged, field_path, printable};

/// The most characters of one warning; the API server cuts longer ones
/// (`staging/src/k8s.io/apiserver/pkg/endpoints/filters/warning.go`, `truncateItemRunes`).
const ONE: usize = 256;
/// The most characters of all warnings of a request; the API server drops what comes after (`truncateAtTotalRunes`).
const ALL: usize = 4096;

/// A refusal, as `status` of the answer.
#[derive(Debug, Serialize)]
pub(super) struct Denial {
    pub message: String,
    pub causes: Vec<Cause>,
}

/// One reason of a refusal (`metav1.StatusCause`).
#[derive(Debug, Serialize)]
pub(super) struct Cause {
    pub reason: &'static str,
    pub message: String,
    pub field: String,
}

/// Warnings that fit, and how many did not.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    lines: Vec<String>,
}

impl Denial {
    /// A refusal with every one of these findings; `None` without any.
    pub fn of<'j>(judged: impl Iterator<Item = &'j Judged>) -> Option<Self> {
        let mut causes = Vec::new();
        let mut lines = String::new();
        for Judged { rule, finding, .. } in judged {
            let field = field_path(&finding.at);
            let Finding { problem, consequence, advice, .. } = finding;
            let message = printable(format!("{problem}; {consequence}; {advice}")).into_owned();
            lines.push_str(&format!("\n  [{}] {field}: {message}", rule.id));
            causes.push(Cause { reason: rule.id, message, field });
        }
        let faults = match causes.len() {
            0 => return None,
            1 => "1 fault".to_owned(),
            many => format!("{many} faults"),
        };
        Some(Self { message: format!("dapr-preflight found {faults}:{lines}"), causes })
    }
}

impl Warnings {
    /// One warning for each finding, as many as fit; the last line says how many did not.
    pub fn of<'j>(judged: impl Iterator<Item = (&'j Judged, Effect)>) -> Self {
        let all: Vec<_> = judged.map(|(judged, effect)| warning(judged, effect)).collect();
        let total: usize = all.iter().map(|line| line.chars().count()).sum();
        if total <= ALL {
            return Self { lines: all };
        }
        let room = ALL - overflow(all.len()).len();
        let mut used = 0;
        let mut lines: Vec<String> = Vec::new();
        for line in &all {
            used += line.chars().count();
            if used > room {
                break;
            }
            lines.push(line.clone());
        }
        lines.push(overflow(all.len() - lines.len()));
        Self { lines }
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

fn overflow(count: usize) -> String {
    let findings = if count == 1 { "finding does" } else { "findings do" };
    format!("[dapr-preflight] {count} more {findings} not fit here; the server's log names the rules")
}

/// Rule, place, problem and advice; what would happen comes last, and only where it fits.
fn warning(judged: &Judged, effect: Effect) -> String {
    let Finding { at, problem, consequence, advice, .. } = &judged.finding;
    let note = if effect == Effect::Unapplied { " (and it was not added)" } else { "" };
    // A warning is an HTTP header, and a terminal shows it.
    let short = printable(format!("[{}] {}: {problem}{note}; {advice}", judged.rule.id, field_path(at)));
    let long = printable(format!("{short}; {consequence}"));
    if long.chars().count() <= ONE { long.into_owned() } else { cut(&short) }
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(ONE) {
        None => line.to_owned(),
        Some(_) => line.chars().take(ONE - 3).chain("...".chars()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Check, Fix, Level, Rule, Source};

    static RULE: Rule = Rule {
        id: "r",
        title: "",
        source: Source::Dapr(""),
        why: "",
        level: Level::Warn,
        fix: Fix::None,
        check: Check::Pod(|_| Vec::new()),
        bad: "",
        good: "",
    };

    /// A finding whose whole warning has so many characters.
    fn of_length(characters: usize) -> Judged {
        let around = "[r] x: ; a; c".len();
        let finding = Finding::new("/x".to_owned(), "ä".repeat(characters - around), "c", "a");
        Judged { rule: &RULE, level: Level::Warn, finding }
    }

    fn lengths(judged: &[Judged]) -> Vec<usize> {
        let warnings = Warnings::of(judged.iter().map(|judged| (judged, Effect::Warned)));
        warnings.lines().iter().map(|line| line.chars().count()).collect()
    }

    #[test]
    fn warnings_that_fit_to_the_character_are_all_said() {
        assert_eq!(lengths(&vec![of_length(ONE); ALL / ONE]), vec![ONE; ALL / ONE]);
    }

    #[test]
    fn the_last_warning_before_the_count_may_fill_the_room_to_the_character() {
        let count = overflow(20).len();
        let mut judged = vec![of_length(ONE); 20];
        let fits = ALL / ONE - 1;
        judged[fits] = of_length(ONE - count);
        assert_eq!(lengths(&judged), [vec![ONE; fits], vec![ONE - count], vec![overflow(4).len()]].concat());
        judged[fits] = of_length(ONE - count + 1);
        assert_eq!(lengths(&judged), [vec![ONE; fits], vec![overflow(5).len()]].concat());
    }

    #[test]
    fn a_warning_gives_up_its_consequence_before_it_is_cut() {
        let line = |characters| {
            let judged = [of_length(characters)];
            Warnings::of(judged.iter().map(|judged| (judged, Effect::Warned))).lines()[0].clone()
        };
        assert!(line(ONE).ends_with("ä; a; c"));
        assert!(line(ONE + 1).ends_with("ä; a"));
        assert!(line(ONE + 3).ends_with("ä; a"));
        assert!(line(ONE + 4).ends_with("ä..."));
        assert_eq!(line(ONE + 4).chars().count(), ONE);
    }
}
