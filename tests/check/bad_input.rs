//! What cannot be read is said with its place, ends with 2, and keeps nothing else from being checked.

use super::{BARE, Folder, in_data, loud, run};

/// What is said of a text, which ends with 2 and has that in it.
fn unreadable(text: impl AsRef<[u8]>, expected: &[&str]) {
    let folder = Folder::new();
    folder.write("bad.yaml", text);
    folder.write("good.yaml", BARE);
    let said = folder.run(&["check", "--only", "sidecar-resources", "bad.yaml", "good.yaml"]);
    assert_eq!(said.code, 2, "{said:?}");
    for part in expected {
        assert!(said.stdout.contains(part), "no {part} in\n{}", said.stdout);
    }
    assert!(said.stdout.contains("--> good.yaml:"), "{}", said.stdout);
    assert!(said.stdout.contains(" 1 unreadable"), "{}", said.stdout);
}

#[test]
fn broken_yaml_is_shown_with_its_place() {
    unreadable("kind: Pod\na: [1\nb: {", &["error: not YAML", "--> bad.yaml:"]);
    unreadable("metadata:\n\tname: x\n", &["error: not YAML", "--> bad.yaml:2:", "indent with spaces"]);
    unreadable("kind: Pod\nkind: Pod\n", &["--> bad.yaml:2:1", "kind"]);
    unreadable("a: &a [*a]\n", &["--> bad.yaml:1:"]);
}

#[test]
fn a_template_is_to_be_rendered_first() {
    unreadable("kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n", &["helm template . | dapr-preflight check -"]);
}

#[test]
fn what_is_not_utf_8_is_shown_with_its_place() {
    unreadable(
        b"kind: Pod\nname: \xff\xfe\n",
        &["error: not UTF-8: the byte 0xff", "--> bad.yaml:2:7", "save it as UTF-8"],
    );
    unreadable(b"\xff\xfek\0i\0", &["the file is UTF-16: save it as UTF-8"]);
}

#[test]
fn a_field_of_another_type_is_shown_at_its_place() {
    let text = BARE.replace("containers: [{name: order, image: r/order:v1}]", "containers: {name: order}");
    unreadable(text, &["--> bad.yaml:11:7", "Deployment shop/order cannot be read", "kubectl explain deployment"]);
}

#[test]
fn an_exemption_that_cannot_be_used_is_shown_at_its_mistake() {
    let text = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightExemption\nmetadata: {name: x}\nspec:\n  \
                rules: [sidecar-resorces]\n  appIds: [a]\n  reason: r\n  owner: o\n  expires: 2099-01-01T00:00:00Z\n";
    unreadable(text, &["--> bad.yaml:5:11", "unknown rule \"sidecar-resorces\", did you mean \"sidecar-resources\"?"]);
    unreadable(text.replace("  reason: r\n", ""), &["missing field `reason`"]);
}

#[test]
fn an_unreadable_document_keeps_the_others_of_its_file_from_nothing() {
    let folder = Folder::with(&[("all.yaml", &format!("a: [\n---\n{BARE}---\nb: \"x\n"))]);
    let said = folder.run(&["check", "all.yaml", "--only", "topology-spread"]);
    assert_eq!(said.code, 2);
    assert!(said.stdout.contains("warn[topology-spread]") && said.stdout.contains("2 unreadable"), "{}", said.stdout);
}

#[test]
fn a_path_that_leads_nowhere_is_an_error_and_the_others_are_checked() {
    let folder = Folder::with(&[("order.yaml", BARE), ("empty/readme.txt", "")]);
    let said = folder.run(&["check", "nowhere.yaml", "empty", "order.yaml"]);
    assert_eq!(said.code, 2);
    for part in [
        "error: cannot be read: No such file",
        "--> nowhere.yaml",
        "there is no .yaml, .yml or .json file",
        "--> order.yaml:7:7",
    ] {
        assert!(said.stdout.contains(part), "no {part} in {}", said.stdout);
    }
}

