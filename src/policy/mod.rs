//! What a rule is and how rules run.
//!
//! Pure: no IO, no clock, no environment. Knows no rule by name.

mod mode;

pub use mode::{Mode, Stage};

/// The rules and the policies that they run under.
#[derive(Debug)]
pub struct Engine {
    /// The highest mode that any namespace gets; `Mode::Enforce` caps nothing.
    pub ceiling: Mode,
}
