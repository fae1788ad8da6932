//! One review in process, without HTTP: time and allocations, at every endpoint.
//!
//! `cargo bench --bench review`

mod support;

use dapr_preflight::admission::{Endpoint, review};
use dapr_preflight::policy::{Engine, Policies, Stage};
use dapr_preflight::rules;
use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

const VALIDATE: &str = include_str!("../tests/data/admission-reviews/validate-create-pod-order-service.json");

#[divan::bench(args = [0, 1, 2, 3])]
fn complete(bencher: Bencher<'_, '_>, endpoint: usize) {
    answer(bencher, endpoint, support::COMPLETE);
}

#[divan::bench(args = [0, 1, 2, 3])]
fn wanting(bencher: Bencher<'_, '_>, endpoint: usize) {
    answer(bencher, endpoint, &support::wanting());
}

/// Reviews the pod at one endpoint: as it comes in at the mutating one, as it is in the end at the others.
fn answer(bencher: Bencher<'_, '_>, endpoint: usize, incoming: &str) {
    let endpoint = Endpoint::ALL[endpoint];
    let complete = incoming == support::COMPLETE;
    let body = if endpoint.stage == Stage::Validate && complete { VALIDATE } else { incoming };
    let engine = Engine::new(rules::ALL, Policies::default());
    bencher.counter(ItemsCount::new(1_usize)).bench(|| {
        review(black_box(body.as_bytes()), endpoint, &engine, jiff::Timestamp::UNIX_EPOCH)
            .expect("the captured review has a uid")
            .reply
            .len()
    });
}
