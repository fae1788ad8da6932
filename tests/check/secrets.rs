//! No form of a report shows a secret: neither in the lines of a file, nor in the words of a rule, nor in an edit.

use dapr_preflight::check::{Input, fix, hidden};
use dapr_preflight::report::{Format, Report, write};
use dapr_preflight::rules::ALL;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::layouts::{SLIPS, check, layouts};
use super::support::yaml;
use super::{Folder, run};

/// What the examples have for a secret.
const SECRET: &str = "hunter2";

const FORMATS: [Format; 6] =
    [Format::Human, Format::Json, Format::Sarif, Format::Junit, Format::Github, Format::Markdown];

/// Objects with a secret in each place that one is known to be in, and with faults beside it.
fn objects() -> Vec<Value> {
    let rules = ALL.iter().filter(|rule| rule.id.ends_with("-plain-secret"));
    let mut objects: Vec<Value> = rules.map(|rule| yaml(rule.bad)).collect();
    assert_eq!(objects.len(), 4);
    let pod = json!({ "metadata": { "annotations": {
        "dapr.io/enabled": "true",
        "dapr.io/app-id": "order",
        "dapr.io/log-level": "loud",
        "dapr.io/env": "GOMEMLIMIT=1G, B='hunter2', C=1,hunter2 x, D=2",
    } }, "spec": { "containers": [{ "name": "order", "env": [{ "name": "A", "value": "hunter2" }, { "name": "PIN", "value": 17 }] }] } });
    let metadata = json!({ "name": "order", "annotations": {
        "dapr.io/env": "MISPLACED=hunter2",
        "kubectl.kubernetes.io/last-applied-configuration": "{\"value\": \"hunter2\"}",
        "dapr.io/app-port": true,
    } });
    let mut bare = pod.clone();
    bare["metadata"]["annotations"]["dapr.io/env"] = json!("A hunter2,B=1");
    for pod in [pod, bare] {
        objects.push(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": pod["metadata"], "spec": pod["spec"] }));
        objects.push(
            json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": { "template": pod } }),
        );
    }
    let misplaced = json!({ "spec": { "containers": [{ "name": "order" }] } });
    objects.push(json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": { "template": misplaced } }));
    objects.push(json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s", "annotations": { "a": 1 } },
        "stringData": { "password": "hunter2" }, "data": { "token": "hunter2" } }));
    objects.push(json!({ "dapr_sentry": { "extraEnvVars": { "PASSWORD": "hunter2" }, "slip": 1 } }));
    for url in ["amqp://u:hunter2@h", "//u:hunter2@h", "ftp://u:hunter2@h"] {
        objects.push(json!({ "apiVersion": "dapr.io/v1alpha1", "kind": "HTTPEndpoint", "metadata": { "name": "e" },
            "spec": { "baseUrl": url.replacen("//u", if url.starts_with('/') { "ftp://u" } else { "//u" }, 1),
                "clientTLS": { "privateKey": { "value": "one\nhunter2\n" } } } }));
    }
    objects
}

/// Every form of a report, and the lines that a diff is made of.
fn shown(report: &Report, texts: &[&str]) -> Vec<String> {
    let forms = FORMATS.iter().map(|format| write(report, *format, true));
    forms.chain(texts.iter().map(|text| hidden(text).shown(text))).collect()
}

