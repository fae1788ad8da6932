//! The fuzz targets, on a corpus made from the tests and a bounded number of its mutations. `fuzz/run` goes on from the
//! same corpus for as long as it is let.

#[path = "../fuzz/targets/mod.rs"]
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Mutations of a corpus in one test run.
const CASES: u32 = 2_000;

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every file of a folder.
fn files(folder: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(data(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect()
}

/// The first field of every line of a recorded table.
fn column(table: &str, field: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(data(table)).unwrap();
    let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()[field].clone();
    text.lines().filter_map(|line| Some(value(line).as_str()?.as_bytes().to_vec())).collect()
}

/// What a target begins from.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    match target {
        "env" => {
            ["", "A=1, B=2 ", "A=1,2,3,B=x", "A,B=2", "GOMEMLIMIT=900MiB,", "A=s:k,B=s", " A = 1 , B = 2", "A=x=y"]
                .map(|list| list.as_bytes().to_vec())
                .to_vec()
        }
        "manifest" => [files("benches/data"), files("tests/data/check"), files("tests/data/reference")].concat(),
        "policy" => vec![fs::read(data("docs/policy.yaml")).unwrap()],
        "quantity" => {
            [column("tests/data/go/quantities.jsonl", "in"), column("tests/data/go/durations.jsonl", "in")].concat()
        }
        "review" => files("tests/data/admission-reviews"),
        "yaml" => [files("tests/data/reference"), files("tests/cluster/programs/crds"), files("docs")].concat(),
        other => panic!("no corpus for {other}"),
    }
}

/// A few bytes of it are others, gone, or there twice; or it is joined to another.
fn mutated(seeds: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let seeds = seeds.to_vec();
    let edits = prop::collection::vec((any::<Index>(), 0..4_u8, any::<u8>(), 1..64_usize), 0..6);
    (any::<Index>(), edits).prop_map(move |(seed, edits)| {
        let mut bytes = seeds[seed.index(seeds.len())].clone();
        for (at, how, byte, length) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + length).min(bytes.len());
            match how {
                0 => drop(bytes.splice(at..end.min(at + 1), [byte])),
                1 => drop(bytes.drain(at..end)),
                2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

fn bounded(target: &str) {
    let (_, check) = targets::ALL.into_iter().find(|(name, _)| *name == target).unwrap();
    let seeds = corpus(target);
    assert_ne!(seeds.len(), 0);
    seeds.iter().for_each(|seed| check(seed));
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    // The same mutations every time: what is found here is found again.
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    runner
        .run(&mutated(&seeds), |bytes| {
            check(&bytes);
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_env_list_of_any_bytes_is_appended_to_without_changing_it() {
    bounded("env");
}

#[test]
fn a_manifest_of_any_bytes_is_read_or_refused_and_fixed_once() {
    bounded("manifest");
}

#[test]
fn a_policy_of_any_bytes_is_read_or_refused_with_a_place_in_it() {
    bounded("policy");
}

#[test]
fn a_quantity_of_any_bytes_is_read_or_refused() {
    bounded("quantity");
}

#[test]
fn a_review_of_any_bytes_is_answered_lawfully_at_every_path() {
    bounded("review");
}

#[test]
fn a_file_of_any_bytes_is_read_or_refused_with_a_place_in_it_and_edits_are_read_again() {
    bounded("yaml");
}

#[test]
fn every_target_has_a_corpus_which_is_written_where_a_fuzzer_asks_for_it() {
    let Ok(folder) = std::env::var("DAPR_PREFLIGHT_CORPUS") else {
        return targets::ALL.iter().for_each(|(name, _)| assert_ne!(corpus(name).len(), 0));
    };
    for (name, _) in targets::ALL {
        let folder = Path::new(&folder).join(name);
        fs::create_dir_all(&folder).unwrap();
        for (nth, seed) in corpus(name).iter().enumerate() {
            fs::write(folder.join(format!("seed-{nth}")), seed).unwrap();
        }
    }
}
