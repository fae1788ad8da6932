//! `explain`: one rule, in full.

use clap::Args;

use super::under::{UnderArgs, rule};
use crate::check::Input;
use crate::policy::{Check as Looks, Rule};
use crate::report::{Report, Severity, example, explain, human};

/// The arguments of `explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The rule's id, as findings name it in brackets.
    #[arg(value_name = "RULE", value_parser = rule)]
    pub rule: &'static Rule,
}

impl ExplainArgs {
    /// What to print.
    ///
    /// # Errors
    /// None that the built-in policy could have.
    pub fn run(&self) -> anyhow::Result<String> {
        Ok(explain(self.rule, &said(self.rule)?))
    }
}

/// What `check` says of the rule's bad example.
fn said(rule: &'static Rule) -> anyhow::Result<String> {
    if matches!(rule.check, Looks::StoredPod(_)) {
        return Ok("Nothing: no file shows a pod as it is stored. The webhook sees it.".to_owned());
    }
    let only = UnderArgs { only: vec![rule], ..UnderArgs::default() };
    let check = only.check(None, Severity::Deny)?;
    let report = check.run(&[Input::text("bad.yaml", example(rule.bad))]);
    let found = Report { found: report.found, unreadable: report.unreadable, ..Report::default() };
    let text = human(&found, false);
    // Without the line that counts.
    Ok(text.trim_end().rsplit_once('\n').map_or("", |(findings, _)| findings.trim_end()).to_owned())
}
