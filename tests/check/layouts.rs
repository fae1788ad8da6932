//! `fix` mends whatever it is written like: generated layouts of generated pods, and every manifest of these tests.

use dapr_preflight::check::{Check, Fixed, Input, fix};
use dapr_preflight::files::documents;
use dapr_preflight::policy::Fix;
use dapr_preflight::report::{Remedy, Severity};
use dapr_preflight::rules::ALL;
use ignore::WalkBuilder;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::support::{arbitrary, engine};

/// How a document is written.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    indent: usize,
    /// Dashes stand below their key and not behind it.
    flush: bool,
    /// From this depth on, everything is in braces and brackets.
    flow_from: usize,
    single_quotes: bool,
    comments: bool,
    line_end: &'static str,
}

pub(super) fn layouts() -> impl Strategy<Value = Layout> {
    (2..5_usize, any::<bool>(), 0..9_usize, any::<bool>(), any::<bool>(), prop::sample::select(&["\n", "\r\n"][..]))
        .prop_map(|(indent, flush, flow_from, single_quotes, comments, line_end)| Layout {
            indent,
            flush,
            flow_from,
            single_quotes,
            comments,
            line_end,
        })
}

impl Layout {
    pub(super) fn write(&self, value: &Value) -> String {
        let mut text = String::new();
        self.block(value, 0, 0, &mut text);
        text.replace('\n', self.line_end)
    }

    /// The entries of a map or list, each on lines of its own.
    fn block(&self, value: &Value, depth: usize, indent: usize, text: &mut String) {
        let pad = " ".repeat(indent);
        match value {
            Value::Object(map) => {
                for (nth, (key, value)) in map.iter().enumerate() {
                    if self.comments {
                        text.push_str(&format!("{pad}# above {nth}\n"));
                    }
                    text.push_str(&format!("{pad}{}:", self.key(key)));
                    let deeper = if value.is_array() && self.flush { indent } else { indent + self.indent };
                    self.value(value, depth + 1, deeper, text);
                }
            }
            Value::Array(items) => {
                for item in items {
                    text.push_str(&format!("{pad}-"));
                    self.value(item, depth + 1, indent + self.indent, text);
                }
            }
            other => text.push_str(&format!("{pad}{}\n", self.scalar(other))),
        }
    }

    fn value(&self, value: &Value, depth: usize, indent: usize, text: &mut String) {
        let filled = match value {
            Value::Object(map) => !map.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        };
        if filled && depth < self.flow_from {
            text.push('\n');
            self.block(value, depth, indent, text);
        } else {
            let comment = if self.comments { " # behind" } else { "" };
            text.push_str(&format!(" {}{comment}\n", self.flow(value)));
        }
    }

    fn flow(&self, value: &Value) -> String {
        match value {
            Value::Object(map) => {
                let entries = map.iter().map(|(key, value)| format!("{}: {}", self.key(key), self.flow(value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            Value::Array(items) => {
                format!("[{}]", items.iter().map(|item| self.flow(item)).collect::<Vec<_>>().join(","))
            }
            other => self.scalar(other),
        }
    }

    fn scalar(&self, value: &Value) -> String {
        match value {
            Value::String(text) if self.single_quotes && text.chars().all(|c| (' '..='~').contains(&c)) => {
                format!("'{}'", text.replace('\'', "''"))
            }
            other => other.to_string(),
        }
    }

    fn key(&self, key: &str) -> String {
        let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || "./-".contains(c))
            && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&&*key.to_lowercase());
        if plain { key.to_owned() } else { self.scalar(&json!(key)) }
    }
}

pub(super) fn check() -> Check {
    Check {
        engine: engine(),
        known: ALL,
        mode: None,
        fail_on: Severity::Deny,
        now: Timestamp::UNIX_EPOCH,
        changes: true,
        progress: false,
    }
}

/// The text after a fix; fails where a second one would change more, or a safe edit is left that could be made.
fn mended(name: &str, text: &str) -> String {
    let Fixed { files, report, left, .. } = fix(&check(), &[Input::text(name, text)], false);
    let after = files.first().map_or_else(|| text.to_owned(), |file| file.after.clone());
    let safe = report.found.iter().filter(|found| found.finding.fix == Fix::Safe);
    for found in safe {
        let reason =
            left.iter().find(|(left, _)| (left.rule.id, &left.finding.at) == (found.rule.id, &found.finding.at));
        assert!(reason.is_some() && matches!(found.remedy, Remedy::Impossible(_)), "{found:?}\n{text}\n{after}");
    }
    let again = fix(&check(), &[Input::text(name, after.clone())], false);
    assert!(again.files.is_empty(), "{}\n{after}", again.files[0].after);
    after
}

/// The comments that a layout writes.
fn comments(text: &str) -> Vec<&str> {
    let comment = |line: &'_ str| ["# above", " # behind"].iter().find_map(|mark| line.find(mark));
    text.lines().filter_map(|line| comment(line).map(|at| &line[at..])).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_fix_mends_every_layout_and_keeps_its_comments(pod in arbitrary::pods(), layout in layouts()) {
        let mut deployment = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "order" } });
        deployment["spec"] = json!({ "replicas": 2, "template": { "metadata": pod["metadata"], "spec": pod["spec"] } });
        for object in [&pod, &deployment] {
            let text = layout.write(object);
            let read: Vec<_> = documents(&text).map(|document| document.map(|document| Value::from(document.value()))).collect();
            prop_assert_eq!(read, vec![Ok(object.clone())], "{}", text);
            let after = mended("order.yaml", &text);
            prop_assert!(comments(&after) == comments(&text), "{text}\n{after}");
            prop_assert_eq!(after.contains('\r'), text.contains('\r'));
        }
    }

    #[test]
    fn a_fix_mends_json(pod in arbitrary::pods()) {
        for text in [format!("{pod}\n"), format!("{pod:#}\n")] {
            let after = mended("order.json", &text);
            let read: Result<Value, _> = serde_json::from_str(&after);
            prop_assert!(read.is_ok(), "{text}\n{after}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_manifest_with_slips_never_panics_and_what_is_mended_stays_so(
        slips in prop::collection::vec((0..400_usize, prop::sample::select(SLIPS)), 1..6),
        pod in arbitrary::pods(),
        layout in layouts(),
    ) {
        let mut text = layout.write(&pod);
        for (at, slip) in slips {
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            text.insert_str(at, slip);
        }
        mended("slips.yaml", &text);
    }
}

/// What somebody or some tool puts into a file by mistake.
pub(super) const SLIPS: &[&str] = &[
    "\n", "\t", " ", "\"", "'", ":", "- ", "{", "}", "[", "*", "&a ", "#", "\n---\n", "<<: ", "!!x ", "|", "\u{feff}",
    "ä", "{{ x }}",
];

#[test]
fn a_fix_mends_every_manifest_of_these_tests_and_every_example() {
    let mut texts: Vec<(String, String)> =
        ALL.iter().map(|rule| (format!("{}.yaml", rule.id), rule.bad.to_owned())).collect();
    for folder in ["tests", "deploy", "docs"] {
        for entry in WalkBuilder::new(format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"))).build() {
            let path = entry.unwrap().into_path();
            if path.extension().is_some_and(|ending| ending == "yaml" || ending == "json") {
                texts.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(texts.len() > 60, "{}", texts.len());
    for (name, text) in texts {
        println!("{name}");
        mended(&name, &text);
    }
}
