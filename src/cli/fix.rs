//! `fix`: the edits that mend findings, in the files themselves.

use std::path::PathBuf;

use clap::Args;
use similar::TextDiff;

use super::under::UnderArgs;
use super::{FAILED, OK, UNUSABLE};
use crate::check::{Fixed, Input, Origin, fix, hidden, inputs, save};
use crate::report::{Severity, Totals, Unreadable, summary};

/// The arguments of `fix`.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct FixArgs {
    /// Files, directories, or - for standard input [default: the current directory].
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Print what would change, and change nothing. Secrets and the values of variables are shown as ***.
    #[arg(long, group = "what")]
    pub diff: bool,

    /// Change the files; standard input is printed as it becomes.
    #[arg(long, group = "what")]
    pub write: bool,

    /// Also make the edits that the webhook would never make by itself. Look at the diff first.
    #[arg(long)]
    pub suggested: bool,

    #[command(flatten)]
    #[allow(missing_docs, reason = "they are documented one by one")]
    pub under: UnderArgs,
}

/// What `fix` says and how it ends.
#[derive(Debug, Default)]
pub struct FixSaid {
    /// For standard output.
    pub printed: String,
    /// For standard error.
    pub said: String,
    /// The exit code.
    pub code: u8,
}

impl FixArgs {
    /// Makes the edits, or shows them.
    ///
    /// # Errors
    /// An argument or a file of arguments that cannot be used.
    pub fn run(&self) -> anyhow::Result<FixSaid> {
        let check = self.under.check(None, Severity::Deny)?;
        let paths = if self.paths.is_empty() { vec![PathBuf::from(".")] } else { self.paths.clone() };
        let (inputs, missing) = inputs(&paths);
        let fixed = fix(&check, &inputs, self.suggested);
        let mut said = FixSaid::default();
        for unreadable in missing.iter().chain(&fixed.report.unreadable) {
            said.said.push_str(&unread(unreadable));
            said.code = UNUSABLE;
        }
        if self.write {
            write(&fixed, &inputs, &mut said);
        } else {
            diff(&fixed, &inputs, &mut said);
        }
        for (found, why) in &fixed.left {
            let start = found.place.region.start;
            said.said.push_str(&format!(
                "{}:{}:{}: [{}] cannot be edited in place: {why}; {}\n",
                found.file, start.line, start.column, found.rule.id, found.finding.advice
            ));
        }
        let (files, mended) = (fixed.files.len(), fixed.files.iter().map(|file| file.mended).sum::<usize>());
        let done = if self.write { "mended" } else { "would mend" };
        said.said.push_str(&format!("{done} {} in {}\n", counted(mended, "finding"), counted(files, "file")));
        said.said.push_str(&format!("then: {}\n", summary(&Totals::of(&fixed.report))));
        Ok(said)
    }
}

fn write(fixed: &Fixed, inputs: &[Input], said: &mut FixSaid) {
    for (index, input) in inputs.iter().enumerate() {
        let file = fixed.files.iter().find(|file| file.input == index);
        match (&input.origin, file) {
            (Origin::Text(text), file) => said.printed.push_str(file.map_or(text, |file| &file.after)),
            (Origin::File(path), Some(file)) => {
                if let Err(error) = save(path, &file.before, &file.after) {
                    said.said.push_str(&format!("error: {:#}\n", anyhow::Error::from(error)));
                    said.code = UNUSABLE;
                }
            }
            (Origin::File(_), None) => {}
        }
    }
}

fn diff(fixed: &Fixed, inputs: &[Input], said: &mut FixSaid) {
    for file in &fixed.files {
        let name = &inputs[file.input].name;
        let [before, after] = [&file.before, &file.after].map(|text| hidden(text).shown(text));
        let changes = TextDiff::from_lines(&before, &after);
        said.printed.push_str(&changes.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")).to_string());
    }
    if said.code == OK && !fixed.files.is_empty() {
        said.code = FAILED;
    }
}

fn unread(unreadable: &Unreadable) -> String {
    let start = unreadable.place.as_ref().map(|place| place.region.start);
    let place = start.map(|start| format!(":{}:{}", start.line, start.column)).unwrap_or_default();
    let advice = if unreadable.advice.is_empty() { String::new() } else { format!("; {}", unreadable.advice) };
    format!("error: {}{place}: {}{advice}\n", unreadable.file, unreadable.problem)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
