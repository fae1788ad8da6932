//! One rule engine that makes Dapr workloads on Kubernetes production-ready.
//!
//! The map, in reading order. Arrows point one way (`tests/architecture.rs`): each module uses only those above it.
//!
//! | module | what it is |
//! |---|---|
//! | [`dapr`] | what Dapr means: its annotations, its parsers, what its injector makes of a pod |
//! | `json` | a JSON reader that passes quickly over what nobody reads, and values that take little room |
//! | [`policy`] | what a rule is and how rules run; the policy document |
//! | [`rules`] | what is checked: one file per rule |
//! | [`admission`] | review bytes in, reply bytes out |
//! | [`files`] | the text of a file: documents with places, and edits that touch nothing else |
//! | [`inject`] | what becomes of a manifest's pods, after us and after Dapr |
//! | [`report`] | findings as text, JSON, SARIF, JUnit, annotations, Markdown |
//! | [`check`] | files to a report, and findings to edited files: IO, threads, baselines |
//! | [`cluster`] | what talks to the API server: policies and exemptions watched, certificates managed |
//! | [`server`] | HTTP, TLS, limits, drain, health, metrics, log |
//! | [`cli`] | arguments; the only place that names rules together with a door |
//!
//! All but `check`, `cluster`, `server` and `cli` are pure: no IO, no clock, no environment.

pub mod admission;
pub mod check;
pub mod cli;
pub mod cluster;
pub mod dapr;
pub mod files;
pub mod inject;
pub mod json;
pub mod policy;
pub mod report;
pub mod rules;
pub mod server;
