//! The list grammar of `dapr.io/env` and `dapr.io/env-from-secret` (`pkg/injector/patcher/sidecar_container.go:
//! parseEnvVars`). It has no quotes and no escapes.
//!
//! A comma separates only where an identifier and `=` follow it; any other comma belongs to the value. What follows the
//! last value belongs to it too, so a trailing comma is part of it.

use std::iter;

use super::version::Version;

/// Since this version a value may contain `=`; before it the whole entry was dropped (dapr/dapr#9006,
/// `docs/release_notes/v1.16.2.md`).
const EQUALS_IN_VALUE: Version = Version::new(1, 16, 2);

/// A variable of the sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvEntry<'a> {
    /// Whatever stands before the first `=`: it may be empty, or end with a blank.
    pub name: &'a str,
    /// Its value as the container gets it; in `env-from-secret` what says which Secret.
    pub value: &'a str,
}

/// A key of a Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretKey<'a> {
    /// The Secret's name.
    pub secret: &'a str,
    /// The key in it.
    pub key: &'a str,
}

/// The entries of a list, in order: see [`entries`].
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    rest: Option<&'a str>,
    version: Version,
}

/// The entries of a list as an injector of this version reads them. What it drops without a word is left out.
#[must_use]
pub fn entries(list: &str, version: Version) -> Entries<'_> {
    Entries { rest: Some(list), version }
}

/// Variables of Go's own runtime, whose values are no secrets.
const GO: [&str; 4] = ["GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT"];

/// Whether a list sets nothing but variables of Go's own runtime. Whatever else it says may be a secret.
#[must_use]
pub fn is_harmless(list: &str) -> bool {
    list.split(',').all(|part| part.split_once('=').is_some_and(|(name, _)| GO.contains(&name.trim())))
}

/// The list with one more entry, `NAME=value`: every entry that Dapr read before is read again, then the new one.
///
/// Blanks and commas at the end of the list are dropped, since they would become part of the last value. The name must
/// be an identifier, and the value must not look like two entries.
#[must_use]
pub fn append(list: Option<&str>, entry: &str) -> String {
    let list = list.map_or("", |list| list.trim_end_matches(|c: char| c == ',' || c.is_whitespace()));
    match list {
        "" => entry.to_owned(),
        _ => format!("{list},{entry}"),
    }
}

impl<'a> EnvEntry<'a> {
    /// An entry of `env-from-secret`: `secret` (which is then the key too) or `secret:key`. `None` with more colons, where
    /// Dapr sets no variable.
    #[must_use]
    pub fn secret_key(&self) -> Option<SecretKey<'a>> {
        let value = self.value.trim();
        let Some((secret, key)) = value.split_once(':') else {
            return Some(SecretKey { secret: value, key: value });
        };
        (!key.contains(':')).then(|| SecretKey { secret: secret.trim(), key: key.trim() })
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = EnvEntry<'a>;

    fn next(&mut self) -> Option<EnvEntry<'a>> {
        loop {
            let rest = self.rest.take()?;
            let part = match separator(rest) {
                None => rest,
                Some(comma) => {
                    self.rest = Some(&rest[comma + 1..]);
                    &rest[..comma]
                }
            };
            if let Some(entry) = entry(part.trim(), self.version) {
                return Some(entry);
            }
        }
    }
}

/// What Dapr makes of a part between two separating commas; `None`: nothing.
fn entry(part: &str, version: Version) -> Option<EnvEntry<'_>> {
    let (name, value) = part.split_once('=')?;
    (version >= EQUALS_IN_VALUE || !value.contains('=')).then_some(EnvEntry { name, value })
}

/// The parts of a list that an injector of this version drops without a word.
pub fn dropped(list: &str, version: Version) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    let parts = iter::from_fn(move || {
        let list = rest.take()?;
        let comma = separator(list)?;
        rest = Some(&list[comma + 1..]);
        Some(&list[..comma])
    });
    // The last part has no separator behind it.
    let end = list.rmatch_indices(',').map(|(at, _)| &list[at + 1..]).find(|after| starts_an_entry(after));
    parts
        .chain(iter::once(end.unwrap_or(list)))
        .map(str::trim)
        .filter(move |part| !part.is_empty() && entry(part, version).is_none())
}

/// Where the next separating comma is: Dapr's regular expression `(,)\s*[a-zA-Z\_][a-zA-Z0-9\_]*=`.
fn separator(list: &str) -> Option<usize> {
    list.match_indices(',').map(|(at, _)| at).find(|at| starts_an_entry(&list[at + 1..]))
}

