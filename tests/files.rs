//! Documents with places, and edits in place: examples.

use dapr_preflight::files::{self, Document, Unreadable, apply, documents, text_edits};
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
    assert!(!slice("/nothing/here").2);
}

#[test]
fn a_value_that_becomes_the_string_of_itself_keeps_what_its_author_wrote() {
    for (written, reads, quoted) in
        [("1.10", "1.1", "1.10"), ("off", "false", "off"), ("0x1F", "31", "0x1F"), ("8080", "8080", "8080")]
    {
        let replace = |value: &str| Edit::Replace { at: "/a".to_owned(), value: json!(value) };
        assert_eq!(edited(&format!("a: {written} # b\n"), &[replace(reads)]), format!("a: \"{quoted}\" # b\n"));
        assert_eq!(edited(&format!("a: {written}\n"), &[replace("7")]), "a: \"7\"\n");
    }
}

#[test]
fn after_a_broken_document_the_next_is_read() {
    let text = "a: 1\n---\nb: {{ .Values.b }}\n---\nc: \"x\n---\nd: 4\n";
    let read: Vec<Result<Value, usize>> =
        documents(text).map(|document| document.map(|d| d.value().into()).map_err(|error| error.at)).collect();
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
        ("a: |\n  x", vec![add("/b", json!(1))], "a: |\n  x\nb: 1"),
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
        ("e: \"A=1,\\n\"\n", "e: \"A=1,B=2\"\n"),
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
    assert_eq!(edited("a: 1\n", &edit), "a: \"true\"\n");
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

#[test]
fn what_kubernetes_wants_as_strings_is_there_as_written() {
    let text = "metadata: {annotations: {a: true, b: 010, c: ~}, labels: {d: 1.50}}\n\
        spec:\n  containers:\n  - env: [{name: E, value: 8080}, {name: F, value: yes}]\n    ports: [{containerPort: 8080}]\n";
    let document = one(text);
    assert_eq!(Value::from(&document.value()["metadata"]["annotations"]), json!({ "a": true, "b": 8, "c": null }));
    let written = Value::from(document.value_as_written());
    assert_eq!(written["metadata"]["annotations"], json!({ "a": "true", "b": "010", "c": null }));
    assert_eq!(written["metadata"]["labels"], json!({ "d": "1.50" }));
    let container = &written["spec"]["containers"][0];
    assert_eq!(container["env"], json!([{ "name": "E", "value": "8080" }, { "name": "F", "value": "yes" }]));
    assert_eq!(container["ports"], json!([{ "containerPort": 8080 }]));
}

#[test]
fn objects_are_found_in_lists_and_reviews() {
    let pointers = |text: &str| one(text).objects().into_iter().map(|(at, _)| at).collect::<Vec<_>>();
    assert_eq!(pointers("kind: Pod\n"), [""]);
    let lists = "kind: List\nitems:\n- kind: Pod\n- kind: PodList\n  items: [{kind: Pod}]\n- {kind: List, items: }\n";
    assert_eq!(pointers(lists), ["/items/0", "/items/1/items/0", "/items/2"]);
    assert_eq!(
        pointers("{\"kind\":\"AdmissionReview\",\"request\":{\"object\":{\"kind\":\"Pod\"}}}"),
        ["/request/object"]
    );
    assert_eq!(pointers("replicas: 1\n"), [""]);
}

#[test]
fn what_cannot_be_read_says_where_and_what_to_write() {
    for (text, at, advice) in [
        ("a: 1\nb: 2\na: 3\n", 10, "remove one"),
        ("a:\n\tb: 1\n", 4, "spaces"),
        ("a: b\n---x\nc: 1\n", 8, "only a comment"),
        ("a: 1\n...\nb: 2\n", 9, "with a line `---`"),
        ("a: {{ .Values.a }}\n", 4, "helm template"),
        ("{{- if .Values.a }}\na: 1\n{{- end }}\n", 2, "helm template"),
        ("a: .inf\n", 3, "quotes"),
        ("? [a]\n: b\n", 2, "string as the key"),
        ("a: {<<: 1}\n", 8, "name maps"),
        ("a: &a [*a]\n", 7, "write the value out"),
        ("a: \"\\/\"\n", 4, "the character itself"),
        ("{\"a\": 1} x\n", 9, "remove it"),
    ] {
        let error = refused(text);
        assert!(error.advice.contains(advice), "{text:?}: {error}");
        assert_eq!(error.at, at, "{text:?}: {error}");
    }
    assert_eq!(files::text(b"a: \xff").unwrap_err().at, 3);
    assert!(files::text(&[0xff, 0xfe, b'a', 0]).unwrap_err().problem.contains("UTF-16"));
}

#[test]
fn a_bomb_of_aliases_is_refused_at_once() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let alias = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", [&*alias; 10].join(", "));
    }
    assert!(refused(&text).problem.contains("enormous"));
    let mut deep = "a0: &a0 [x]\n".to_owned();
    for level in 1..10_000 {
        deep += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    assert!(refused(&deep).problem.contains("enormous"));
}

