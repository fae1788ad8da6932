//! One rule engine that makes Dapr workloads on Kubernetes production-ready.

pub mod admission;
pub mod cli;
pub mod dapr;
mod json;
pub mod policy;
pub mod rules;
pub mod server;
