//! How fast YAML is read, in MB/s of text on one core: `cargo bench --bench yaml`.
//!
//! The corpus is what `check` sees most: one small manifest per file, of five kinds. `documents` is the reader with places,
//! `values` adds the JSON values that rules read; against the events of the parser that reads what the quick reader does
//! not know, and against serde.

use dapr_preflight::files::documents;
use divan::Bencher;
use divan::counter::BytesCount;
use serde_json::Value;

fn main() {
    divan::main();
}

/// As many files of each kind.
const FILES: usize = 200;

const KINDS: [&str; 5] = [
    include_str!("data/deployment.yaml"),
    include_str!("data/service.yaml"),
    include_str!("data/autoscaler.yaml"),
    include_str!("data/config_map.yaml"),
    include_str!("data/component.yaml"),
];

fn corpus() -> Vec<String> {
    (0..FILES).flat_map(|file| KINDS.map(|text| text.replace("orders", &format!("orders-{file}")))).collect()
}

fn measure(bencher: Bencher<'_, '_>, read: impl Fn(&str) -> usize + Sync) {
    let corpus = corpus();
    let bytes: usize = corpus.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| corpus.iter().map(|text| read(text)).sum::<usize>());
}

#[divan::bench]
fn documents_with_places(bencher: Bencher<'_, '_>) {
    measure(bencher, |text| documents(text).filter(Result::is_ok).count());
}

#[divan::bench]
fn values(bencher: Bencher<'_, '_>) {
    measure(bencher, |text| {
        documents(text).filter(|document| document.as_ref().is_ok_and(|d| d.value().is_object())).count()
    });
}

/// The quick reader gives up on line ends like these.
#[divan::bench]
fn values_with_crlf(bencher: Bencher<'_, '_>) {
    let corpus: Vec<String> = corpus().iter().map(|text| text.replace('\n', "\r\n")).collect();
    let bytes: usize = corpus.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        corpus
            .iter()
            .flat_map(|text| documents(text))
            .filter(|d| d.as_ref().is_ok_and(|d| d.value().is_object()))
            .count()
    });
}

#[divan::bench]
fn parser_events(bencher: Bencher<'_, '_>) {
    measure(bencher, |text| granit_parser::Parser::new_from_str(text).filter(Result::is_ok).count());
}

#[divan::bench]
fn serde_saphyr_values(bencher: Bencher<'_, '_>) {
    measure(bencher, |text| serde_saphyr::from_multiple::<Value>(text).expect("the corpus is YAML").len());
}

/// The same values as compact JSON: what building them costs without YAML.
#[divan::bench]
fn serde_json_values(bencher: Bencher<'_, '_>) {
    let json: Vec<String> =
        corpus().iter().map(|text| documents(text).flatten().map(|d| d.value().to_string()).collect()).collect();
    let bytes: usize = json.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        json.iter().filter(|text| serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object())).count()
    });
}
