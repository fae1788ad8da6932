//! `inject`: what becomes of a manifest's pods.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::{Ceiling, engine, policies};
use crate::dapr::Version;
use crate::inject;
use crate::policy::Mode;

/// The arguments of `inject`.
#[derive(Args, Debug)]
pub struct InjectArgs {
    /// Manifests (YAML or JSON, several documents, lists); - reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Print only what changes, as a diff.
    #[arg(long)]
    pub diff: bool,

    /// The mode of the pods' namespace: only `enforce` makes edits.
    #[arg(long, default_value = "enforce", value_name = "MODE")]
    pub mode: Ceiling,

    /// Policy document (YAML). Without it, the built-in policy holds.
    #[arg(long, env = "DAPR_PREFLIGHT_POLICY", value_name = "FILE")]
    pub policy: Option<PathBuf>,

    /// The Dapr version whose injector it is, like 1.18 or 1.18.2 [default: the newest known].
    #[arg(long, env = "DAPR_PREFLIGHT_DAPR_VERSION", value_name = "VERSION")]
    pub dapr_version: Option<Version>,
}

impl InjectArgs {
    /// What to print, and whether Dapr would refuse something of it.
    ///
    /// # Errors
    /// What cannot be read, with its file and its place.
    pub fn run(&self) -> anyhow::Result<(String, bool)> {
        let engine = engine(policies(self.policy.as_deref())?, self.dapr_version, Mode::Enforce)?;
        let name =
            if self.file == Path::new("-") { "standard input".to_owned() } else { self.file.display().to_string() };
        let text = match self.file == Path::new("-") {
            true => std::io::read_to_string(std::io::stdin()),
            false => fs::read_to_string(&self.file),
        };
        let text = text.with_context(|| format!("cannot read {name}"))?;
        inject::print(&name, &text, self.mode.into(), self.diff, &engine)
    }
}