/// Whether blanks (Go's `\s`: ASCII, without the vertical tab), an identifier and `=` stand here.
fn starts_an_entry(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    rest.starts_with('=') && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OLD: Version = Version::new(1, 15, 0);
    const NEW: Version = Version::new(1, 18, 2);

    fn read(list: &str, version: Version) -> Vec<(&str, &str)> {
        entries(list, version).map(|entry| (entry.name, entry.value)).collect()
    }

    #[test]
    fn what_is_dropped_is_what_has_no_name_or_one_sign_too_many() {
        let dropped = |list, version| super::dropped(list, version).collect::<Vec<_>>();
        assert_eq!(dropped("A,B=2", NEW), ["A"]);
        assert_eq!(dropped("A", NEW), ["A"]);
        assert_eq!(dropped("A=1,B=2,C,D=x=y", NEW), [""; 0], "the comma before C is part of B's value");
        assert_eq!(dropped("A=1,D=x=y", OLD), ["D=x=y"]);
        assert_eq!(dropped("", NEW), [""; 0]);
        assert_eq!(dropped(" , A=1", NEW), [""; 0]);
    }

    #[test]
    fn lists_are_split_as_dapr_splits_them() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            (",", &[]),
            ("A", &[]),
            ("A=", &[("A", "")]),
            ("A=1, B=2 ", &[("A", "1"), ("B", "2")]),
            ("A=1,2,3,B=x", &[("A", "1,2,3"), ("B", "x")]),
            ("A,B=2", &[("B", "2")]),
            ("A=1,,B=2", &[("A", "1,"), ("B", "2")]),
            ("GOMEMLIMIT=900MiB,", &[("GOMEMLIMIT", "900MiB,")]),
            ("A=\"q,C=1\"", &[("A", "\"q"), ("C", "1\"")]),
            ("=x", &[("", "x")]),
            ("_a=1,B_2=3", &[("_a", "1"), ("B_2", "3")]),
            ("A=1\n,B=2", &[("A", "1"), ("B", "2")]),
            ("A=1,A=2", &[("A", "1"), ("A", "2")]),
            ("\u{a0}A=1\u{a0}", &[("A", "1")]),
        ];
        for (list, pairs) in cases {
            assert_eq!(read(list, OLD), *pairs, "{list:?}");
            assert_eq!(read(list, NEW), *pairs, "{list:?}");
        }
    }

    #[test]
    fn a_value_with_an_equals_sign_is_dropped_by_old_injectors_and_kept_by_new_ones() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("A=x=y", &[("A", "x=y")]),
            ("A=1;B=2", &[("A", "1;B=2")]),
            ("A=1,b-c=2", &[("A", "1,b-c=2")]),
            ("A=1,2X=3", &[("A", "1,2X=3")]),
            ("A=1,\x0bB=2", &[("A", "1,\x0bB=2")]),
            (" A = 1 , B = 2", &[("A ", " 1 , B = 2")]),
        ];
        for (list, pairs) in cases {
            assert_eq!(read(list, Version::new(1, 16, 1)), [], "{list:?}");
            assert_eq!(read(list, Version::new(1, 16, 2)), *pairs, "{list:?}");
        }
    }

    #[test]
    fn a_secret_is_named_alone_or_with_its_key() {
        let key = |value| EnvEntry { name: "A", value }.secret_key().map(|found| (found.secret, found.key));
        assert_eq!(key("sec"), Some(("sec", "sec")));
        assert_eq!(key(" sec : key "), Some(("sec", "key")));
        assert_eq!(key("sec:"), Some(("sec", "")));
        assert_eq!(key("sec:key:x"), None);
        assert_eq!(key(""), Some(("", "")));
    }

    #[test]
    fn an_entry_is_appended_behind_what_is_there() {
        const ENTRY: &str = "GOMEMLIMIT=230MiB";
        for (list, whole) in [
            (None, ENTRY),
            (Some(""), ENTRY),
            (Some(" , \n"), ENTRY),
            (Some("A=1"), "A=1,GOMEMLIMIT=230MiB"),
            (Some("A=1,"), "A=1,GOMEMLIMIT=230MiB"),
            (Some("A=1 , ,\u{a0}"), "A=1,GOMEMLIMIT=230MiB"),
            (Some("A="), "A=,GOMEMLIMIT=230MiB"),
            (Some("A"), "A,GOMEMLIMIT=230MiB"),
        ] {
            assert_eq!(append(list, ENTRY), whole, "{list:?}");
        }
    }

    /// Texts made of what the grammar is made of.
    fn lists() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), "[A-Bb_1=, \t\u{a0}\x0b:\"-]{0,24}"]
    }

    proptest! {
        #[test]
        fn appending_keeps_every_entry_and_adds_one(list in lists()) {
            for version in [OLD, NEW] {
                let longer = append(Some(&list), "GOMEMLIMIT=230MiB");
                let mut expected = read(&list, version);
                let end = |c: char| c == ',' || c.is_whitespace();
                // Only the entry that ends where the list ends can have lost anything.
                if let Some((_, value)) = expected.last_mut().filter(|(_, value)| list.trim_end().ends_with(*value)) {
                    *value = value.trim_end_matches(end);
                }
                expected.push(("GOMEMLIMIT", "230MiB"));
                prop_assert_eq!(read(&longer, version), expected);
            }
        }

        #[test]
        fn appending_twice_is_appending_both(list in lists()) {
            let twice = append(Some(&append(Some(&list), "X=1")), "Y=2");
            let read = read(&twice, NEW);
            prop_assert_eq!(&read[read.len() - 2..], &[("X", "1"), ("Y", "2")]);
        }
    }
}
