//! `check` and the webhook find the same in the same pod: every review that a real API server sent, both ways.

use std::collections::BTreeSet;
use std::fs;

use dapr_preflight::admission::{Endpoint, Outcome};
use dapr_preflight::check::{Check, Input};
use dapr_preflight::policy::{Check as Looks, Mode, Stage};
use dapr_preflight::report::Severity;
use dapr_preflight::rules::ALL;
use jiff::Timestamp;
use serde_json::Value;

use super::support::engine;
use super::support::reviews::send;

/// The rules on pods, which both doors can see.
fn on_pods(id: &str) -> bool {
    ALL.iter().any(|rule| rule.id == id && matches!(rule.check, Looks::Pod(_)))
}

/// What `check` says of a review, as `rule:severity`.
fn checked(text: &str, mode: Mode) -> Vec<String> {
    let check = Check {
        engine: engine(),
        known: ALL,
        mode: Some(mode),
        fail_on: Severity::Deny,
        now: Timestamp::UNIX_EPOCH,
        changes: false,
        progress: false,
    };
    let report = check.run(&[Input::text("review.json", text)]);
    assert!(report.unreadable.is_empty(), "{:?}", report.unreadable);
    let found = report.found.iter().filter(|found| on_pods(found.rule.id));
    sorted(found.map(|found| format!("{}:{}", found.rule.id, found.severity.as_str())))
}

/// What the webhook says of it; `None` where it does not look.
fn reviewed(text: &str, mode: Mode) -> Option<Vec<String>> {
    let reply = send(text.as_bytes(), Endpoint { stage: Stage::Validate, mode }, &engine()).unwrap();
    assert_ne!(reply.outcome, Outcome::Unreadable, "{:?}", reply.detail);
    let results = reply.rules.iter().map(|result| result.split_once(':').unwrap()).filter(|(id, _)| on_pods(id));
    let severity = |effect| match effect {
        "denied" => "deny",
        "warned" => "warn",
        // A file is not mended yet, as the pod in a review was to be.
        "recorded" | "unapplied" => "note",
        other => panic!("{other}"),
    };
    let found = sorted(results.map(|(id, effect)| format!("{id}:{}", severity(effect))));
    (reply.outcome != Outcome::Skipped).then_some(found)
}

fn sorted(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<_> = all.collect();
    all.sort();
    all
}

#[test]
fn check_and_the_webhook_find_the_same_in_every_captured_review() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/admission-reviews");
    let mut compared = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let review: Value = serde_json::from_str(&text).unwrap();
        for mode in Mode::ALL {
            let Some(reviewed) = reviewed(&text, mode) else {
                // In a file, an update or a subresource is nothing special.
                let created = review["request"]["operation"] == "CREATE" && review["request"]["subResource"].is_null();
                let said = if created { checked(&text, mode) } else { Vec::new() };
                assert!(said.iter().all(|finding| finding.ends_with(":note")), "{said:?} in {}", path.display());
                continue;
            };
            assert_eq!(checked(&text, mode), reviewed, "{} in {mode:?}", path.display());
            compared.insert(path.clone());
        }
    }
    assert!(compared.len() > 20, "only {} were compared", compared.len());
}
