//! What Dapr means: its annotations, its parsers, and what its injector will make of a pod.
//!
//! Pure: no IO, no clock, no environment. Knows nothing of rules or policies.

mod pairs;
pub mod pod;
mod text;

pub use pairs::{Annotations, DAPR_PREFIX, Labels, MIRROR_POD, OUR_PREFIX};
pub use text::Text;
