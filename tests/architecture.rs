//! The arrows between modules point one way, and pure modules stay pure.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and what it may use. Only `cli` sees `rules` together with a door.
const ARROWS: &[(&str, &[&str])] = &[
    ("dapr", &["json"]),
    ("json", &[]),
    ("policy", &["dapr", "json"]),
    ("rules", &["dapr", "json", "policy"]),
    ("admission", &["dapr", "json", "policy"]),
    ("files", &["json", "policy"]),
    ("inject", &["dapr", "json", "policy"]),
    ("report", &["policy"]),
    // It answers as the webhook would, and its texts have pods in them.
    ("check", &["admission", "dapr", "files", "json", "policy", "report"]),
    ("cluster", &["policy"]),
    // Its metrics count what the cluster's objects are.
    ("server", &["admission", "cluster", "policy"]),
    ("cli", &["admission", "check", "cluster", "dapr", "inject", "policy", "report", "rules", "server"]),
];

/// Modules that do no IO, read no clock and no environment, and start nothing.
const PURE: &[&str] = &["dapr", "json", "policy", "rules", "admission", "files", "inject", "report"];

/// What a pure module must not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::io",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "std::time",
    "tokio",
    "hyper",
    "tracing::",
    "println!",
    "eprintln!",
    "Instant::now",
    "SystemTime",
];

#[test]
fn every_module_uses_only_what_its_arrows_allow() {
    let modules: BTreeSet<String> = modules();
    assert_eq!(modules, ARROWS.iter().map(|(module, _)| (*module).to_owned()).collect());
    for (module, allowed) in ARROWS {
        for (path, text) in sources(module) {
            for used in crate_paths(&text).filter(|used| modules.contains(used)) {
                let inside = used == *module;
                assert!(inside || allowed.contains(&&*used), "{} uses {used}", path.display());
            }
        }
    }
}

#[test]
fn pure_modules_name_nothing_impure() {
    for module in PURE {
        for (path, text) in sources(module) {
            for name in IMPURE {
                assert!(!code(&text).contains(name), "{} names {name}", path.display());
            }
        }
    }
}

#[test]
fn no_file_hides_from_the_compiler() {
    for (module, _) in ARROWS {
        for (path, _) in sources(module) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let parent = path.parent().unwrap();
            // `x.rs` is declared by the module that its folder stands for: `folder/mod.rs`, `folder.rs`, or the library.
            let homes = [parent.join("mod.rs"), parent.with_extension("rs"), parent.join("lib.rs")];
            let declared = homes
                .iter()
                .filter_map(|home| fs::read_to_string(home).ok())
                .any(|text| text.contains(&format!("mod {name};")));
            assert!(declared || name == "mod", "{} is declared nowhere", path.display());
        }
    }
}

/// The library's modules, as `lib.rs` lists them.
fn modules() -> BTreeSet<String> {
    let lib = fs::read_to_string(src().join("lib.rs")).unwrap();
    lib.lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// Every file of a module, with its text.
fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut open = vec![src().join(module), src().join(format!("{module}.rs"))];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") && path.exists() {
            let text = fs::read_to_string(&path).unwrap();
            files.push((path, text));
        }
    }
    assert!(!files.is_empty(), "{module} has no files");
    files
}

/// What follows `crate::`, once for every use; of a braced list, each of its first segments.
fn crate_paths(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split("crate::").skip(1).flat_map(|rest| {
        let list = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        list.into_iter()
            .map(|path| {
                path.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
            })
            .collect::<Vec<_>>()
    })
}

/// The text without comments and without its tests.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