#[test]
fn nesting_has_a_bound_and_needs_no_stack() {
    let depth = 100_000;
    for text in [
        "[".repeat(depth),
        "[".repeat(depth) + &"]".repeat(depth),
        "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth),
        "- ".repeat(depth),
        (0..3_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect(),
    ] {
        refused(&text);
    }
    let bearable = "- ".repeat(150) + "{a: ".repeat(40).as_str() + "1" + &"}".repeat(40);
    assert!(one(&bearable).value().is_array());
}

#[test]
fn json_documents_stand_behind_each_other() {
    let text = "\u{feff}{\"a\":\t\"\\/\\ud83d\\ude00\"}{\"b\": 1.0}\n{\"c\": 1e3}\n---\nd: 1.0\n";
    let values: Vec<Value> = documents(text).map(|document| document.unwrap().value().into()).collect();
    assert_eq!(values, [json!({ "a": "/😀" }), json!({ "b": 1.0 }), json!({ "c": 1e3 }), json!({ "d": 1 })]);
}

#[test]
fn anchors_aliases_and_merge_keys_are_written_out() {
    let text = "p: &x {a: 1, b: 2}\nq: *x\nr:\n  <<: [*x, {c: 3, a: 4}]\n  b: 5\n";
    let document = one(text);
    assert_eq!(Value::from(&document.value()["q"]), json!({ "a": 1, "b": 2 }));
    assert_eq!(Value::from(&document.value()["r"]), json!({ "a": 1, "b": 5, "c": 3 }));
    assert_eq!(&text[document.locate("/r/c").span], "3");
    assert_eq!(&text[document.locate("/r/a").span], "1");
    assert_eq!(&text[document.locate("/r/b").span], "5");
    assert_eq!(&text[document.locate("/q/b").span], "2");
}

#[test]
fn an_empty_document_is_empty() {
    for text in ["", "# a\n", "---\n", "~\n", "--- # a\n# b\n"] {
        assert!(documents(text).all(|document| document.unwrap().is_empty()), "{text:?}");
    }
    assert!(!one("a: 1").is_empty());
}

#[test]
fn what_stands_behind_a_json_document_is_not_drawn_into_it() {
    for text in ["                 {}\n      l \n\0\0\0  e", "{\n}---+   n"] {
        let document = documents(text).next().unwrap().unwrap();
        let edit = Edit::Add { at: "/metadata/labels/new".to_owned(), value: json!("a") };
        match text_edits(&document, text, &[edit]) {
            Ok(edits) => assert!(documents(&apply(text, edits)).next().unwrap().is_ok(), "{text}"),
            Err(error) => assert!(error.reason.contains("without changing something else"), "{error}"),
        }
    }
}
