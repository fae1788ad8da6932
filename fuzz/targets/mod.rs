//! What must hold of any bytes. The same functions are called by cargo-fuzz (`fuzz/run`) and, on a corpus and a bounded
//! number of its mutations, by `cargo test` (`tests/fuzz.rs`).
#![allow(dead_code, reason = "each fuzz target calls one of them")]

mod env;
mod manifest;
mod policy;
mod quantity;
mod review;
mod yaml;

pub use env::env;
pub use manifest::manifest;
pub use policy::policy;
pub use quantity::quantity;
pub use review::review;
pub use yaml::yaml;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const ALL: [Target; 6] = [
    ("env", env),
    ("manifest", manifest),
    ("policy", policy),
    ("quantity", quantity),
    ("review", review),
    ("yaml", yaml),
];
