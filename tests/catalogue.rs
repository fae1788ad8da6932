//! What is written about the rules is what the rules say. `UPDATE=1 cargo test --test catalogue` writes it.

mod common;

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use dapr_preflight::report::{area, overview, page};
use dapr_preflight::rules::ALL;

/// Two tests write the same file.
static WRITING: Mutex<()> = Mutex::new(());

/// Compares a part of a file with what it should be, or writes it there.
fn kept(file: &str, written: impl Fn(&str) -> String) {
    let _alone = WRITING.lock();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    let before = fs::read_to_string(&path).unwrap_or_default();
    let after = written(&before);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &after).unwrap();
    } else {
        assert!(before == after, "{file} is not what the rules say: UPDATE=1 cargo test --test catalogue writes it");
    }
}

/// Puts a text between two marks.
fn between(before: &str, from: &str, to: &str, text: &str) -> String {
    let (head, rest) = before.split_once(from).unwrap();
    let (_, tail) = rest.split_once(to).unwrap();
    format!("{head}{from}{text}{to}{tail}")
}

#[test]
fn the_readme_counts_every_rule_and_names_those_that_refuse() {
    let nowhere: Vec<_> = ALL.iter().filter(|rule| area(rule).is_none()).map(|rule| rule.id).collect();
    assert_eq!(nowhere, [""; 0], "src/report/overview.rs has no place for these");
    kept("README.md", |before| {
        let overview = overview(ALL, "src/rules/");
        between(before, "<!-- rules -->\n", "<!-- end of rules -->", &overview)
    });
}

#[test]
fn the_folder_of_rules_has_a_page_about_each() {
    kept("src/rules/README.md", |_| page(ALL));
}

#[test]
fn the_readme_shows_what_check_says_of_the_reference() {
    let mut command = common::preflight(&["check", "tests/data/reference"]);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    // One of its documents has two `spec` keys, which kubectl would not read either.
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stdout).unwrap();
    // The first two findings, and the line that counts.
    let parts: Vec<_> = said.trim_end().split("\n\n").collect();
    let (first, last) = (parts[..2].join("\n\n"), parts[parts.len() - 1]);
    let block = format!("```text\n$ dapr-preflight check tests/data/reference\n{first}\n\n…\n\n{last}\n```\n");
    kept("README.md", |before| between(before, "<!-- check -->\n", "<!-- end of check -->", &block));
}
