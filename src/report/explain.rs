//! One rule, in full.

use super::catalogue::{level, looks_at, source};
use crate::policy::{Fix, Rule};

/// What, why, from where, and an example of each kind. `said` is what the rule has to say of its bad example.
#[must_use]
pub fn explain(rule: &Rule, said: &str) -> String {
    let mut out = format!("{}: {}\n\n{}\n\n", rule.id, rule.title, wrapped(rule.why));
    out.push_str(&format!("Looks at  {}\n", looks_at(rule)));
    out.push_str(&format!("Source    {}\n", source(rule)));
    out.push_str(&format!(
        "Default   {}; a PreflightPolicy says otherwise by spec.rules: {{{}: deny | warn | off}}\n",
        level(rule),
        rule.id
    ));
    out.push_str(&format!("Fix       {}\n\n", fix(rule.fix)));
    out.push_str(&format!("Bad:\n\n{}\n", indented(&example(rule.bad))));
    out.push_str(&format!("What is said of it:\n\n{}\n", indented(said)));
    out.push_str(&format!("Good:\n\n{}", indented(&example(rule.good))));
    out
}

/// An example without the indentation that it has in its source file.
#[must_use]
pub fn example(text: &str) -> String {
    let text = text.trim();
    let rest = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let common = rest.map(|line| line.len() - line.trim_start().len()).min().unwrap_or_default();
    let mut lines = text.lines();
    let mut out = format!("{}\n", lines.next().unwrap_or_default());
    for line in lines {
        let indent = if common == 0 { "" } else { "  " };
        out.push_str(&format!("{indent}{}\n", line.get(common..).unwrap_or_default()));
    }
    out
}

fn fix(fix: Fix) -> &'static str {
    match fix {
        Fix::None => "none: a person has to decide",
        Fix::Suggested => "suggested: `dapr-preflight fix --suggested` makes it, the webhook never does",
        Fix::Safe => "safe: the webhook makes it, and so does `dapr-preflight fix`",
    }
}

fn indented(text: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
    text.trim_end().lines().map(line).collect()
}

/// At most 100 characters a line.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 100 {
            out.push('\n');
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_loses_the_indentation_of_its_source_file_and_no_more() {
        assert_eq!(example("{a: {\n        b: 1,\n          c: 2}}"), "{a: {\n  b: 1,\n    c: 2}}\n");
        assert_eq!(example("a: 1\n---\nb:\n  c: 2\n"), "a: 1\n---\nb:\n  c: 2\n");
    }

    #[test]
    fn a_reason_is_wrapped_between_words() {
        let text = "word ".repeat(30);
        let lines: Vec<_> = wrapped(&text).lines().map(str::len).collect();
        assert_eq!(lines, [99, 49]);
    }
}
