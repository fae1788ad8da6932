//! One rule engine that makes Dapr workloads on Kubernetes production-ready.
//!
//! The map, in reading order. Arrows point one way (`tests/architecture.rs`): each module uses only those above it.
//!
//! | module | what it is |
//! |---|---|
//! | [`dapr`] | what Dapr means: its annotations, its parsers, what its injector makes of a pod |
//! | `json` | a JSON reader that passes quickly over what nobody reads |
//! | [`policy`] | what a rule is and how rules run; the policy document |
//! | [`rules`] | what is checked: one file per rule |
//! | [`admission`] | review bytes in, reply bytes out |
//! | [`inject`] | what becomes of a manifest's pods, after us and after Dapr |
//! | [`report`] | findings as text, JSON, SARIF, JUnit, annotations, Markdown |
//! | [`server`] | HTTP, TLS, limits, drain, health, metrics, log |
//! | [`cli`] | arguments; the only place that names rules together with a door |
//!
//! All but `server` and `cli` are pure: no IO, no clock, no environment.

pub mod admission;
pub mod cli;
pub mod cluster;
pub mod dapr;
pub mod inject;
mod json;
pub mod policy;
pub mod report;
pub mod rules;
pub mod server;
