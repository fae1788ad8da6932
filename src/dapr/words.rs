//! Values that must be one of a few words.

/// What daprd takes for `dapr.io/log-level`, in any case (`dapr/kit logger.toLogLevel`).
pub const LOG_LEVELS: [&str; 5] = ["debug", "info", "warn", "error", "fatal"];

/// What daprd takes for `dapr.io/app-protocol`, in any case, besides nothing (`pkg/runtime/config.go`).
pub const APP_PROTOCOLS: [&str; 5] = ["http", "https", "grpc", "grpcs", "h2c"];

/// What daprd takes for `dapr.io/disable-init-endpoints`, in any case (`pkg/runtime/config.go`).
pub const INIT_ENDPOINTS: [&str; 2] = ["config", "subscribe"];

/// What the API server takes for `dapr.io/sidecar-seccomp-profile-type`, besides nothing. `Localhost`, which Dapr's
/// documentation lists, also wants the name of a profile, and Dapr never gives one.
pub const SECCOMP_PROFILES: [&str; 2] = ["RuntimeDefault", "Unconfined"];

/// Whether Go's `strings.ToLower` makes one of the words of a value.
#[must_use]
pub fn is_one_of_in_any_case(value: &str, words: &[&str]) -> bool {
    words.iter().any(|word| value.chars().map(lower).eq(word.chars()))
}

/// Go's lower case, as far as it yields ASCII: two letters beyond ASCII do.
fn lower(letter: char) -> char {
    match letter {
        'İ' => 'i',
        '\u{212a}' => 'k',
        _ => letter.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_blanks_do() {
        for value in ["info", "INFO", "İnfo"] {
            assert!(is_one_of_in_any_case(value, &LOG_LEVELS), "{value:?}");
        }
        for value in ["", "warning", "trace", " info", "ınfo"] {
            assert!(!is_one_of_in_any_case(value, &LOG_LEVELS), "{value:?}");
        }
    }
}
