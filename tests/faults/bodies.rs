//! Bodies made to hurt.

#[path = "../../benches/support/hurtful.rs"]
mod hurtful;

use crate::common::{Server, wait_until};
use crate::others::{is_quiet, undisturbed};

/// Bytes of a body: as many as even a build without optimisations reads in a moment. `cargo bench --bench hurtful` measures the
/// longest that are read, 8 MiB; what grows faster than the body does would show there.
const BYTES: usize = 256 << 10;
/// The most memory that the process grows by, in MiB: some 200 times the body, in a build without
/// optimisations.
const BOUND: f64 = 56.0;

#[test]
fn a_body_made_to_hurt_is_answered_in_bounded_memory_and_others_do_not_notice() {
    let server = Server::start(&[]);
    let before = server.peak();
    undisturbed(&server, || {
        for (name, body) in hurtful::all(BYTES) {
            for path in ["/mutate/enforce", "/validate/enforce"] {
                let response = server.connect().post(path, &body);
                assert_eq!(response.status, 200, "{name}: {}", response.text());
                assert_eq!(response.json()["response"]["uid"], "hurtful", "{name}");
            }
        }
    });
    let grown = server.peak() - before;
    assert!(grown < BOUND, "{grown} MiB more than {before}");
    assert_eq!(server.metric("dapr_preflight_panics_total"), 0.0);
    wait_until(|| is_quiet(&server));
}
