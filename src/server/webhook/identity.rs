//! By what a request is found in the log: the review's own uid, which the API server also logs, or a number of ours.

use std::fmt;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::admission;

/// The longest uid that is repeated, in bytes: the API server's have 36.
const LONGEST: usize = 64;

/// Tells this process from others: when its first such request came, in microseconds.
static PROCESS: LazyLock<u128> =
    LazyLock::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros());
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What a request is called in log and error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestId(String);

impl RequestId {
    /// One that no other request has.
    pub(super) fn own() -> Self {
        Self(format!("preflight-{:x}-{}", *PROCESS, NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// That of a review, if it can be read and looks like one: it goes into log lines and error messages.
    pub(super) fn of(body: &[u8]) -> Option<Self> {
        let uid = admission::uid(body)?;
        let plain = uid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:!".contains(&byte));
        (plain && uid.len() <= LONGEST).then(|| Self(uid.into_owned()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_is_called_by_its_uid_and_anything_else_by_a_number_of_its_own() {
        let of = |uid: &str| RequestId::of(format!(r#"{{"request":{{"uid":{uid}}}}}"#).as_bytes());
        assert_eq!(of(r#""a-1""#), Some(RequestId("a-1".into())));
        for uid in ["1", r#""""#, r#""a\nforged""#, &format!("\"{}\"", "a".repeat(65))] {
            assert_eq!(of(uid), None, "{uid}");
        }
        assert_ne!(RequestId::own(), RequestId::own());
    }
}
