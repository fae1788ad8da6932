//! From paths to a report: finds files, reads them, has every object judged, and says where in the text each finding is.
//! And from a report to edited files.
//!
//! The rules and what they find are the engine's, the text and its places are those of `files`, the forms are those of
//! `report`. Here is what is between: IO, threads, exemptions and baselines. Reading order: [`inputs`], [`Check`],
//! [`Check::run`]; then [`Baseline`] and [`fix()`].

mod baseline;
mod exemptions;
mod fix;
mod hidden;
mod input;
mod judge;
mod locate;
mod mistyped;
mod own;
mod progress;
mod remedy;
mod run;
mod save;
mod severity;
mod survey;
mod text;
mod walk;

use jiff::Timestamp;

use crate::policy::{Engine, Mode, Rule};
use crate::report::Severity;

pub use baseline::{Baseline, BaselineError};
pub use exemptions::exemptions_of;
pub use fix::{Fixed, FixedFile, fix};
pub use hidden::hidden;
pub use input::{Input, Origin};
pub use save::{SaveError, save};
pub use walk::inputs;

/// How files are checked.
#[derive(Clone, Debug)]
pub struct Check {
    /// The rules and what they run under.
    pub engine: Engine,
    /// Every rule that exists, as exemptions and policies may name it, whether it runs or not.
    pub known: &'static [&'static Rule],
    /// Answer as the webhook would in a namespace of that mode; without one, everything counts that a rule finds.
    pub mode: Option<Mode>,
    /// The least that makes the run fail.
    pub fail_on: Severity,
    /// What exemptions expire by.
    pub now: Timestamp,
    /// Whether the changes that mend the findings are wanted too: they take as long as the rest.
    pub changes: bool,
    /// Whether progress is shown on standard error.
    pub progress: bool,
}
