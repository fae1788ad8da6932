//! What Dapr reads in a Resiliency: names that it knows by itself, durations, status codes.
//!
//! From `pkg/resiliency/resiliency.go`, `retry.go`, and `config/decode.go` and `retry/retry.go` of dapr/kit 0.18.2.

use super::{duration, integer};

/// Retries that there are without being written.
pub const BUILT_IN_RETRIES: [&str; 5] = [
    "DaprBuiltInActorNotFoundRetries",
    "DaprBuiltInActorReminderRetries",
    "DaprBuiltInActorRetries",
    "DaprBuiltInInitializationRetries",
    "DaprBuiltInServiceRetries",
];

/// The one of them that nobody can override.
pub const PROTECTED: &str = "DaprBuiltInActorNotFoundRetries";

/// The fewest retries of a built-in policy that is overridden; fewer, and none given, become this.
pub const FEWEST: i64 = 3;

/// Whether Dapr reads a duration: a whole number is milliseconds, all else is as Go has it.
#[must_use]
pub fn is_duration(text: &str) -> bool {
    integer::parse(text).is_some() || duration::parse(text).is_ok()
}

/// Status codes that a retry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codes {
    /// 100 to 599.
    Http,
    /// 0 to 16.
    Grpc,
}

impl Codes {
    fn accepts(self, code: &str) -> bool {
        let (least, most) = match self {
            Self::Http => (100, 599),
            Self::Grpc => (0, 16),
        };
        // Go cuts the number down to 32 bits before it looks.
        integer::parse(code).is_some_and(|code| (least..=most).contains(&integer::wrapped(code)))
    }

    /// The first pattern of a list that Dapr does not read; empty ones are passed over.
    #[must_use]
    pub fn first_wrong(self, list: &str) -> Option<&str> {
        list.split(',').filter(|pattern| !pattern.is_empty()).find(|pattern| !self.reads(pattern))
    }

    /// One code, or the first and the last of a range.
    fn reads(self, pattern: &str) -> bool {
        match pattern.split('-').collect::<Vec<_>>()[..] {
            [code] => self.accepts(code),
            [first, last] => {
                let in_order =
                    integer::parse(first).zip(integer::parse(last)).is_some_and(|(first, last)| first <= last);
                self.accepts(first) && self.accepts(last) && in_order
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_milliseconds_and_all_else_is_go_s() {
        for text in ["500", "0", "-1", "5s", "1m30s", "-5s"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["", "5 s", "1d", "five", "5.5"] {
            assert!(!is_duration(text), "{text}");
        }
    }

    #[test]
    fn codes_are_lists_of_numbers_and_ranges_without_blanks() {
        for list in ["429", "500-599", "429,501-503", "", ",429,", "+429"] {
            assert_eq!(Codes::Http.first_wrong(list), None, "{list}");
        }
        for (list, wrong) in [
            ("429, 500", " 500"),
            ("99", "99"),
            ("600", "600"),
            ("5xx", "5xx"),
            ("500-", "500-"),
            ("599-500", "599-500"),
            ("1-2-3", "1-2-3"),
        ] {
            assert_eq!(Codes::Http.first_wrong(list), Some(wrong), "{list}");
        }
        assert_eq!(Codes::Grpc.first_wrong("0-16"), None);
        assert_eq!(Codes::Grpc.first_wrong("17"), Some("17"));
    }
}
