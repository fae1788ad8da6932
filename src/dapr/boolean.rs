//! Dapr's booleans, and the gate that decides whether a pod is Dapr's at all.

use super::version::Version;

/// Since this version the injector also wants `dapr.io/enabled` to be a plain `true`
/// (`pkg/injector/service/handler.go: podHasDaprEnabled`).
const PLAIN_TRUE: Version = Version::new(1, 17, 3);

/// The words that mean yes; everything else means no.
const YES: [&str; 6] = ["y", "yes", "true", "t", "on", "1"];

/// The words with which a user surely meant no. Dapr has no such list.
const NO: [&str; 6] = ["n", "no", "false", "f", "off", "0"];

/// Whether Dapr reads a value as true: blanks around it and case do not matter (`dapr/kit strings.IsTruthy`).
#[must_use]
pub fn truthy(value: &str) -> bool {
    is_one_of(value, &YES)
}

/// Whether a value that Dapr reads as false looks as if it was meant so.
#[must_use]
pub fn plainly_false(value: &str) -> bool {
    is_one_of(value, &NO)
}

/// Whether an injector of this version injects a pod whose `dapr.io/enabled` has this value. Since 1.17.3 `yes`, `1` and
/// ` true` no longer count, although the operator and the watchdog still take them for true.
#[must_use]
pub fn enabled(value: &str, version: Version) -> bool {
    truthy(value) && (version < PLAIN_TRUE || value.eq_ignore_ascii_case("true"))
}

fn is_one_of(value: &str, words: &[&str]) -> bool {
    let value = value.trim();
    words.iter().any(|word| value.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_is_said_in_six_words_whatever_their_case() {
        for value in ["y", "Yes", "TRUE", " true", "true ", "\u{a0}t\u{85}", "oN", "1"] {
            assert!(truthy(value), "{value:?}");
        }
        for value in ["", "tru", "enabled", "truee", "2", "01", "\"true\"", "t r"] {
            assert!(!truthy(value) && !plainly_false(value), "{value:?}");
        }
        assert!(plainly_false("False") && plainly_false("0"));
    }

    #[test]
    fn a_new_injector_wants_a_plain_true() {
        let (old, new) = (Version::new(1, 17, 2), Version::new(1, 17, 3));
        for value in ["true", "True", "TRUE"] {
            assert!(enabled(value, old) && enabled(value, new), "{value:?}");
        }
        for value in ["yes", "1", "on", " true", "t"] {
            assert!(enabled(value, old) && !enabled(value, new), "{value:?}");
        }
        assert!(!enabled("", old) && !enabled("false", new));
    }
}
