//! What Dapr means: its annotations, its parsers, and what its injector will make of a pod.
//!
//! Pure: no IO, no clock, no environment. Knows nothing of rules or policies.

pub mod annotation;
pub mod annotations;
pub mod app_id;
pub mod boolean;
pub mod command;
pub mod components;
pub mod control_plane;
pub mod csv;
pub mod duration;
pub mod env;
pub mod features;
pub mod gomemlimit;
pub mod gone;
pub mod helm;
pub mod injection;
pub mod integer;
pub mod judge;
pub mod keys;
pub mod names;
mod pairs;
mod partly;
pub mod pod;
pub mod quantity;
pub mod resiliency;
pub mod schema;
pub mod secrets;
mod text;
pub mod twin;
pub mod version;
pub mod words;

pub use pairs::{Annotations, DAPR_PREFIX, Labels, MIRROR_POD, OUR_PREFIX};
pub(crate) use partly::{OF_SIDECAR, UNLESS_MENDING};
pub use quantity::Quantity;
pub use text::Text;
pub use version::Version;
