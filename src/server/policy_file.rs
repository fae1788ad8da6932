//! The policy document in `--policy`, read again on a timer: by its bytes, since a ConfigMap volume changes by the swap of a
//! symbolic link that events of the file system do not show.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::metrics::Metrics;
use super::ops::Readiness;
use crate::policy::{Policies, Rule};

/// Why a policy document is not in force.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyFileError {
    /// It cannot be read.
    #[error("--policy needs a file; cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It has a mistake.
    #[error("{}:{mistake}", path.display())]
    Mistaken {
        /// The file.
        path: PathBuf,
        /// Line, column, what is wrong, what is accepted.
        mistake: String,
    },
}

/// A policy document, and what was in it when it was last looked at.
#[derive(Debug)]
pub struct PolicyFile {
    path: PathBuf,
    rules: &'static [&'static Rule],
    /// `None` while it cannot be read.
    seen: Option<Vec<u8>>,
}

impl PolicyFile {
    /// Reads a file whose policies may name these rules.
    ///
    /// # Errors
    /// Every error names the file, and where in it the mistake is.
    pub fn open(path: &Path, rules: &'static [&'static Rule]) -> Result<(Self, Policies), PolicyFileError> {
        let mut file = Self { path: path.into(), rules, seen: None };
        let found = file.read()?;
        let policies = file.parse(&found)?;
        file.seen = Some(found);
        Ok((file, policies))
    }

    /// What it holds, if that is something else than the last time.
    ///
    /// # Errors
    /// As [`open`](Self::open); the same mistake is complained about once.
    pub fn changed(&mut self) -> Option<Result<Policies, PolicyFileError>> {
        let found = match self.read() {
            Ok(found) => found,
            Err(error) => return self.seen.take().map(|_| Err(error)),
        };
        if self.seen.as_ref() == Some(&found) {
            return None;
        }
        let policies = self.parse(&found);
        self.seen = Some(found);
        Some(policies)
    }

    fn read(&self) -> Result<Vec<u8>, PolicyFileError> {
        fs::read(&self.path).map_err(|source| PolicyFileError::Unreadable { path: self.path.clone(), source })
    }

    fn parse(&self, bytes: &[u8]) -> Result<Policies, PolicyFileError> {
        let path = || self.path.clone();
        let no_text = |error| std::io::Error::new(std::io::ErrorKind::InvalidData, error);
        let text = std::str::from_utf8(bytes)
            .map_err(|error| PolicyFileError::Unreadable { path: path(), source: no_text(error) })?;
        Policies::parse(text, self.rules)
            .map_err(|error| PolicyFileError::Mistaken { path: path(), mistake: error.to_string() })
    }

    /// Looks at the file every so often, for ever, and gives what it finds to `publish`. What has a mistake leaves the last good
    /// policies in force, and `/readyz?verbose` says so until it is mended.
    pub async fn follow(
        mut self,
        every: Duration,
        publish: impl Fn(Policies),
        metrics: Arc<Metrics>,
        readiness: Arc<Readiness>,
    ) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // A file system that hangs must not hold up a review.
            let looked = tokio::task::spawn_blocking(move || {
                let changed = self.changed();
                (self, changed)
            });
            let Ok((back, changed)) = looked.await else { return };
            self = back;
            match changed {
                None => {}
                Some(Ok(policies)) => {
                    publish(policies);
                    metrics.policy_file_current.set(1);
                    metrics.policy_files_in_force.inc();
                    readiness.complain_of_policy(None);
                    tracing::info!("another policy is in force");
                }
                Some(Err(error)) => {
                    metrics.policy_file_current.set(0);
                    metrics.policy_files_refused.inc();
                    readiness.complain_of_policy(Some(error.to_string()));
                    tracing::error!(%error, "the last good policy stays in force");
                }
            }
        }
    }
}
