//! Whatever the layout, documents are read as they are meant, places are where the values are, and edits touch nothing
//! else.

#[path = "support/layout.rs"]
mod layout;

use dapr_preflight::files::{TextEdit, apply, documents, text_edits};
use dapr_preflight::policy::Edit;
use layout::{Written, layouts, shapes, write};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

/// The value of a text that has one document.
fn value(text: &str) -> Value {
    let read: Vec<Value> = documents(text)
        .map(|document| document.unwrap_or_else(|error| panic!("{error}, at {}: {text:?}", error.at)).value().into())
        .collect();
    assert_eq!(read.len(), 1, "{text:?}");
    read.into_iter().next().unwrap()
}

/// What is put somewhere.
fn news() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("plain")),
        Just(json!("true")),
        Just(json!("8080")),
        Just(json!("it's: # odd, {x}")),
        Just(json!("two\nlines ä")),
        Just(json!("")),
        Just(json!(90)),
        Just(json!(false)),
        Just(json!({ "limits": { "cpu": "300m", "memory": "256Mi" } })),
        Just(json!([{ "maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "labels": { "a": "b" } }, [1, ["x"]]])),
        Just(json!({})),
        Just(json!([])),
    ]
}

/// As a JSON patch that makes missing parents.
fn patched(mut value: Value, at: &str, new: &Value) -> Value {
    for (end, _) in at.match_indices('/').skip(1) {
        if value.pointer(&at[..end]).is_none_or(Value::is_null) {
            let parent = if &at[end..] == "/-" { json!([]) } else { Value::Object(Map::new()) };
            patch(&mut value, &at[..end], &parent);
        }
    }
    patch(&mut value, at, new);
    value
}

fn patch(value: &mut Value, at: &str, new: &Value) {
    // Adding at an index that is there would insert.
    if let Some(there) = value.pointer_mut(at) {
        *there = new.clone();
        return;
    }
    let operation = json!([{ "op": "add", "path": at, "value": new }]);
    let operation: json_patch::Patch = serde_json::from_value(operation).unwrap();
    json_patch::patch(value, &operation).unwrap();
}

/// Makes the edits, and checks that they only insert.
fn inserted(written: &Written, edits: &[Edit]) -> String {
    let document = documents(&written.text).next().unwrap().unwrap();
    let made = text_edits(&document, &written.text, edits)
        .unwrap_or_else(|error| panic!("{error}: {edits:?} in {:?}", written.text));
    let removes =
        |edit: &&TextEdit| !edit.range.is_empty() && !written.text[edit.range.clone()].trim_start().starts_with('~');
    assert_eq!(made.iter().find(removes), None, "{edits:?} in {:?}", written.text);
    apply(&written.text, made)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_is_read_whatever_its_layout(shape in shapes(), layout in layouts()) {
        let written = write(&shape, &layout);
        prop_assert_eq!(value(&written.text), written.value, "{:?}", written.text);
    }

    #[test]
    fn every_scalar_is_where_it_is_written(shape in shapes(), layout in layouts()) {
        let written = write(&shape, &layout);
        let document = documents(&written.text).next().unwrap().unwrap();
        for (pointer, scalar, key) in &written.scalars {
            let place = document.locate(pointer);
            prop_assert!(place.exact);
            prop_assert_eq!(&written.text[place.span], scalar, "{} in {:?}", pointer, written.text);
            prop_assert_eq!(place.key.map(|key| &written.text[key]), key.as_deref());
        }
    }

    #[test]
    fn documents_behind_each_other_are_read_apart(shapes in prop::collection::vec((shapes(), layouts()), 1..4)) {
        let (mut text, mut values) = (String::new(), Vec::new());
        for (shape, layout) in &shapes {
            let written = write(shape, &layout::Layout { marker: true, bom: false, last_line_end: true, ..layout.clone() });
            text.push_str(&written.text);
            values.push(written.value);
        }
        let read: Vec<Value> = documents(&text).map(|document| document.unwrap().value().into()).collect();
        prop_assert_eq!(read, values);
    }

    #[test]
    fn an_entry_is_added_to_any_map(
        shape in shapes(), layout in layouts(), map in any::<Index>(), new in news(), missing in "(/new){0,2}",
    ) {
        let written = write(&shape, &layout);
        let at = format!("{}{missing}/dapr.io~1new", map.get(&written.maps));
        let after = inserted(&written, &[Edit::Add { at: at.clone(), value: new.clone() }]);
        prop_assert_eq!(value(&after), patched(written.value, &at, &new), "{:?} to {:?}", written.text, after);
    }

    #[test]
    fn an_element_is_appended_to_any_list(shape in shapes(), layout in layouts(), list in any::<Index>(), new in news()) {
        let written = write(&shape, &layout);
        if written.lists.is_empty() {
            return Ok(());
        }
        let at = format!("{}/-", list.get(&written.lists));
        let after = inserted(&written, &[Edit::Add { at: at.clone(), value: new.clone() }]);
        prop_assert_eq!(value(&after), patched(written.value, &at, &new), "{:?} to {:?}", written.text, after);
    }

    #[test]
    fn a_key_without_a_value_gets_one(shape in shapes(), layout in layouts(), new in news(), nested in "(/new){0,2}") {
        let written = write(&shape, &layout);
        let null = written.scalars.iter().find(|(at, ..)| written.value.pointer(at) == Some(&Value::Null));
        let Some((null, ..)) = null else {
            return Ok(());
        };
        let at = format!("{null}{nested}");
        let after = inserted(&written, &[Edit::Add { at: at.clone(), value: new.clone() }]);
        prop_assert_eq!(value(&after), patched(written.value, &at, &new), "{:?} to {:?}", written.text, after);
    }

    #[test]
    fn several_edits_at_once_are_all_made(shape in shapes(), layout in layouts(), maps in prop::collection::vec((any::<Index>(), news(), "[x-z]/[x-z]|[x-z]"), 1..5)) {
        let written = write(&shape, &layout);
        let mut expected = written.value.clone();
        let mut edits = Vec::new();
        for (map, new, name) in &maps {
            let at = format!("{}/new{name}", map.get(&written.maps));
            // An edit below what another one adds is no edit that rules make.
            let related = |edit: &Edit| edit.at().starts_with(&at) || at.starts_with(edit.at());
            if edits.iter().any(related) {
                continue;
            }
            expected = patched(expected, &at, new);
            edits.push(Edit::Add { at, value: new.clone() });
        }
        let after = inserted(&written, &edits);
        prop_assert_eq!(value(&after), expected, "{:?} to {:?}", written.text, after);
    }

    #[test]
    fn json_stays_json(shape in shapes(), pretty in any::<bool>(), map in any::<Index>(), new in news(), layout in layouts()) {
        let Written { value: json, maps, .. } = write(&shape, &layout);
        let text = if pretty { serde_json::to_string_pretty(&json).unwrap() } else { json.to_string() };
        prop_assert_eq!(&value(&text), &json);
        let at = format!("{}/dapr.io~1new", map.get(&maps));
        let document = documents(&text).next().unwrap().unwrap();
        let after = apply(&text, text_edits(&document, &text, &[Edit::Add { at: at.clone(), value: new.clone() }]).unwrap());
        let read: Value = serde_json::from_str(&after).unwrap_or_else(|error| panic!("{error}: {after:?}"));
        prop_assert_eq!(read, patched(json, &at, &new), "{:?}", text);
    }

    #[test]
    fn a_string_is_appended_to_and_a_scalar_replaced(
        shape in shapes(), layout in layouts(), which in any::<Index>(), more in prop_oneof![Just(",C=3"), Just("x'\"ä"), Just(": #")],
    ) {
        let written = write(&shape, &layout);
        if written.scalars.is_empty() {
            return Ok(());
        }
        let (at, scalar, _) = which.get(&written.scalars);
        let old = written.value.pointer(at).unwrap().clone();
        let edit = match &old {
            Value::String(text) => Edit::AppendEntry { at: at.clone(), list: format!("{}{more}", text.trim_end_matches([' ', ',', '\n'])) },
            _ => Edit::Replace { at: at.clone(), value: json!(scalar) },
        };
        let new = match &edit {
            Edit::AppendEntry { list, .. } => json!(list),
            _ => json!(scalar),
        };
        let document = documents(&written.text).next().unwrap().unwrap();
        let made = text_edits(&document, &written.text, &[edit]).unwrap_or_else(|error| panic!("{error}: {at} in {:?}", written.text));
        let place = document.locate(at);
        for edit in &made {
            let around = place.span.start.saturating_sub(1)..place.span.end + 2;
            prop_assert!(around.contains(&edit.range.start) && edit.range.end <= around.end, "{:?}", written.text);
        }
        let after = apply(&written.text, made);
        prop_assert_eq!(value(&after), patched(written.value, at, &new), "{:?} to {:?}", written.text, after);
    }

    #[test]
    fn no_text_panics(text in "[-a1:{}\\[\\], '\"#|>\n\r\t&*!?%@~.ä\u{feff}]{0,40}", at in "(/[a1-]){0,3}") {
        read_and_edit(&text, &at);
    }

    #[test]
    fn no_mutation_of_a_manifest_panics(
        manifest in prop::sample::select(manifests()), cuts in prop::collection::vec((any::<Index>(), 0_usize..30, "[-a:{}\\[\\] '\"#|>\n&*!]{0,3}"), 1..4),
    ) {
        let mut text = manifest;
        for (at, length, insert) in cuts {
            let chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len() + 1);
            let end = (at + length).min(chars.len());
            text = chars[..at].iter().chain(insert.chars().collect::<Vec<_>>().iter()).chain(&chars[end..]).collect();
        }
        read_and_edit(&text, "/metadata/annotations/dapr.io~1enabled");
    }
}

/// Whatever the text is: each document is read or refused, and edited or not.
fn read_and_edit(text: &str, at: &str) {
    for document in documents(text) {
        let Ok(document) = document else {
            continue;
        };
        let before = document.value();
        let _ = (document.value_as_written(), document.objects());
        let place = document.locate(at);
        assert!(text.get(place.span).is_some());
        for edit in [
            Edit::Add { at: at.to_owned(), value: json!("true") },
            Edit::Replace { at: at.to_owned(), value: json!("true") },
            Edit::AppendEntry { at: at.to_owned(), list: "A=1,B=2".to_owned() },
        ] {
            if let Ok(made) = text_edits(&document, text, &[edit]) {
                assert!(apply(text, made).len() + text.len() > 0);
            }
        }
        assert_eq!(document.value(), before);
    }
}

/// The manifests of this repository.
fn manifests() -> Vec<String> {
    let mut open: Vec<_> =
        ["tests/data", "tests/cluster", "deploy", "certs", "docs", "benches/data"].map(std::path::PathBuf::from).into();
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.ends_with("templates") {
            continue;
        }
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| ["yaml", "yml"].contains(&extension.to_str().unwrap())) {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
    // But for those that are broken on purpose.
    found.retain(|text| documents(text).all(|document| document.is_ok()));
    found.sort();
    found
}

#[test]
fn every_manifest_here_is_read_and_edited() {
    let manifests = manifests();
    assert!(manifests.len() > 5);
    let at = "/metadata/annotations/dapr.io~1new";
    for text in &manifests {
        // Some have a document that is broken on purpose.
        for document in documents(text).flatten() {
            let edit = Edit::Add { at: at.to_owned(), value: json!("true") };
            if document.value().get("kind").is_none() {
                continue;
            }
            let made = text_edits(&document, text, std::slice::from_ref(&edit))
                .unwrap_or_else(|error| panic!("{error}: {text}"));
            assert!(made.iter().all(|edit| edit.range.is_empty()));
            let after = apply(text, made);
            let again: Vec<Option<Value>> = documents(&after).map(|read| Some(read.ok()?.value().into())).collect();
            let expected = documents(text).map(|read| {
                let read = read.ok()?;
                Some(if read.offset() == document.offset() {
                    patched(read.value().into(), at, &json!("true"))
                } else {
                    read.value().into()
                })
            });
            assert_eq!(again, expected.collect::<Vec<_>>());
        }
    }
}
