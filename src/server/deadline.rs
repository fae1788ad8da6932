//! Until when an answer is of use: the API server says how long it waits, as `?timeout=10s`.

use std::time::{Duration, Instant};

/// What is left for the way back: a tenth of the time, and no more than this.
const MARGIN: Duration = Duration::from_millis(500);

/// The moment after which nobody waits for the answer any more, if there is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// Of a request whose head has just been read. Who says nothing about it, or nothing readable, waits for as long as it
    /// takes.
    pub(super) fn of(query: Option<&str>) -> Self {
        let timeout = query.and_then(timeout);
        Self(timeout.map(|timeout| Instant::now() + timeout.saturating_sub((timeout / 10).min(MARGIN))))
    }

    /// How much time there still is, at most `most`.
    pub(super) fn left(self, most: Duration) -> Duration {
        self.0.map_or(most, |end| end.saturating_duration_since(Instant::now()).min(most))
    }

    /// Whether it is too late.
    pub(super) fn has_passed(self) -> bool {
        self.0.is_some_and(|end| end <= Instant::now())
    }
}

/// Go's form of a duration, which the API server writes: `10s`, `1m0s`, `500ms`. Longer than a day is no timeout.
fn timeout(query: &str) -> Option<Duration> {
    let text = query.split('&').find_map(|pair| pair.strip_prefix("timeout="))?;
    let duration = humantime::parse_duration(text).ok()?;
    (duration <= Duration::from_secs(24 * 3600)).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_api_server_writes_is_read() {
        for (query, milliseconds) in
            [("timeout=10s", 10_000), ("timeout=1m0s", 60_000), ("a=b&timeout=500ms", 500), ("timeout=0s", 0)]
        {
            assert_eq!(timeout(query), Some(Duration::from_millis(milliseconds)), "{query}");
        }
    }

    #[test]
    fn anything_else_is_no_deadline() {
        let days = "timeout=99999999999999999999h";
        for query in ["", "timeout", "timeout=", "timeout=ten", "timeout=-1s", "timeout=10", "xtimeout=1s", days] {
            assert_eq!(timeout(query), None, "{query}");
            assert!(!Deadline::of(Some(query)).has_passed(), "{query}");
        }
        assert_eq!(Deadline::of(None).left(MARGIN), MARGIN);
    }

    #[test]
    fn a_tenth_is_left_for_the_way_back_and_half_a_second_at_most() {
        let left = |query| Deadline::of(Some(query)).left(Duration::MAX).as_secs_f64();
        assert!((0.8..=0.9).contains(&left("timeout=1s")) && (9.4..=9.5).contains(&left("timeout=10s")));
        assert!(Deadline::of(Some("timeout=0s")).has_passed());
    }
}
