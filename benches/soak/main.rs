//! A long run of everything at once against the real binary: valid, invalid, huge, slow, aborted and dry-run reviews, while
//! certificates rotate, the policy reloads, and connections come and go.
//!
//! `cargo bench --bench soak [-- --seconds 600]`
//!
//! Prints, every tenth of the time, what a person would look at to see something grow: latencies, resident memory, open
//! files, tasks. Ends with 1 if a valid review was not answered with its own uid, or if what was opened did not go away.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a check that cannot go on has failed")]

#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../support/hurtful.rs"]
mod hurtful;
mod process;
mod traffic;

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use process::Process;
use traffic::{KINDS, Tally};

#[derive(Parser)]
struct Args {
    /// How long it runs.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    // `cargo test --benches` gives no `--bench`: it only wants to know that this compiles.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let args = Args::parse();
    let mut process = Process::start();
    let tallies: Vec<_> = KINDS.iter().map(|_| Tally::default()).collect();
    let over = Instant::now() + Duration::from_secs(args.seconds);
    thread::scope(|scope| {
        for (kind, tally) in KINDS.iter().zip(&tallies) {
            for _ in 0..kind.threads {
                let listen = process.listen;
                scope.spawn(move || {
                    let mut send = (kind.sender)(listen);
                    while Instant::now() < over {
                        tally.time(&mut send);
                    }
                });
            }
        }
        println!("   at, s   valid/s   p50, ms   p99, ms   max, ms   resident, MiB   files   tasks   connections");
        for _ in 0..10 {
            let before = tallies[0].number();
            let step = Duration::from_secs_f64(args.seconds as f64 / 10.0);
            process.change_for(step);
            let [p50, p99, max] = tallies[0].quantiles();
            let [resident, files, tasks, open] = process.sizes();
            let at = args.seconds as f64 - over.saturating_duration_since(Instant::now()).as_secs_f64();
            let rate = (tallies[0].number() - before) as f64 / step.as_secs_f64();
            println!(
                "{at:>8.0} {rate:>9.0} {p50:>9.2} {p99:>9.2} {max:>9.1} {resident:>15.1} {files:>7} {tasks:>7} {open:>13}"
            );
        }
    });
    report(&mut process, &tallies)
}

fn report(process: &mut Process, tallies: &[Tally]) -> ExitCode {
    println!("\n{:<12} {:>10} {:>10}", "", "requests", "failures");
    for (kind, tally) in KINDS.iter().zip(tallies) {
        println!("{:<12} {:>10} {:>10}   {}", kind.name, tally.number(), tally.failures(), tally.first_failure());
    }
    let rotations = process.metric("dapr_preflight_certificate_reloads_total{outcome=\"served\"}");
    let policies = process.metric("dapr_preflight_policy_file_reloads_total{outcome=\"in_force\"}");
    let panics = process.metric("dapr_preflight_panics_total");
    println!("\n{rotations} certificates and {policies} policies were exchanged; {panics} panics");
    let left = process.left_behind();
    let [resident, files, tasks, open] = process.sizes();
    println!("in the end: {resident:.1} MiB resident, {files} files, {tasks} tasks, {open} connections{left}");
    let ended = process.end();
    println!("ended by SIGTERM with {ended:?}");
    let good = tallies.iter().all(|tally| tally.failures() == 0)
        && (panics, left.as_str(), ended) == (0.0, "", Some(0))
        && rotations > 0.0
        && policies > 0.0;
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
