//! Our parsers agree with Go's on thousands of texts: see `data/go/README.md`.

use dapr_preflight::dapr::{Quantity, csv, duration, integer};
use dapr_preflight::files::documents;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct ReadQuantity {
    r#in: String,
    nanos: Option<String>,
    int64: Option<i64>,
}

#[derive(Deserialize)]
struct ReadInteger {
    r#in: String,
    ns: Option<i64>,
}

#[derive(Deserialize)]
struct ReadRecord {
    r#in: String,
    fields: Option<Vec<String>>,
    ok: bool,
}

#[derive(Deserialize)]
struct ReadDocuments {
    r#in: String,
    docs: Vec<Value>,
    error: Option<String>,
}

fn lines<T: for<'de> Deserialize<'de>>(text: &str) -> impl Iterator<Item = T> {
    text.lines().map(|line| serde_json::from_str(line).expect(line))
}

#[test]
fn quantities_agree_with_kubernetes() {
    for line in lines::<ReadQuantity>(include_str!("data/go/quantities.jsonl")) {
        let ours = Quantity::parse(&line.r#in).ok();
        assert_eq!(ours.map(|quantity| quantity.nanos().to_string()), line.nanos, "{:?}", line.r#in);
        assert_eq!(ours.and_then(Quantity::as_int64), line.int64, "{:?}", line.r#in);
    }
}

#[test]
fn durations_agree_with_go() {
    for line in lines::<ReadInteger>(include_str!("data/go/durations.jsonl")) {
        assert_eq!(duration::parse(&line.r#in).ok(), line.ns, "{:?}", line.r#in);
    }
}

#[test]
fn integers_agree_with_go() {
    for line in lines::<ReadInteger>(include_str!("data/go/integers.jsonl")) {
        assert_eq!(integer::parse(&line.r#in), line.ns, "{:?}", line.r#in);
    }
}

#[test]
fn lists_agree_with_daprds_flag_parser() {
    for line in lines::<ReadRecord>(include_str!("data/go/csv.jsonl")) {
        let expected = line.ok.then(|| line.fields.unwrap_or_default());
        assert_eq!(csv::fields(&line.r#in).ok(), expected, "{:?}", line.r#in);
    }
}

/// What kubectl reads although part of the text is lost on the way or it is no YAML: we refuse it with the place.
const LOST: [&str; 8] = [
    "does not belong to the document before it",
    "another document begins here",
    "something stands behind the JSON value",
    "invalid trailing content after",
    "comment intercepting the multiline text",
    "misplaced bracket",
    "is there twice",
    "has no such keys",
];

/// Texts that nobody writes, on which the parsers differ in what they allow.
const ODD: [&str; 16] = [
    "---\n\u{feff}a: 1\n",
    "a: \"b\"# c\n",
    "---\n%YAML 1.1\n---\na: 1\n",
    "v: [-, {k: -}]\n",
    "{? a : b}: v\n",
    "[]c: [0x11_01_0a\t|",
    "{ab:} ",
    ".5a.5\"y\"::\n  \n>\n---\n",
    "? \n|",
    "{\"a\": 1}\n{\"b\": 2}\n---\nc: 3\n",
    "a: \u{85}b\n",
    "a: \u{2028}b\n",
    "v: [!!str, {k: !!str}]\n",
    "v: [!foo, {k: !foo}]\n",
    "!!timestamp x: v\n",
    "-  1c: \"y\"\n\n\t",
];

#[test]
fn yaml_agrees_with_kubectl() {
    let nested = |value: &Value| value.is_object() || value.is_array();
    for line in lines::<ReadDocuments>(include_str!("data/go/yaml.jsonl")) {
        let read: Vec<_> =
            documents(&line.r#in).map(|document| document.map(|document| Value::from(document.value()))).collect();
        let ours: Vec<&Value> =
            read.iter().map_while(|read| read.as_ref().ok()).filter(|value| nested(value)).collect();
        let error = read.iter().find_map(|read| read.as_ref().err());
        let theirs: Vec<&Value> = line.docs.iter().filter(|value| nested(value)).collect();
        if ODD.contains(&&*line.r#in) {
            continue;
        }
        match (error, &line.error) {
            (None, None) => assert_eq!(ours, theirs, "{:?}", line.r#in),
            (Some(error), None) if !theirs.is_empty() => {
                assert!(LOST.iter().any(|lost| error.problem.contains(lost)), "{:?}: {error}", line.r#in);
            }
            (None, Some(error)) if !ours.is_empty() => {
                let tab = line.r#in.contains('\t');
                assert!(tab || line.r#in.contains("!!timestamp"), "{:?}: {error}", line.r#in);
            }
            _ => {}
        }
    }
}
