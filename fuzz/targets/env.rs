//! `dapr.io/env`: what is appended is read back, and nothing else has changed.

use dapr_preflight::dapr::env::{append, entries};
use dapr_preflight::dapr::{Version, gomemlimit};

const ADDED: &str = "GOMEMLIMIT=230MiB";

pub fn env(data: &[u8]) {
    let Ok(list) = std::str::from_utf8(data) else { return };
    for version in [Version::OLDEST, Version::NEWEST] {
        let read = |list: &str| -> Vec<(String, String)> {
            entries(list, version).map(|entry| (entry.name.to_owned(), entry.value.to_owned())).collect()
        };
        let after = append(Some(list), ADDED);
        let trimmed = list.trim_end_matches(|c: char| c == ',' || c.is_whitespace());
        let mut expected = read(trimmed);
        expected.push(("GOMEMLIMIT".to_owned(), "230MiB".to_owned()));
        assert_eq!(read(&after), expected, "{list:?} under {version}");
        for entry in entries(list, version) {
            // Whatever a variable holds: a limit or an error, and a secret or none.
            let _ = (gomemlimit::parse(entry.value), entry.secret_key());
        }
    }
}
