//! The command line: what each command takes, and what it is made of. The only place that names everything.

mod check;
mod explain;
mod fix;
mod inject;
mod number;
mod rules;
mod serve;
mod tls;
mod under;

use std::path::Path;

use clap::{Parser, Subcommand, ValueEnum};

use crate::dapr::Version;
use crate::policy::{Engine, Mode, Policies};
use crate::rules::ALL;
use crate::server::{PolicyFile, PolicyFileError};

pub use check::{CheckArgs, Color, FailOn};
pub use explain::ExplainArgs;
pub use fix::{FixArgs, FixSaid};
pub use inject::InjectArgs;
pub use rules::{CompletionsArgs, RulesArgs, man};
pub use serve::{LimitArgs, ServeArgs};
pub use tls::TlsArgs;
pub use under::UnderArgs;

/// Nothing is wrong.
pub const OK: u8 = 0;
/// It ran, and did not end well.
pub const FAILED: u8 = 1;
/// It did not run: an argument, a file or an address cannot be used.
pub const UNUSABLE: u8 = 2;

/// Makes Dapr workloads on Kubernetes production-ready: by admission, in files and in CI.
#[derive(Debug, Parser)]
#[command(version, after_help = "Exit codes: 0 done, 1 failed while running, 2 an argument or input cannot be used.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer the admission reviews of a Kubernetes API server, over HTTPS.
    ///
    /// Serves POST /mutate/enforce, /validate/enforce, /validate/warn and /validate/audit until SIGTERM or SIGINT;
    /// then finishes what it has begun. A second signal ends it at once.
    #[command(after_help = "Exit codes: 0 drained, 1 connections were cut at the end, 2 could not start.")]
    Serve(Box<ServeArgs>),
    /// Print the pods of manifests as they would be after this webhook and after Dapr's sidecar injector.
    ///
    /// Workloads through their pod template. Where nothing would be injected, or Dapr would refuse the pod, a comment
    /// says why.
    #[command(after_help = "Exit codes: 0 printed, 1 Dapr would refuse a pod, 2 something cannot be read.")]
    Inject(InjectArgs),
    /// Check manifests: the same rules as the webhook's, with the line of every finding.
    ///
    /// YAML and JSON of any number of documents, lists, admission reviews, and values for Dapr's Helm chart. Everything
    /// is read as kubectl reads it. What rules cannot see in files is listed as not evaluated.
    #[command(after_help = "Exit codes, the same for every format: 0 no findings at the failing level, 1 findings, \
                            2 something could not be read or understood.")]
    Check(CheckArgs),
    /// Edit manifests: make the edits that mend findings, in place, and touch nothing else.
    #[command(after_help = "Exit codes: 0 done or nothing to do, 1 --diff has something to change, \
                            2 something could not be read or written.")]
    Fix(FixArgs),
    /// Explain a rule: what, why, from where, and an example of each kind with what is said of it.
    Explain(ExplainArgs),
    /// List every rule: its id, what it does by default, whether there is a fix, and its promise.
    Rules(RulesArgs),
    /// Print the completions of a shell, as in `dapr-preflight completions bash > /etc/bash_completion.d/dapr-preflight`.
    Completions(CompletionsArgs),
    /// Print the manual page, as in `dapr-preflight man | man -l -`.
    Man,
}

/// A mode, as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ceiling {
    /// Safe edits are made, findings that deny refuse, the others warn.
    Enforce,
    /// Everything is said, nothing is changed or refused.
    Warn,
    /// Findings are recorded, and nothing else happens.
    Audit,
}

impl From<Ceiling> for Mode {
    fn from(ceiling: Ceiling) -> Self {
        match ceiling {
            Ceiling::Enforce => Self::Enforce,
            Ceiling::Warn => Self::Warn,
            Ceiling::Audit => Self::Audit,
        }
    }
}

/// The ids of all rules, for their metrics.
#[must_use]
pub fn rule_ids() -> Vec<&'static str> {
    ALL.iter().map(|rule| rule.id).collect()
}

/// The rules and what they run under.
fn engine(policies: Policies, dapr_version: Option<Version>, ceiling: Mode) -> anyhow::Result<Engine> {
    if let Some(version) = dapr_version {
        let oldest = Version::OLDEST;
        anyhow::ensure!(version >= oldest, "--dapr-version {version} is older than {oldest}, the oldest known here");
    }
    Ok(Engine::new(ALL, assuming(policies, dapr_version)).with_ceiling(ceiling))
}

fn assuming(policies: Policies, dapr_version: Option<Version>) -> Policies {
    match dapr_version {
        Some(version) => policies.assuming(version),
        None => policies,
    }
}

/// The policies of a file; without one, the built-in policy.
fn policies(file: Option<&Path>) -> Result<Policies, PolicyFileError> {
    Ok(file.map(policy_file).transpose()?.map(|(_, policies)| policies).unwrap_or_default())
}

/// Reads the policy documents of a file.
fn policy_file(path: &Path) -> Result<(PolicyFile, Policies), PolicyFileError> {
    PolicyFile::open(path, ALL)
}
