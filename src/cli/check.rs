//! `check`: the rules on files.

use std::fs;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::under::UnderArgs;
use super::{Ceiling, FAILED, OK, UNUSABLE};
use crate::check::{Baseline, inputs};
use crate::report::{Format, Report, Severity, Totals, write};

/// The arguments of `check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Files, directories, or - for standard input [default: the current directory].
    ///
    /// Of a directory, every .yaml, .yml and .json file below it that neither is hidden nor left out by .gitignore.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// What is printed.
    #[arg(long, default_value = "human", value_name = "FORMAT")]
    pub format: Format,

    /// Write another form to a file, as in --output sarif=report.sarif. Any number of them.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output)]
    pub output: Vec<(Format, PathBuf)>,

    /// The least that ends with exit code 1.
    #[arg(long, default_value = "deny", value_name = "LEVEL")]
    pub fail_on: FailOn,

    /// Answer as the webhook would in a namespace of that mode. Without it, everything counts that a rule finds.
    #[arg(long, value_name = "MODE")]
    pub mode: Option<Ceiling>,

    #[command(flatten)]
    #[allow(missing_docs, reason = "they are documented one by one")]
    pub under: UnderArgs,

    /// Findings that are known: only others are shown and counted.
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    pub baseline: Option<PathBuf>,

    /// Write what is found to a file for --baseline.
    #[arg(long, value_name = "FILE")]
    pub write_baseline: Option<PathBuf>,

    /// Whether to print in colors.
    #[arg(long, default_value = "auto", value_name = "WHEN")]
    pub color: Color,
}

/// What makes a run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Findings that deny.
    Deny,
    /// Any finding that denies or warns.
    Warn,
}

/// Whether to print in colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl CheckArgs {
    /// What to print, and the exit code.
    ///
    /// # Errors
    /// An argument or a file of arguments that cannot be used. What is wrong with the files that are checked is no error:
    /// it is in the report.
    pub fn run(&self) -> anyhow::Result<(String, u8)> {
        let fail_on = match self.fail_on {
            FailOn::Deny => Severity::Deny,
            FailOn::Warn => Severity::Warn,
        };
        let mut check = self.under.check(self.mode, fail_on)?;
        let formats = || std::iter::once(self.format).chain(self.output.iter().map(|(format, _)| *format));
        check.changes = formats().any(|format| matches!(format, Format::Json | Format::Sarif));
        check.progress = true;
        let baseline = self.baseline.as_ref().map(read_baseline).transpose()?;

        let paths = if self.paths.is_empty() { vec![PathBuf::from(".")] } else { self.paths.clone() };
        let (inputs, missing) = inputs(&paths);
        let mut report = check.run(&inputs);
        report.unreadable.splice(..0, missing);
        if let Some(path) = &self.write_baseline {
            let text = Baseline::of(&report).text();
            fs::write(path, text).with_context(|| format!("--write-baseline cannot write {}", path.display()))?;
        }
        if let Some(baseline) = baseline {
            baseline.apply(&mut report);
        }
        for (format, path) in &self.output {
            let text = write(&report, *format, false);
            fs::write(path, text).with_context(|| format!("--output cannot write {}", path.display()))?;
        }
        let (text, code) = (write(&report, self.format, self.color.is_on()), self.exit_code(&report));
        // The process ends with it: to free thousands of short texts one by one would take longer than to print them.
        std::mem::forget(report);
        Ok((text, code))
    }

    /// The same for every format. With --write-baseline, what is found is no failure: it is what was asked for.
    fn exit_code(&self, report: &Report) -> u8 {
        let totals = Totals::of(report);
        match (totals.unreadable, totals.failing) {
            (1.., _) => UNUSABLE,
            (0, 1..) if self.write_baseline.is_none() => FAILED,
            _ => OK,
        }
    }
}

impl Color {
    pub(super) fn is_on(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            // <https://no-color.org>: any value but an empty one.
            Self::Auto => {
                let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                std::io::stdout().is_terminal() && !unwanted
            }
        }
    }
}

fn read_baseline(path: &PathBuf) -> anyhow::Result<Baseline> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("--baseline needs a file; cannot read {shown}"))?;
    Baseline::parse(&text).with_context(|| format!("--baseline {shown}"))
}

fn output(text: &str) -> Result<(Format, PathBuf), String> {
    let formats = || Format::value_variants().iter().filter_map(Format::to_possible_value);
    let names = formats().map(|format| format.get_name().to_owned()).collect::<Vec<_>>().join(", ");
    let (format, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("give a format and a file, like sarif=report.sarif")?;
    let format = Format::from_str(format, false).map_err(|_| format!("\"{format}\" is no format: give {names}"))?;
    Ok((format, file.into()))
}
