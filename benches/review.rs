//! One review in process, without HTTP: time and allocations, at every endpoint.
//!
//! `cargo bench --bench review`

use dapr_preflight::admission::{Endpoint, review};
use dapr_preflight::policy::{Engine, Mode};
use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

const MUTATE: &[u8] = include_bytes!("../tests/data/admission-reviews/mutate-create-pod-order-service.json");
const VALIDATE: &[u8] = include_bytes!("../tests/data/admission-reviews/validate-create-pod-order-service.json");

#[divan::bench(args = [0, 1, 2, 3])]
fn order_service(bencher: Bencher<'_, '_>, endpoint: usize) {
    let endpoint = Endpoint::ALL[endpoint];
    let body = if endpoint == Endpoint::ALL[0] { MUTATE } else { VALIDATE };
    let engine = Engine { ceiling: Mode::Enforce };
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| review(black_box(body), endpoint, &engine).expect("the captured review has a uid").reply.len());
}
