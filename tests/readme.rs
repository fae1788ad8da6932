//! What the README says is what the product does.

mod support;

use support::engine;
use support::reviews::{ENFORCE, MUTATE, send};

const README: &str = include_str!("../README.md");

/// The text between two marks, without the fence of a code block.
fn between(from: &str, to: &str) -> String {
    let text = README.split_once(from).unwrap().1.split_once(to).unwrap().0;
    text.trim().trim_start_matches("```json").trim_start_matches("```text").trim().to_owned()
}

fn captured(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/admission-reviews");
    std::fs::read(format!("{folder}/{name}.json")).unwrap()
}

#[test]
fn the_patch_shown_is_the_patch_sent() {
    let shown: serde_json::Value = serde_json::from_str(&between("<!-- patch -->", "```\n\nAnd a pod")).unwrap();
    let reply = send(&captured("mutate-create-pod-bare-dapr"), MUTATE, &engine()).unwrap();
    assert_eq!(reply.patch(), Some(shown));
}

#[test]
fn the_denial_shown_is_the_denial_sent() {
    let shown = between("<!-- denial -->", "```\n\nWhat will be");
    let reply = send(&captured("validate-create-pod-invalid-values"), ENFORCE, &engine()).unwrap();
    let begin = shown.strip_suffix('…').unwrap().trim_end();
    assert!(reply.message().starts_with(begin), "{}\n{begin}", reply.message());
}

#[test]
fn every_file_that_it_links_to_is_there() {
    for link in README.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        let file = link.split('#').next().unwrap();
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        assert!(link.starts_with("https://") || path.exists(), "{link}");
    }
}
