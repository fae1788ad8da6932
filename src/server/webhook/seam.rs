//! What no client can bring about, brought about: for tests, in builds with debug assertions only. Release builds do not
//! carry this file, which `tests/image` shows.

use std::time::Duration;

use jiff::Timestamp;

use crate::admission::{self, Answer, Endpoint, NotAReview};
use crate::policy::Engine;

/// A review with this uid panics; the message holds a value of the request, as those of the standard library do.
const PANIC: &str = "seam:panic";
/// A review with this uid takes a second of this thread, as if there were no processor for it.
const SLOW: &str = "seam:slow";

/// [`admission::review`], unless the uid asks for something else.
pub(super) fn review<'a>(
    body: &'a [u8],
    endpoint: Endpoint,
    engine: &Engine,
    now: Timestamp,
) -> Result<Answer<'a>, NotAReview> {
    let answer = admission::review(body, endpoint, engine, now);
    if let Ok(Answer { decision, .. }) = &answer {
        match &*decision.uid {
            PANIC => panic!("as asked by {} of {}", decision.uid, decision.name),
            SLOW => std::thread::sleep(Duration::from_secs(1)),
            _ => {}
        }
    }
    answer
}
