//! The rules themselves, as a table, as a document for programs, and as a page.

use serde_json::json;

use crate::policy::{Check, Fix, Level, Rule, Source};

/// A form of the list of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum CatalogueFormat {
    /// Columns, for a terminal.
    Table,
    /// Everything but the predicate, for programs.
    Json,
    /// A table for a page.
    Markdown,
}

/// All rules in a form.
#[must_use]
pub fn catalogue(rules: &[&Rule], format: CatalogueFormat) -> String {
    match format {
        CatalogueFormat::Table => columns(rules),
        CatalogueFormat::Json => {
            format!("{:#}\n", rules.iter().map(|rule| document(rule)).collect::<serde_json::Value>())
        }
        CatalogueFormat::Markdown => table(rules, None),
    }
}

/// A Markdown table of the rules; `folder` is where the links go, if there are to be any.
#[must_use]
pub fn table(rules: &[&Rule], folder: Option<&str>) -> String {
    let mut out = "| rule | promise | default | fix |\n|---|---|---|---|\n".to_owned();
    for rule in rules {
        let id = folder.map_or_else(|| format!("`{}`", rule.id), |folder| linked(rule, folder));
        out.push_str(&format!("| {id} | {} | {} | {} |\n", rule.title, level(rule), fix(rule)));
    }
    out
}

/// A rule's id, and a link to its file in a folder.
pub(super) fn linked(rule: &Rule, folder: &str) -> String {
    format!("[`{}`]({folder}{}.rs)", rule.id, rule.id.replace('-', "_"))
}

/// What GitHub shows of the folder of rules: all in a table, then each with its reason and its source.
#[must_use]
pub fn page(rules: &[&Rule]) -> String {
    let mut out = "# Rules\n\nWritten by `UPDATE=1 cargo test --test catalogue` from the rules themselves; \
                   `dapr-preflight explain RULE` says the same, with examples.\n\n"
        .to_owned();
    out.push_str(&table(rules, Some("")));
    for rule in rules {
        let fix = if rule.fix == Fix::None { "none" } else { fix(rule) };
        out.push_str(&format!(
            "\n## {}\n\n{}. {}\n\n- Looks at: {}\n- By default: {}; fix: {fix}\n- Source: {}\n",
            linked(rule, ""),
            rule.title,
            rule.why,
            looks_at(rule),
            level(rule),
            source(rule),
        ));
    }
    out
}

/// What the rule is asked of, in words.
pub(super) fn looks_at(rule: &Rule) -> String {
    match rule.check {
        Check::Pod(_) => "pods and the pod templates of workloads".to_owned(),
        Check::StoredPod(_) => "pods as they are stored, after every webhook".to_owned(),
        Check::Inventory(_) => "all objects together".to_owned(),
        Check::Object(kinds, _) => {
            let mut kinds: Vec<_> = kinds.iter().map(|kind| kind.kind.replace('*', "every manifest")).collect();
            kinds.dedup();
            kinds.join(", ")
        }
    }
}

/// Where the rule comes from, in words.
pub(super) fn source(rule: &Rule) -> String {
    match rule.source {
        Source::Reference(line) => format!("the production reference: {line}"),
        Source::Dapr(file) => format!("Dapr: {file}"),
        Source::Kubernetes(page) => format!("Kubernetes: {page}"),
        Source::Preflight(what) => format!("dapr-preflight: {what}"),
    }
}

pub(super) fn level(rule: &Rule) -> &'static str {
    match rule.level {
        Level::Deny => "deny",
        Level::Warn => "warn",
        Level::Off => "off",
    }
}

pub(super) fn fix(rule: &Rule) -> &'static str {
    match rule.fix {
        Fix::None => "",
        Fix::Suggested => "suggested",
        Fix::Safe => "safe",
    }
}

fn columns(rules: &[&Rule]) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut out = format!("{:width$}  DEFAULT  FIX        PROMISE\n", "RULE");
    for rule in rules {
        out.push_str(&format!("{:width$}  {:7}  {:9}  {}\n", rule.id, level(rule), fix(rule), rule.title));
    }
    out
}

fn document(rule: &Rule) -> serde_json::Value {
    json!({
        "id": rule.id,
        "title": rule.title,
        "why": rule.why,
        "source": source(rule),
        "looksAt": looks_at(rule),
        "level": rule.level,
        "fix": rule.fix,
        "bad": rule.bad,
        "good": rule.good,
    })
}
