//! What the worst bodies cost: time and memory of one review, at the mutating endpoint and at a validating one.
//!
//! `cargo bench --bench hurtful`
//!
//! Bodies of 8 MiB, release build, two cores shared with many: nesting 2 ms, one long string 70 ms, the same of escapes 100 ms,
//! a list of env entries 1.0 s, of commas 1.2 s, of volume mounts 0.12 s; all grow with the body, none faster. More than 100,000 keys
//! and entries are not read (`src/json.rs`): before that limit, unknown annotations took 5.3 s, and empty containers 2.4 s and
//! 420 MiB. With it, the process that reads the worst of them grows by 40 MiB.

#[path = "support/hurtful.rs"]
mod hurtful;

use std::time::{Duration, Instant};

use dapr_preflight::admission::{Endpoint, review};
use dapr_preflight::policy::{Engine, Policies};
use dapr_preflight::rules;

/// Just below the 8 MiB of `--max-body-bytes`.
const LONGEST: usize = (8 << 20) - 4096;

fn main() {
    // `cargo test --benches` gives no `--bench`: it only wants to know that this compiles.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let engine = Engine::new(rules::ALL, Policies::default());
    println!("{:<40} {:>9} {:>11} {:>11} {:>14}", "", "body, KiB", "mutate, ms", "validate, ms", "memory, MiB");
    for (name, body) in hurtful::all(LONGEST) {
        let before = resident("VmRSS:");
        // From now on the peak counts anew.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        let took = [Endpoint::ALL[0], Endpoint::ALL[1]].map(|endpoint| {
            let once = || {
                let begun = Instant::now();
                let answer = review(&body, endpoint, &engine, jiff::Timestamp::UNIX_EPOCH).expect("it has a uid");
                std::hint::black_box(answer.reply.len());
                begun.elapsed()
            };
            (0..3).map(|_| once()).min().unwrap_or(Duration::ZERO).as_secs_f64() * 1e3
        });
        println!(
            "{name:<40} {:>9} {:>11.2} {:>11.2} {:>14.1}",
            body.len() >> 10,
            took[0],
            took[1],
            resident("VmHWM:") - before
        );
    }
}

/// What is resident, or was at most, in MiB.
fn resident(which: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(which)).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1024.0
}
