//! Our parsers agree with Go's on thousands of texts: see `data/go/README.md`.

use dapr_preflight::dapr::{Quantity, csv, duration, integer};
use serde::Deserialize;

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
