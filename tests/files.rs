//! Documents with places, and edits in place: examples.

use dapr_preflight::files::{Document, Unreadable, apply, documents, text_edits};
use dapr_preflight::policy::Edit;
use serde_json::{Value, json};

fn one(text: &str) -> Document<'_> {
    let mut all = documents(text);
    all.next().unwrap().unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn refused(text: &str) -> Unreadable {
    documents(text).find_map(Result::err).unwrap_or_else(|| panic!("{text} is readable"))
}

fn add(at: &str, value: Value) -> Edit {
    Edit::Add { at: at.to_owned(), value }
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let document = one(text);
    apply(text, text_edits(&document, text, edits).unwrap_or_else(|error| panic!("{error} ({}): {text}", error.at)))
}

#[test]
fn a_place_is_the_value_with_its_key() {
    let text = "a:\n- b: |\n    x\n  \"c\": 'd' # e\nf:\n";
    let document = one(text);
    let slice = |pointer: &str| {
        let place = document.locate(pointer);
        (&text[place.span], place.key.map(|key| &text[key]), place.exact)
    };
    assert_eq!(slice("/a/0/b"), ("|\n    x", Some("b"), true));
    assert_eq!(slice("/a/0/c"), ("'d'", Some("\"c\""), true));
    assert_eq!(slice("/a/0/d"), ("b: |\n    x\n  \"c\": 'd'", None, false));
    assert_eq!(slice("/f"), ("", Some("f"), true));
    assert_eq!(slice("/nothing/here").2, false);
}

#[test]
fn after_a_broken_document_the_next_is_read() {
    let text = "a: 1\n---\nb: {{ .Values.b }}\n---\nc: \"x\n---\nd: 4\n";
    let read: Vec<Result<Value, usize>> =
        documents(text).map(|document| document.map(|d| d.value()).map_err(|error| error.at)).collect();
    assert_eq!(read[0], Ok(json!({ "a": 1 })));
    assert_eq!(read[3], Ok(json!({ "d": 4 })));
    assert!(read[1].is_err() && read[2].is_err());
    assert!(refused(text).advice.contains("helm template"), "{}", refused(text));
}

#[test]
fn what_is_added_looks_like_its_neighbours() {
    for (text, edits, after) in [
        (
            "metadata:\n  annotations:\n    a: 'true' # on\nspec: x\n",
            vec![add("/metadata/annotations/b", json!("true")), add("/metadata/labels/c", json!("d"))],
            "metadata:\n  annotations:\n    a: 'true' # on\n    b: 'true'\n  labels:\n    c: d\nspec: x\n",
        ),
        ("a: {}\n", vec![add("/a/b", json!("8080"))], "a: {b: \"8080\"}\n"),
        ("a: # c\nb: 1\n", vec![add("/a/b", json!("x"))], "a: # c\n  b: x\nb: 1\n"),
        ("a: ~\r\nb: 1\r\n", vec![add("/a/b", json!(1)), add("/a/c", json!(2))], "a:\r\n  b: 1\r\n  c: 2\r\nb: 1\r\n"),
        ("a:\n- b: 1", vec![add("/a/-", json!({ "b": 2, "c": [3] }))], "a:\n- b: 1\n- b: 2\n  c:\n  - 3"),
        (
            "a:\n    - b: 1\n",
            vec![add("/a/0/c/d", json!([1]))],
            "a:\n    - b: 1\n      c:\n        d:\n            - 1\n",
        ),
        ("{\"a\": {\"b\": 1}}", vec![add("/a/c", json!("x"))], "{\"a\": {\"b\": 1, \"c\": \"x\"}}"),
        (
            "{\n  \"a\": [\n    1\n  ]\n}\n",
            vec![add("/a/-", json!(2)), add("/b", json!({ "c": "d" }))],
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {\"c\": \"d\"}\n}\n",
        ),
        ("a: |\n  x", vec![add("/b", json!(1))], "b: 1\na: |\n  x"),
        ("a: |+\n  x\n\n", vec![add("/b", json!(1))], "a: |+\n  x\n\nb: 1\n"),
    ] {
        assert_eq!(edited(text, &edits), after, "{text}");
    }
}

#[test]
fn an_entry_is_appended_in_the_quotes_that_are_there() {
    for (text, after) in [
        ("e: A=1\n", "e: A=1,B=2\n"),
        ("e: 'A=1, ' # c\n", "e: 'A=1,B=2' # c\n"),
        ("e: \"A=1\"\n", "e: \"A=1,B=2\"\n"),
        ("e: |\n  A=1\nf: 1\n", "e: |-\n  A=1,B=2\nf: 1\n"),
        ("e: >-\n  A=1\n", "e: >-\n  A=1,B=2\n"),
        ("{e: A=1}\n", "{e: \"A=1,B=2\"}\n"),
    ] {
        let edit = Edit::AppendEntry { at: "/e".to_owned(), list: "A=1,B=2".to_owned() };
        assert_eq!(edited(text, &[edit]), after, "{text}");
    }
}

#[test]
fn a_bare_scalar_is_quoted_as_its_neighbours_are() {
    let edit = [Edit::Replace { at: "/a".to_owned(), value: json!("true") }];
    assert_eq!(edited("a: true # c\nb: 'x'\n", &edit), "a: 'true' # c\nb: 'x'\n");
    assert_eq!(edited("a: yes\n", &edit), "a: \"true\"\n");
}

#[test]
fn what_is_shared_is_not_edited() {
    for (text, at) in [
        ("x: &x {b: 1}\na: *x\n", "/a/c"),
        ("x: &x {b: 1}\na: *x\n", "/x/c"),
        ("x: &x {b: {c: 1}}\na: {<<: *x}\n", "/a/b/d"),
    ] {
        let document = one(text);
        assert!(text_edits(&document, text, &[add(at, json!(1))]).is_err(), "{text}");
    }
    assert_eq!(
        edited("x: &x {b: 1}\na:\n  <<: *x\n", &[add("/a/c", json!(1))]),
        "x: &x {b: 1}\na:\n  <<: *x\n  c: 1\n"
    );
}