#[test]
fn a_directory_is_read_as_git_sees_it() {
    let folder = Folder::with(&[
        (".gitignore", "left-out/\n"),
        ("left-out/a.yaml", &loud()),
        (".hidden/a.yaml", &loud()),
        ("deep/er/a.yml", BARE),
        ("b.json", r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b"}, "spec": {}}"#),
        ("c.txt", &loud()),
        ("compose.yaml", "services: {web: {image: \"{{ x }}\"}}\nbroken: ["),
    ]);
    let said = folder.run(&["check", "--only", "topology-spread"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("--> deep/er/a.yml:") && !said.stdout.contains("loud"), "{}", said.stdout);
    assert!(said.stdout.contains("3 files, 2 objects: 1 finding"), "{}", said.stdout);
    // Whoever names a file wants it read.
    assert_eq!(folder.run(&["check", "c.txt"]).code, 1);
    assert_eq!(folder.run(&["check", "compose.yaml"]).code, 2);
}

#[test]
fn an_empty_pipe_is_no_success() {
    for nothing in ["", "\n\n"] {
        let said = run(&Folder::new().path(""), &["check", "-"], nothing);
        assert_eq!(said.code, 2);
        assert!(said.stdout.contains("see whether the command before the pipe failed"), "{}", said.stdout);
        assert!(!said.stdout.contains("not evaluated"), "{}", said.stdout);
    }
}

#[test]
fn values_of_an_umbrella_chart_are_found_in_a_directory() {
    let umbrella = "redis: {}\ndapr:\n  dapr_sentry:\n    replica: 3\n";
    let folder = Folder::with(&[("a/values.yaml", umbrella), ("b/values.yaml", "global:\n  ha: {enabled: false}\n")]);
    let said = folder.run(&["check", ".", "--only", "helm-value-unknown,helm-high-availability", "--fail-on", "warn"]);
    assert_eq!(said.code, 1, "{}", said.stdout);
    // An unknown key is shown itself, whatever its value is.
    for part in ["--> a/values.yaml:4:5", "4 |     replica: 3\n  |     ^^^^^^^\n", "--> b/values.yaml:2:"] {
        assert!(said.stdout.contains(part), "no {part} in {}", said.stdout);
    }
}

#[test]
fn a_value_that_is_no_string_is_quoted_as_it_was_written() {
    let text =
        loud().replace("dapr.io/app-id: order", "dapr.io/app-id: order\n        shop/version: 1.10 # as released");
    let folder = Folder::with(&[("order.yaml", &text)]);
    let said = folder.run(&["check", "order.yaml"]);
    for part in ["deny[value-not-a-string]: YAML reads this as the number 1.1", "deny[annotation-refused]"] {
        assert!(said.stdout.contains(part), "no {part} in {}", said.stdout);
    }
    folder.run(&["fix", "--write", "--suggested", "--only", "value-not-a-string", "order.yaml"]);
    assert_eq!(folder.read("order.yaml"), text.replace("1.10 #", "\"1.10\" #"));
}

#[test]
fn a_pipe_a_list_and_a_review_are_read() {
    let folder = Folder::new();
    let said = run(&folder.path(""), &["check", "-"], &loud());
    assert_eq!(said.code, 1);
    assert!(said.stdout.contains("--> <stdin>:10:28"), "{}", said.stdout);

    let item = loud().replace('\n', "\n  ");
    let said = run(&folder.path(""), &["check", "-"], &format!("apiVersion: v1\nkind: List\nitems:\n- {item}"));
    assert_eq!(said.code, 1);
    assert!(said.stdout.contains("--> <stdin>:13:30"), "{}", said.stdout);

    let said = in_data(&["check", "admission-reviews/validate-create-pod-invalid-values.json"]);
    assert_eq!(said.code, 1);
    assert!(said.stdout.contains("\"thrift\" is not accepted"), "{}", said.stdout);
}

#[test]
fn values_that_are_no_strings_do_not_hide_what_else_is_wrong() {
    let text = loud().replace("\"true\"", "true");
    let folder = Folder::with(&[("order.yaml", &text)]);
    let said = folder.run(&["check", "order.yaml"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stdout.contains("\"loud\" is not accepted"), "{}", said.stdout);
}

#[test]
fn line_ends_byte_order_marks_and_long_lines_do_not_move_the_caret() {
    for text in [loud().replace('\n', "\r\n"), format!("\u{feff}{}", loud())] {
        let folder = Folder::with(&[("order.yaml", &text)]);
        let said = folder.run(&["check", "order.yaml", "--only", "annotation-refused"]).stdout;
        assert!(said.contains("--> order.yaml:10:28\n"), "{said}");
        assert!(
            said.contains("10 |         dapr.io/log-level: loud\n   |                            ^^^^\n"),
            "{said}"
        );
    }
    let json = format!(
        r#"{{"x": "{}", "apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "a", "annotations":
        {{"dapr.io/enabled": "true", "dapr.io/app-id": "a", "x": "{}", "dapr.io/log-level": "loud"}}}}, "spec": {{}}}}"#,
        "ä".repeat(5000),
        "ö".repeat(500_000)
    );
    let folder = Folder::with(&[("pod.json", &json)]);
    let said = folder.run(&["check", "pod.json", "--only", "annotation-refused"]).stdout;
    assert!(said.contains("\"dapr.io/log-level\": \"loud\"") && said.len() < 4000, "{said}");
    assert!(said.contains("--> pod.json:2:500090\n"), "{said}");
}

#[test]
fn a_policy_that_cannot_be_used_is_shown_at_its_mistake() {
    let policy = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {name: shop}\nspec:\n  \
                  rules: {topology-sprad: off}\n";
    let hint = "unknown rule \"topology-sprad\", did you mean \"topology-spread\"?";
    unreadable(policy, &["--> bad.yaml:5:11\n", "          ^^^^^^^^^^^^^^\n", hint]);
    unreadable(format!("# first\n---\n{policy}"), &["--> bad.yaml:7:11\n", hint]);
}
