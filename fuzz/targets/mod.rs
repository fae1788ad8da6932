//! What must hold of any bytes. The same functions are called by cargo-fuzz (`fuzz/run`) and, on a corpus and a bounded
//! number of its mutations, by `cargo test` (`tests/fuzz.rs`).
#![allow(dead_code, reason = "each fuzz target calls one of them")]

mod env;
mod policy;
mod quantity;
mod review;
mod yaml;

pub use env::env;
pub use policy::policy;
pub use quantity::quantity;
pub use review::review;
pub use yaml::yaml;

/// Every target by its name.
pub const ALL: [(&str, fn(&[u8])); 5] =
    [("env", env), ("policy", policy), ("quantity", quantity), ("review", review), ("yaml", yaml)];
