//! `dapr-preflight inject`, as a user runs it.

mod common;
mod support;

use std::io::Write as _;
use std::process::{Output, Stdio};

use common::preflight;
use dapr_preflight::dapr::Version;
use dapr_preflight::dapr::twin::{Outcome, Settings, inject};
use proptest::prelude::*;
use serde_json::Value;

const ORDER: &str = include_str!("data/inject/order.yaml");

fn run(arguments: &[&str], stdin: &str) -> Output {
    let mut child = preflight(&[&["inject"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What it printed, having ended well.
fn printed(arguments: &[&str], stdin: &str) -> String {
    let output = run(arguments, stdin);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What it complained of, having ended badly.
fn complained(arguments: &[&str], stdin: &str) -> String {
    let output = run(arguments, stdin);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(output.stdout, b"");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_deployment_is_printed_as_its_pods_will_be() {
    assert_eq!(printed(&["-"], ORDER), include_str!("data/inject/order.injected.yaml"));
}

#[test]
fn a_diff_shows_only_what_changes() {
    let diff = printed(&["--diff", "--dapr-version", "1.15.0", "-"], ORDER);
    let old = "--- deployment/order as it is sent\n+++ deployment/order after Dapr\n";
    assert!(diff.starts_with(old), "{diff}");
    assert!(
        diff.contains("+    dapr.io/env: GOMEMLIMIT=230MiB\n")
            && diff.contains("+    image: ghcr.io/dapr/daprd:1.15.0\n")
    );
    assert!(!diff.contains("replicas:"), "{diff}");
}

#[test]
fn only_an_enforcing_namespace_gets_our_edits() {
    let audit = printed(&["--mode", "audit", "-"], ORDER);
    assert!(audit.contains("name: daprd") && !audit.contains("GOMEMLIMIT"), "{audit}");
}

#[test]
fn every_object_of_a_file_and_of_a_list_is_there_with_its_reason() {
    let list = r#"{"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "plain"}, "spec": {}},
        {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "import"}, "spec": {"jobTemplate": {"spec":
          {"template": {"metadata": {"annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": "import"}},
           "spec": {"containers": [{"name": "daprd"}]}}}}}}]}"#;
    let expected = "---\n# pod/plain: Dapr injects nothing: dapr.io/enabled is not \"true\"\n\
                    ---\n# cronjob/import: Dapr injects nothing: spec.containers[0] is named daprd already\n";
    assert_eq!(printed(&["-"], list), expected);
}

#[test]
fn a_pod_that_dapr_refuses_is_said_and_fails() {
    let bad = ORDER.replace("dapr.io/app-id: order", "dapr.io/app-id: Order.1");
    let output = run(&["-"], &bad);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("---\n# deployment/order: Dapr refuses its pods: invalid app id (input: 'Order.1'"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    let unquoted = ORDER.replace("dapr.io/enabled: \"true\"", "dapr.io/enabled: true");
    let said = complained(&["-"], &unquoted);
    assert!(
        said.starts_with("error: standard input, document 1, deployment/order: the API server could not read this: "),
        "{said}"
    );
    assert!(said.contains("boolean `true`, expected a string"), "{said}");
    let said = complained(&["-"], "a: [1\nb: {");
    assert!(said.starts_with("error: standard input is not YAML: ") && said.contains("line 2"), "{said}");
    let said = complained(&["-"], "kind: Service\napiVersion: v1\n");
    assert!(said.starts_with("error: standard input has no pod and no workload"), "{said}");
    let said = complained(&["nowhere.yaml"], "");
    assert!(said.starts_with("error: cannot read nowhere.yaml: No such file"), "{said}");
    complained(&["-"], "apiVersion: v1\nkind: Pod\nmetadata: []\nspec: []\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_twin_never_panics_and_injects_only_once(pod in support::arbitrary::pods(), junk in support::arbitrary::json_values()) {
        for version in [Version::new(1, 15, 0), Version::new(1, 18, 2)] {
            if let Ok(Outcome::Injected(after)) = inject(&pod, version, &Settings::default()) {
                let again = inject(&after, version, &Settings::default()).unwrap();
                prop_assert!(version < Version::new(1, 18, 0) || matches!(again, Outcome::NotInjected(_)), "{again:?}");
            }
            let mut broken = pod.clone();
            for place in ["/metadata", "/spec", "/spec/containers", "/spec/containers/0", "/spec/volumes"] {
                if let Some(part) = broken.pointer_mut(place) {
                    *part = junk.clone();
                    let _: Result<Outcome, _> = inject(&broken, version, &Settings::default());
                }
            }
            let _: Result<Outcome, _> = inject(&Value::Null, version, &Settings::default());
        }
    }
}
