//! What is written about the rules is what the rules say. `UPDATE=1 cargo test --test catalogue` writes it.

use std::fs;
use std::path::PathBuf;

use dapr_preflight::report::{page, table};
use dapr_preflight::rules::ALL;

/// Compares a part of a file with what it should be, or writes it there.
fn kept(file: &str, written: impl Fn(&str) -> String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    let before = fs::read_to_string(&path).unwrap_or_default();
    let after = written(&before);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &after).unwrap();
    } else {
        assert!(before == after, "{file} is not what the rules say: UPDATE=1 cargo test --test catalogue writes it");
    }
}

#[test]
fn the_readme_lists_every_rule() {
    kept("README.md", |before| {
        let (head, rest) = before.split_once("<!-- rules -->\n").unwrap();
        let (_, tail) = rest.split_once("<!-- end of rules -->").unwrap();
        format!("{head}<!-- rules -->\n{}<!-- end of rules -->{tail}", table(ALL, Some("src/rules/")))
    });
}

#[test]
fn the_folder_of_rules_has_a_page_about_each() {
    kept("src/rules/README.md", |_| page(ALL));
}
