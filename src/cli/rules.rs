//! `rules`: what is checked; `completions` and `man`: the command line about itself.

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Cli;
use crate::report::{CatalogueFormat, catalogue};
use crate::rules;

/// The arguments of `rules`.
#[derive(Args, Debug)]
pub struct RulesArgs {
    /// What the list looks like.
    #[arg(long, default_value = "table", value_name = "FORMAT")]
    pub format: CatalogueFormat,
}

/// The arguments of `completions`.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Whose completions.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

impl RulesArgs {
    /// What to print.
    #[must_use]
    pub fn run(&self) -> String {
        catalogue(rules::ALL, self.format)
    }
}

impl CompletionsArgs {
    /// What to print.
    ///
    /// # Errors
    /// None that writing to memory could have.
    pub fn run(&self) -> anyhow::Result<String> {
        let mut out = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "dapr-preflight", &mut out);
        String::from_utf8(out).context("the completions are not UTF-8")
    }
}

/// The manual page, as troff.
///
/// # Errors
/// None that writing to memory could have.
pub fn man() -> anyhow::Result<String> {
    let mut out = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut out)?;
    String::from_utf8(out).context("the manual page is not UTF-8")
}
