//! Kubernetes' rules for names, as far as Dapr copies annotations into names
//! (`k8s.io/apimachinery/pkg/util/validation/validation.go`).

/// The most bytes of a label value, and of an RFC 1123 label.
pub const LABEL_MAX_BYTES: usize = 63;

/// The most bytes of an object's name, and of a key in a Secret.
pub const SUBDOMAIN_MAX_BYTES: usize = 253;

/// Whether a byte may stand inside an RFC 1123 label.
pub(super) fn in_label(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

/// Whether a text is a legal label value: `IsValidLabelValue`.
#[must_use]
pub fn is_label_value(text: &str) -> bool {
    let ends_well = |byte: Option<u8>| byte.is_none_or(|byte| byte.is_ascii_alphanumeric());
    text.len() <= LABEL_MAX_BYTES
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && ends_well(text.bytes().next())
        && ends_well(text.bytes().last())
}

/// Whether a text can name a Secret or another object: `IsDNS1123Subdomain`.
#[must_use]
pub fn is_subdomain(text: &str) -> bool {
    let label =
        |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-') && part.bytes().all(in_label);
    text.len() <= SUBDOMAIN_MAX_BYTES && text.split('.').all(label)
}

/// Whether a text can be a key of a Secret: `IsConfigMapKey`.
#[must_use]
pub fn is_secret_key(text: &str) -> bool {
    (1..=SUBDOMAIN_MAX_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && text != "."
        && !text.starts_with("..")
}

/// Whether the API server takes a text for the name of an environment variable: `IsRelaxedEnvVarName`, the rule since
/// Kubernetes 1.32. Older ones take less: letters, digits, `-`, `_` and `.`.
#[must_use]
pub fn is_env_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_the_name_of_a_subdomain() {
        for name in ["a", "dapr-api-token", "a.b", "1"] {
            assert!(is_subdomain(name), "{name:?}");
        }
        for name in ["", "A b", " x ", "ünï", "a..b", "-a", "a-", "a_b", ".a", &"a".repeat(254)] {
            assert!(!is_subdomain(name), "{name:?}");
        }
    }

    #[test]
    fn a_key_of_a_secret_leads_nowhere_else() {
        for key in ["token", ".a", "a..b", "A_b-c.d"] {
            assert!(is_secret_key(key), "{key:?}");
        }
        for key in ["", ".", "..", "..a", "a b", "a/b", &"a".repeat(254)] {
            assert!(!is_secret_key(key), "{key:?}");
        }
    }

    #[test]
    fn an_environment_variable_is_named_in_printable_ascii() {
        for name in ["A", "A ", "a-b", "1"] {
            assert!(is_env_name(name), "{name:?}");
        }
        for name in ["", "A=B", "ä", "A\tB"] {
            assert!(!is_env_name(name), "{name:?}");
        }
    }

    #[test]
    fn a_label_value_may_be_empty() {
        for value in ["", "a", "A_b.c-d"] {
            assert!(is_label_value(value), "{value:?}");
        }
        for value in ["a-", "-a", "_", "a b", "ä", &"a".repeat(64)] {
            assert!(!is_label_value(value), "{value:?}");
        }
    }
}
