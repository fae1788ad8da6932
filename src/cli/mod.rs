//! The command line: what each command takes, and what it is made of. The only place that names everything.

mod inject;
mod serve;
mod tls;

use std::fs;
use std::path::Path;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};

use crate::dapr::Version;
use crate::policy::{Engine, Mode, Policies};
use crate::rules;

pub use inject::InjectArgs;
pub use serve::ServeArgs;
pub use tls::TlsArgs;

/// Nothing is wrong.
pub const OK: u8 = 0;
/// It ran, and did not end well.
pub const FAILED: u8 = 1;
/// It did not run: an argument, a file or an address cannot be used.
pub const UNUSABLE: u8 = 2;

/// Makes Dapr workloads on Kubernetes production-ready: by admission, in CI and on the live cluster.
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
}

/// A mode, as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ceiling {
    /// No cap: every namespace gets what its label says.
    Enforce,
    /// Namespaces in enforce are treated as if in warn: nothing is changed or refused.
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
    rules::ALL.iter().map(|rule| rule.id).collect()
}

/// The rules and what they run under.
fn engine(policy: Option<&Path>, dapr_version: Option<Version>, ceiling: Mode) -> anyhow::Result<Engine> {
    let policies = policy.map(load_policies).transpose()?.unwrap_or_default();
    if let Some(version) = dapr_version {
        let oldest = Version::OLDEST;
        anyhow::ensure!(version >= oldest, "--dapr-version {version} is older than {oldest}, the oldest known here");
    }
    Ok(Engine::new(rules::ALL, assuming(policies, dapr_version)).with_ceiling(ceiling))
}

fn assuming(policies: Policies, dapr_version: Option<Version>) -> Policies {
    match dapr_version {
        Some(version) => policies.assuming(version),
        None => policies,
    }
}

/// Reads the policy documents of a file.
fn load_policies(path: &Path) -> anyhow::Result<Policies> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("--policy needs a file; cannot read {shown}"))?;
    Policies::parse(&text, rules::ALL).map_err(|error| anyhow::anyhow!("{shown}:{error}"))
}
