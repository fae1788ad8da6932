use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::*;

fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T> {
    let mut reader = Reader::new(text);
    let value = T::deserialize(&mut reader)?;
    reader.end().map(|()| value)
}

/// Any JSON value, as compact text or with white space in it.
pub(super) fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        r#"["\\{}\[\],:a\n]*"#.prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".*", inner), 0..6).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    });
    (value, any::<bool>()).prop_map(|(value, pretty)| match pretty {
        true => serde_json::to_string_pretty(&value).unwrap(),
        false => value.to_string(),
    })
}

proptest! {
    #[test]
    fn every_document_reads_as_serde_json_reads_it(text in json()) {
        prop_assert_eq!(read::<Value>(&text).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    }

    #[test]
    fn a_document_that_is_cut_off_or_changed_reads_as_serde_json_reads_it(
        text in json(), at in any::<prop::sample::Index>(), byte in prop::option::of("[\"\\\\{}\\[\\],:0 a-]"),
    ) {
        let at = (0..=at.index(text.len() + 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let broken = match byte {
            None => text[..at].to_owned(),
            Some(byte) => format!("{}{byte}{}", &text[..at], &text[at..]),
        };
        prop_assert_eq!(read::<Value>(&broken).ok(), serde_json::from_str::<Value>(&broken).ok(), "{}", broken);
    }

    #[test]
    fn whatever_serde_json_skips_is_skipped_as_far(text in json(), rest in "[ ,}\\]]*") {
        let both = format!("{text}{rest}");
        let mut reader = Reader::new(&both);
        de::IgnoredAny::deserialize(&mut reader).unwrap();
        prop_assert_eq!(reader.at, text.len());
    }

    #[test]
    fn a_string_is_written_as_serde_json_writes_it(text in ".*|[a-z\"\\\\\n\u{7f}ä]*") {
        let mut written = Vec::new();
        quote(&mut written, &text);
        prop_assert_eq!(String::from_utf8(written).unwrap(), serde_json::to_string(&text).unwrap());
    }

    #[test]
    fn no_text_panics(text in ".*") {
        let _ = read::<Value>(&text);
        let _ = read::<de::IgnoredAny>(&text);
        let _ = read::<Option<String>>(&text);
    }
}

#[test]
fn a_value_nested_a_million_times_is_skipped_without_a_stack() {
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    assert!(read::<de::IgnoredAny>(&deep).is_ok());
    assert!(read::<de::IgnoredAny>(&deep[1..]).is_err());
}

#[test]
fn no_more_entries_are_read_than_any_object_has_and_any_number_is_skipped() {
    let list = |entries: u32| format!("[{}0]", "0,".repeat(entries as usize - 1));
    assert_eq!(read::<Vec<u8>>(&list(MOST_ITEMS)).unwrap().len(), MOST_ITEMS as usize);
    let error = read::<Vec<u8>>(&list(MOST_ITEMS + 1)).unwrap_err().to_string();
    assert!(error.contains("than any object has"), "{error}");
    assert!(read::<de::IgnoredAny>(&list(10 * MOST_ITEMS)).is_ok());
}

#[test]
fn what_is_left_out_is_passed_over_whatever_it_is() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Left(Option<u8>);
    for text in ["[7, 1]", "[{\"a\": [7]}, 1]"] {
        let mut reader = Reader::new(text).leaving_out(&["Left"]);
        assert!(<(Left, u8)>::deserialize(&mut reader).is_err(), "this type has no visitor for a unit");
        assert!(text[reader.at..].starts_with(", 1]"), "{}", &text[reader.at..]);
    }
    assert_eq!(read::<(Left, u8)>("[7, 1]").unwrap(), (Left(Some(7)), 1));
}

#[test]
fn a_string_without_escapes_is_borrowed() {
    assert_eq!(read::<&str>(r#" "a" "#).unwrap(), "a");
    assert_eq!(read::<String>(r#""\u00e4\n""#).unwrap(), "ä\n");
}

#[test]
fn an_error_says_what_was_expected_and_where() {
    for (text, message) in [
        ("{\"a\" 1}", "expected : at byte 5"),
        ("{\"a\":1,}", "trailing comma at byte 7"),
        ("{a:1}", "expected a key at byte 1"),
        ("[1 2]", "expected a comma or the end at byte 3"),
        ("\"a", "the string does not end at byte 0"),
        ("1 1", "expected the end at byte 2"),
        ("", "expected a value at byte 0"),
    ] {
        assert_eq!(read::<Value>(text).unwrap_err().to_string(), message, "{text}");
    }
}
