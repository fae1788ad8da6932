//! `tests/cluster/run`: scenarios on a real control plane, with Dapr's real injector and our real server in it.
//!
//! A scenario is a function in `scenarios/` and a sentence in its list. It gets namespaces of its own, talks through
//! kubectl, and panics where the sentence is not true.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a scenario that cannot go on has failed")]

mod api;
mod balancer;
mod bench;
mod certificates;
mod cluster;
#[path = "../common/mod.rs"]
mod common;
#[path = "../../benches/support/floor.rs"]
mod floor;
mod generator;
mod manifests;
mod namespace;
mod process;
mod scenarios;
#[path = "../support/mod.rs"]
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use cluster::Cluster;
use scenarios::Scenario;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (flags, words): (Vec<_>, Vec<_>) = arguments.iter().map(String::as_str).partition(|word| word.starts_with('-'));
    let chosen: Vec<Scenario> = scenarios::all()
        .filter(|(sentence, _)| words.is_empty() || words.iter().any(|word| sentence.contains(word)))
        .collect();
    match flags[..] {
        ["--list"] => {
            chosen.iter().for_each(|(sentence, _)| println!("{sentence}"));
            ExitCode::SUCCESS
        }
        ["--keep"] => keep(),
        ["--bench"] => {
            bench::bench();
            ExitCode::SUCCESS
        }
        // The bench starts itself again as its floor.
        ["--floor"] => {
            floor::serve(Path::new(words[0]));
            ExitCode::SUCCESS
        }
        [] if chosen.is_empty() => {
            eprintln!("no sentence contains {words:?}; --list shows them all");
            ExitCode::from(2)
        }
        [] => run(&chosen),
        _ => {
            eprintln!("unknown option in {flags:?}; accepted: --list, --keep");
            ExitCode::from(2)
        }
    }
}

/// Leaves the cluster up until it is interrupted.
fn keep() -> ExitCode {
    let cluster = Cluster::start();
    println!("export KUBECONFIG={}", cluster.kubeconfig().display());
    println!("export PATH={}:$PATH", cluster.programs().display());
    println!("kubectl label namespace default dapr-preflight.io/mode=enforce");
    println!("The logs are in {}. Ctrl-C ends all of it.", cluster.directory().display());
    loop {
        std::thread::park();
    }
}

fn run(chosen: &[Scenario]) -> ExitCode {
    let begun = Instant::now();
    let mut cluster = Cluster::start();
    println!("Kubernetes {} is up after {:.1} s", cluster.version(), begun.elapsed().as_secs_f64());
    let mut failed = Vec::new();
    for (sentence, scenario) in chosen {
        let begun = Instant::now();
        cluster.reset();
        let marks = cluster.log_marks();
        let held = catch_unwind(AssertUnwindSafe(|| scenario(&mut cluster))).is_ok();
        println!("{} {sentence} ({:.1} s)", if held { "ok    " } else { "FAILED" }, begun.elapsed().as_secs_f64());
        if !held {
            cluster.print_logs_since(&marks);
            failed.push(sentence);
        }
    }
    failed.iter().for_each(|sentence| println!("FAILED {sentence}"));
    println!("{} passed, {} failed", chosen.len() - failed.len(), failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
