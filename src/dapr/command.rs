//! What rules want to know of a command line or a probe, read without keeping it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};

use super::text::Text;

/// Which of daprd's health endpoints something asks (`pkg/api/http/health.go`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Neither.
    #[default]
    NotAsked,
    /// `/v1.0/healthz/outbound`: healthy as soon as daprd can call others.
    Outbound,
    /// `/v1.0/healthz`: healthy only once the app listens on its port, too.
    Whole,
}

/// A list of words that a container runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Which of daprd's health endpoints it asks, as far as its words show.
    pub health: Health,
    /// The seconds that it sleeps, rounded up, where it plainly does: `sleep 15`, also inside a shell's line.
    pub sleeps: u32,
}

const HEALTHZ: &str = "/v1.0/healthz";

impl Health {
    /// What a path, a URL or a line of a shell asks.
    #[must_use]
    pub fn asked_by(text: &str) -> Self {
        let asked = |rest: &str| if rest.starts_with("/outbound") { Self::Outbound } else { Self::Whole };
        text.match_indices(HEALTHZ).map(|(at, _)| asked(&text[at + HEALTHZ.len()..])).max().unwrap_or_default()
    }
}

/// The seconds of `sleep`'s argument: `15`, `0.5`, `2m`.
fn seconds(text: &str) -> u32 {
    let text = text.trim_matches(['"', '\'', ';']);
    let (number, unit) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60.0),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    let decimal = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = if decimal { number.parse::<f64>().unwrap_or_default() } else { 0.0 };
    // A cast from a float saturates.
    (number * unit).ceil() as u32
}

/// The sum of every `sleep N` in a line of a shell.
fn sleeps(line: &str) -> u32 {
    let mut words = line.split_whitespace();
    let mut sum = 0_u32;
    while let Some(word) = words.next() {
        if is_sleep(word) {
            sum = sum.saturating_add(words.next().map_or(0, seconds));
        }
    }
    sum
}

fn is_sleep(word: &str) -> bool {
    word == "sleep" || word.ends_with("/sleep")
}

impl<'de> Deserialize<'de> for Health {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(|text| Self::asked_by(&text))
    }
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CommandVisitor)
    }
}

struct CommandVisitor;

impl<'de> Visitor<'de> for CommandVisitor {
    type Value = Command;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Command, A::Error> {
        let mut command = Command::default();
        let mut after_sleep = false;
        while let Some(word) = list.next_element::<Text<'de>>()? {
            command.health = command.health.max(Health::asked_by(&word));
            let here = if after_sleep { seconds(&word) } else { sleeps(&word) };
            command.sleeps = command.sleeps.saturating_add(here);
            after_sleep = is_sleep(&word);
        }
        Ok(command)
    }

    fn visit_unit<E: Error>(self) -> Result<Command, E> {
        Ok(Command::default())
    }
}

/// Whether a list has any entry; the entries are skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Any(pub bool);

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = Any;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Any, A::Error> {
                let mut any = false;
                while list.next_element::<IgnoredAny>()?.is_some() {
                    any = true;
                }
                Ok(Any(any))
            }

            fn visit_unit<E: Error>(self) -> Result<Any, E> {
                Ok(Any(false))
            }
        }

        deserializer.deserialize_any(AnyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(json: &str) -> Command {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_graver_of_two_questions_counts() {
        for (text, asked) in [
            ("/v1.0/healthz", Health::Whole),
            ("curl localhost:3500/v1.0/healthz; curl localhost:3500/v1.0/healthz/outbound", Health::Whole),
            ("http://localhost:3500/v1.0/healthz/outbound", Health::Outbound),
            ("/healthz", Health::NotAsked),
        ] {
            assert_eq!(Health::asked_by(text), asked, "{text}");
        }
    }

    #[test]
    fn a_command_sleeps_as_long_as_its_words_say() {
        for (json, seconds) in [
            (r#"["sleep", "15"]"#, 15),
            (r#"["/bin/sleep", "1.5"]"#, 2),
            (r#"["sh", "-c", "sleep 5 && curl x; sleep 2m;"]"#, 125),
            (r#"["sleep", "infinity"]"#, 0),
            (r#"["sleep"]"#, 0),
            ("[]", 0),
            ("null", 0),
        ] {
            assert_eq!(command(json).sleeps, seconds, "{json}");
        }
    }

    #[test]
    fn a_list_is_known_by_whether_it_has_an_entry() {
        for (json, any) in [("null", false), ("[]", false), ("[{}, 1]", true)] {
            assert_eq!(serde_json::from_str::<Any>(json).unwrap(), Any(any), "{json}");
        }
    }
}