fn assert_hidden(text: &str, suggested: bool) {
    let check = check();
    let inputs = [Input::text("shop.yaml", text)];
    let before = check.run(&inputs);
    let fixed = fix(&check, &inputs, suggested);
    let after: Vec<&str> = fixed.files.iter().map(|file| &*file.after).collect();
    let all = [shown(&before, &[text]), shown(&fixed.report, &after)].concat();
    for shown in all {
        assert!(!shown.contains(SECRET), "{text}\n\n{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn a_secret_is_in_no_format_whatever_the_layout_of_the_file(layout in layouts(), suggested: bool) {
        for object in objects() {
            assert_hidden(&layout.write(&object), suggested);
            assert_hidden(&object.to_string(), suggested);
        }
        // The secret of one object beside the fault of another.
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects() });
        assert_hidden(&layout.write(&list), suggested);
    }

    #[test]
    fn a_secret_is_not_shown_where_a_file_cannot_be_read(
        layout in layouts(),
        slips in prop::collection::vec((0..40_usize, any::<bool>(), prop::sample::select(SLIPS)), 1..4),
    ) {
        for object in objects() {
            let mut text = layout.write(&object);
            // Before or behind the words of a line: inside of a key it would be another key.
            for (line, behind, slip) in &slips {
                let before: usize = text.split_inclusive('\n').take(*line).map(str::len).sum();
                let rest = text[before..].split('\n').next().unwrap_or_default();
                let words = if *behind { rest.trim_end().len() } else { rest.len() - rest.trim_start().len() };
                text.insert_str(before + words, slip);
            }
            // What else is found depends on what the slip has made of it.
            let read = check().run(&[Input::text("slip.yaml", &*text)]);
            let unreadable = Report { unreadable: read.unreadable, ..Report::default() };
            for shown in shown(&unreadable, &[]) {
                prop_assert!(!shown.contains(SECRET), "{text}\n\n{shown}");
            }
        }
    }
}

#[test]
fn a_rule_on_secrets_shows_the_line_and_the_column_and_a_mask() {
    let folder = Folder::with(&[("s.yaml", COMPONENT)]);
    let said = folder.run(&["check", "--only=component-plain-secret", "s.yaml"]);
    let expected = " --> s.yaml:8:12\n  |\n8 |     value: ***\n  |            ^^^\n";
    assert!(said.stdout.contains(expected), "{}", said.stdout);
}

#[test]
fn a_secret_behind_an_anchor_is_not_shown_either() {
    let text = COMPONENT.replace("name: statestore}", "name: statestore, x: &pw hunter2, labels: {a: 1}}");
    let text = text.replace("value: hunter2", "value: *pw");
    let said = run(std::path::Path::new("."), &["check", "-"], &text);
    assert!(said.stdout.contains("labels: {a: 1}") && !said.stdout.contains(SECRET), "{}", said.stdout);
}

#[test]
fn a_diff_shows_what_changes_and_no_secret_beside_it() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: order\n  annotations:\n    dapr.io/enabled: \"true\"\n    \
                dapr.io/app-id: order\n    dapr.io/env: PASSWORD=hunter2\nspec:\n  containers: []\n";
    let folder = Folder::with(&[("pod.yaml", text)]);
    let said = folder.run(&["fix", "--diff", "pod.yaml"]);
    assert!(said.stdout.contains("+    dapr.io/sidecar-memory-limit: 256Mi"), "{}", said.stdout);
    assert!(!format!("{said:?}").contains(SECRET), "{}", said.stdout);
    folder.run(&["fix", "--write", "pod.yaml"]);
    assert!(folder.read("pod.yaml").contains("dapr.io/env: PASSWORD=hunter2,GOMEMLIMIT=230MiB\n"));
}

#[test]
fn a_value_of_another_type_is_not_repeated() {
    let text = "{apiVersion: v1, kind: Pod, metadata: {name: order}, spec: {containers: [{name: a, env: hunter2}]}}";
    let said = run(std::path::Path::new("."), &["check", "--format=github", "-"], text);
    assert!(said.stdout.contains("invalid type: string, expected a sequence"), "{}", said.stdout);
}

#[test]
fn a_line_that_no_parser_understands_is_shown_without_what_may_be_a_secret() {
    for (line, shown) in [
        ("password: hunter2: x", "password: ***"),
        ("  - {name: a, value: hunter2, b: [}", "  - {name: a, value: ***"),
        ("host: amqp://u:hunter2@h: x", "host: amqp://u:***"),
        ("replicas: 3: 4", "replicas: 3: 4"),
        ("MIIEvQIBADANBgkqhkiG9w0BAQEFAAhunter2", "***"),
    ] {
        let said = run(std::path::Path::new("."), &["check", "-"], &format!("apiVersion: v1\n{line}\n"));
        assert_eq!(said.code, 2, "{line}");
        assert!(said.stdout.contains(&format!("2 | {shown}\n")), "{line}\n{}", said.stdout);
    }
}

/// A Component with a password in plain text.
const COMPONENT: &str = "\
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: statestore}
spec:
  type: state.redis
  metadata:
  - name: redisPassword
    value: hunter2
";
