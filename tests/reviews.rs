//! Every AdmissionReview that a real API server sent, and the answer to it, as reviewed by a person.
//!
//! One snapshot for each file of `tests/data/admission-reviews/`. When an answer is meant to change:
//!
//! ```sh
//! INSTA_UPDATE=always cargo test --test reviews
//! ```
//!
//! then read `git diff tests/snapshots/`. A missing, a different and a left-over snapshot all fail.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use dapr_preflight::admission::{Endpoint, Outcome};
use dapr_preflight::policy::{Mode, Stage};
use serde::Serialize;
use serde_json::Value;
use support::engine;
use support::reviews::{AUDIT, ENFORCE, MUTATE, Reply, WARN, send};

/// What the mutating webhook answers.
#[derive(Serialize)]
struct Mutated {
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patch: Vec<String>,
    /// What is new or different in the pod.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pod_after: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Value::is_null")]
    audit_annotations: Value,
}

/// What the validating webhook answers in one mode.
#[derive(Serialize)]
struct Validated {
    outcome: Outcome,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Value::is_null")]
    audit_annotations: Value,
}

#[derive(Serialize)]
struct InEveryMode {
    enforce: Validated,
    warn: Validated,
    audit: Validated,
}

#[test]
fn every_captured_review_is_answered_as_a_person_approved_it() {
    let mut different = Vec::new();
    for name in captured() {
        let answer = answer(&name);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let compare = || settings.bind(|| insta::assert_snapshot!(name.as_str(), answer));
        if catch_unwind(AssertUnwindSafe(compare)).is_err() {
            different.push(name.clone());
        }
    }
    assert_eq!(different, [""; 0]);
}

#[test]
fn every_snapshot_belongs_to_a_captured_review() {
    let snapshots = stems(&root().join("tests/snapshots"), ".snap");
    assert_eq!(snapshots.difference(&captured()).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn under_a_ceiling_of_audit_or_warn_nothing_is_patched() {
    let mutations: Vec<_> = captured().into_iter().filter(|name| name.starts_with("mutate-")).collect();
    assert_ne!(mutations.len(), 0);
    for ceiling in [Mode::Audit, Mode::Warn] {
        for name in &mutations {
            let capped = send(&read(name), MUTATE, &engine().with_ceiling(ceiling)).unwrap();
            assert_eq!((capped.allowed(), capped.patch()), (true, None), "{name}");
            assert_ne!(capped.outcome, Outcome::Patched, "{name}");
        }
    }
}

fn answer(name: &str) -> String {
    let body = read(name);
    match name.starts_with("mutate-") {
        true => to_yaml(&mutated(&body)),
        false => to_yaml(&InEveryMode {
            enforce: validated(&body, ENFORCE),
            warn: validated(&body, WARN),
            audit: validated(&body, AUDIT),
        }),
    }
}

/// One line of the answer stays one line.
fn to_yaml(answer: &impl Serialize) -> String {
    serde_saphyr::to_string_with_options(answer, serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX }).unwrap()
}

fn mutated(body: &[u8]) -> Mutated {
    let reply = send(body, MUTATE, &engine()).unwrap();
    assert_only(&reply, &["uid", "allowed", "patch", "patchType", "auditAnnotations"]);
    assert!(reply.allowed());
    let review: Value = serde_json::from_slice(body).unwrap();
    let before = &review["request"]["object"];
    let patch = reply.patch().unwrap_or(Value::Array(Vec::new()));
    let mut pod_after = BTreeMap::new();
    differences("", before, &reply.patched(before), &mut pod_after);
    let line = |op: &Value| {
        assert_eq!(op.as_object().unwrap().len(), 3, "{op}");
        format!("{} {} {}", op["op"].as_str().unwrap(), op["path"].as_str().unwrap(), op["value"])
    };
    Mutated {
        outcome: reply.outcome,
        results: reply.rules,
        detail: reply.detail,
        patch: patch.as_array().unwrap().iter().map(line).collect(),
        pod_after,
        audit_annotations: reply.response["auditAnnotations"].clone(),
    }
}

fn validated(body: &[u8], endpoint: Endpoint) -> Validated {
    assert_eq!(endpoint.stage, Stage::Validate);
    let reply = send(body, endpoint, &engine()).unwrap();
    assert_only(&reply, &["uid", "allowed", "status", "warnings", "auditAnnotations"]);
    let status = &reply.response["status"];
    let cause = |cause: &Value| {
        let part = |key: &str| cause[key].as_str().unwrap().to_owned();
        format!("{} | {} | {}", part("reason"), part("field"), part("message"))
    };
    Validated {
        outcome: reply.outcome,
        allowed: reply.allowed(),
        message: status["message"].as_str().map(str::to_owned),
        causes: status["details"]["causes"].as_array().into_iter().flatten().map(cause).collect(),
        warnings: reply.warnings().into_iter().map(str::to_owned).collect(),
        audit_annotations: reply.response["auditAnnotations"].clone(),
        results: reply.rules,
        detail: reply.detail,
    }
}

/// The snapshots show everything that was answered: no field may come in unseen.
fn assert_only(reply: &Reply, known: &[&str]) {
    let fields = reply.response.as_object().unwrap();
    assert!(fields.keys().all(|key| known.contains(&key.as_str())), "{fields:?}");
}

/// What is different in `after`, by place.
fn differences(at: &str, before: &Value, after: &Value, found: &mut BTreeMap<String, Value>) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(old), Value::Object(new)) => {
            for key in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
                differences(&format!("{at}/{key}"), &before[key], &after[key], found);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                differences(&format!("{at}/{index}"), old, new, found);
            }
        }
        _ => drop(found.insert(at.to_owned(), after.clone())),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/data/admission-reviews").join(format!("{name}.json"))).unwrap()
}

fn captured() -> BTreeSet<String> {
    stems(&root().join("tests/data/admission-reviews"), ".json")
}

/// The names in a folder without their extension. One with another extension (`.snap.new`) is kept whole.
fn stems(folder: &Path, extension: &str) -> BTreeSet<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| name.strip_suffix(extension).map_or(name.clone(), str::to_owned)).collect()
}
