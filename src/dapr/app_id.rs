//! `dapr.io/app-id`: the one annotation whose bad value makes Dapr itself refuse the pod.

use std::fmt;

use super::names;

/// What Dapr appends to an app-id to name its Service (`pkg/validation/validation.go: serviceName`).
const SUFFIX: &str = "-dapr";

/// The most bytes of an app-id: a Service's name has at most 63, with the suffix `-dapr`.
pub const MAX_BYTES: usize = names::LABEL_MAX_BYTES - SUFFIX.len();

/// What Dapr accepts, in a phrase for users.
pub const ACCEPTED: &str = "at most 58 lower-case letters, digits and '-', beginning and ending with a letter or digit";

/// Why Dapr refuses an app-id. Displays Dapr's own message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppIdError<'p> {
    /// There is none, and the pod has no name yet that could stand in for it.
    Empty,
    /// Its Service could not be named after it.
    Invalid {
        /// The app-id.
        id: &'p str,
        /// It has more than [`MAX_BYTES`] bytes.
        too_long: bool,
        /// It has a character that is not allowed there.
        malformed: bool,
    },
}

/// Dapr's own rule (`pkg/validation/validation.go: ValidateKubernetesAppID`). It passes a trailing `-`, which
/// [`is_label_value`] does not.
///
/// # Errors
/// When Dapr would refuse the pod.
pub fn check(id: &str) -> Result<(), AppIdError<'_>> {
    if id.is_empty() {
        return Err(AppIdError::Empty);
    }
    let too_long = id.len() > MAX_BYTES;
    // With the suffix, which ends it well, only the first character and the alphabet are left to check.
    let malformed = id.starts_with('-') || !id.bytes().all(names::in_label);
    match too_long || malformed {
        true => Err(AppIdError::Invalid { id, too_long, malformed }),
        false => Ok(()),
    }
}

/// Whether an app-id that Dapr accepts is also a legal label value. Dapr puts it on the pod as one, and the API server
/// refuses the pod otherwise: `order-`.
#[must_use]
pub fn is_label_value(id: &str) -> bool {
    names::is_label_value(id)
}

impl fmt::Display for AppIdError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Invalid { id, too_long, malformed } = *self else {
            return f.write_str("value for the dapr.io/app-id annotation is empty");
        };
        write!(f, "invalid app id (input: '{id}', service: '{id}{SUFFIX}'): ")?;
        if too_long {
            f.write_str("must be no more than 63 characters")?;
        }
        if too_long && malformed {
            f.write_str("\n")?;
        }
        if malformed {
            f.write_str(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and \
                 end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
                 '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for AppIdError<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_id_names_a_service() {
        for id in ["a", "order", "1a", "a-", "a--b", &"a".repeat(MAX_BYTES)] {
            assert_eq!(check(id), Ok(()), "{id:?}");
        }
        for id in ["Order", "order.service", "-a", "a_b", "ä", "a b", " a", "a\n", &"a".repeat(MAX_BYTES + 1)] {
            assert!(check(id).is_err(), "{id:?}");
        }
        assert_eq!(check(""), Err(AppIdError::Empty));
    }

    #[test]
    fn dapr_lets_a_trailing_dash_pass_that_the_api_server_refuses() {
        assert_eq!(check("a-"), Ok(()));
        assert!(!is_label_value("a-"));
        assert!(is_label_value("a-b"));
    }
}
