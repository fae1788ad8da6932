//! Everybody else, who must not notice.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::{Client, Server, captured, trusting_anything};

/// What a review is in these tests.
pub const REVIEW: &str = "mutate-create-pod-order-service";
/// Where it goes, as the API server asks by default.
pub const PATH: &str = "/mutate/enforce?timeout=10s";

/// While something happens, others ask: one on a connection that it keeps, one on a new connection each time. Every answer must be
/// 200 and in time. Returns when each was answered at least five times.
pub fn undisturbed<T>(server: &Server, what: impl FnOnce() -> T) -> T {
    let (over, answered) = (AtomicBool::new(false), [AtomicUsize::new(0), AtomicUsize::new(0)]);
    let body = captured(REVIEW);
    let enough = || answered.iter().all(|number| number.load(Ordering::Relaxed) >= 5);
    let ask = |client: &mut Client, nth: usize| {
        assert_eq!(client.post(PATH, &body).status, 200);
        answered[nth].fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(20));
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut kept = server.connect();
            while !over.load(Ordering::Relaxed) || !enough() {
                ask(&mut kept, 0);
            }
        });
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) || !enough() {
                ask(&mut Client::connect(server.listen, trusting_anything()), 1);
            }
        });
        // Also when it panics: the others would go on for ever.
        let _over = Over(&over);
        what()
    })
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Whether the counters of what is open are back where they are when nobody is there.
pub fn is_quiet(server: &Server) -> bool {
    let names = ["requests_in_flight", "requests_waiting", "buffered_bytes", "connections_open"];
    names.iter().all(|name| server.metric(&format!("dapr_preflight_{name}")) == 0.0)
}
