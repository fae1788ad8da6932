//! Where the quick reader does not give up, it reads what the parser reads.

use proptest::prelude::*;

use super::super::events;
use super::super::tree::{Id, Kind, Tree};

/// Everything that a tree says, node by node.
fn nodes(tree: &Tree<'_>) -> Vec<(Kind, std::ops::Range<usize>, Id, String)> {
    (0..tree.len())
        .map(|id| {
            let text = if matches!(tree.kind(id), Kind::Scalar(_)) { tree.text(id) } else { "" };
            (tree.kind(id), tree.span(id), tree.node(id).next as usize, text.to_owned())
        })
        .collect()
}

fn compare(text: &str) -> bool {
    let Some(quick) = super::read(text) else {
        return false;
    };
    let slow = events::read(text).unwrap_or_else(|error| panic!("the parser refuses {text:?}: {error}"));
    assert_eq!(nodes(&quick), nodes(&slow), "{text:?}");
    true
}

/// Texts that look like manifests, with lines that do not fit now and then.
fn manifest() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just(""),
        Just(" a"),
        Just(" \"b\""),
        Just(" 'c'"),
        Just(" 1 # d"),
        Just(" {e: f, g: [1, 'x']}"),
        Just(" []"),
        Just(" |"),
        Just(" >-"),
        Just(" |+"),
        Just(" a b"),
        Just(" http://x:1"),
        Just(" -1"),
        Just(" \"a\\nb\\\"\""),
        Just(" 'a''b'"),
        Just("x"),
        Just(" a: b"),
        Just(" &a"),
        Just(" # c"),
        Just("  "),
        Just(" {\"a\":1}"),
        Just(" [a: 1]"),
        Just(" {a: }"),
        Just(" {a}"),
        Just(" [,]"),
        Just(" ä"),
        Just(" \"\\u00e4\""),
        Just(" a #b"),
        Just(" a#b"),
    ];
    let key = prop_oneof![
        Just("a:"),
        Just("b:"),
        Just("\"c\":"),
        Just("d.e/f:"),
        Just("- "),
        Just("-"),
        Just("- g:"),
        Just("- - h:"),
        Just(""),
        Just("# i"),
        Just("text"),
        Just("'j' :"),
        Just("? k"),
        Just("l :"),
        Just("<<:"),
        Just("...")
    ];
    let line = (0_usize..5, key, value).prop_map(|(indent, key, value)| format!("{}{key}{value}", "  ".repeat(indent)));
    let odd =
        (0_usize..8, "[-a:{}\\[\\] '\"#|>]{0,6}").prop_map(|(indent, text)| format!("{}{text}", " ".repeat(indent)));
    let line = prop_oneof![8 => line, 1 => odd];
    (prop::collection::vec(line, 0..9), prop::bool::ANY)
        .prop_map(|(lines, end)| lines.join("\n") + if end { "\n" } else { "" })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn lines_of_manifests_read_as_the_parser_reads_them(text in manifest()) {
        compare(&text);
    }

    #[test]
    fn any_text_reads_as_the_parser_reads_it(text in "[-a1:{}\\[\\], '\"#|>\n&*!?%@`~.\\\\]{0,24}") {
        compare(&text);
    }
}

#[test]
fn what_go_reads_is_read_the_same() {
    let texts = include_str!("../../../tests/data/go/yaml.jsonl");
    let texts = texts.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let quick = texts.filter(|line| compare(line["in"].as_str().unwrap())).count();
    assert!(quick > 1_000, "{quick}");
}

#[test]
fn a_usual_manifest_is_read_quickly() {
    assert!(compare(include_str!("../../../benches/data/deployment.yaml")));
}
