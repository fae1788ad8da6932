//! What holds for every request, however it was written.

mod support;

use std::collections::BTreeSet;

use dapr_preflight::admission::{Effect, Endpoint, Outcome, review};
use dapr_preflight::dapr::env;
use dapr_preflight::dapr::pod::Pod;
use dapr_preflight::policy::{Check, Engine, Fix, Judged, Level, Phase, PodSubject, patch};
use dapr_preflight::rules::ALL;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use support::arbitrary::{json_values, owned_pods, pods, policies, reviews, shuffled, weird};
use support::engine;
use support::reviews::{AUDIT, ENFORCE, MUTATE, Reply, WARN, create, request, send};

/// The uid of every request that tests make.
const UID: &str = "0b4f-1";

/// A failing case is printed, shrunk; it belongs into a test of its own, not into a file of seeds.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// What the rules find in a pod under the engine's policy.
fn judged<T>(pod: &Value, phase: Phase, engine: &Engine, look: impl FnOnce(Vec<Judged>) -> T) -> T {
    let text = pod.to_string();
    let view: Pod<'_> = serde_json::from_str(&text).unwrap();
    look(engine.judge(&PodSubject::pod(&view, phase, engine.policies().for_namespace("production"))))
}

/// Whatever was asked: an answer to this uid, and nothing that its endpoint may not say.
fn assert_lawful(reply: &Reply, uid: &str, endpoint: Endpoint) {
    assert_eq!(reply.response["uid"], json!(uid));
    assert!(reply.response["allowed"].is_boolean());
    if endpoint == MUTATE {
        assert!(reply.allowed() && reply.response["status"].is_null() && reply.warnings().is_empty());
    } else {
        assert!(reply.response["patch"].is_null() && reply.response["patchType"].is_null());
    }
    if endpoint == WARN || endpoint == AUDIT {
        assert!(reply.allowed());
    }
    if endpoint == AUDIT {
        assert_eq!(reply.warnings(), [""; 0]);
    }
    assert_eq!(reply.allowed(), reply.outcome != Outcome::Denied);
}

/// Whether everything in `before` is in `after`, as it was.
fn assert_kept(at: &str, before: &Value, after: &Value) {
    match (before, after) {
        (Value::Null, _) => {}
        _ if before == after => {}
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in old {
                assert_kept(
                    &format!("{at}/{key}"),
                    value,
                    new.get(key).unwrap_or_else(|| panic!("{at}/{key} is gone")),
                );
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            assert!(new.len() >= old.len(), "{at} became shorter");
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                assert_kept(&format!("{at}/{index}"), old, new);
            }
        }
        (Value::String(old), Value::String(new)) if at == "/metadata/annotations/dapr.io/env" => {
            let old = old.trim_end_matches(|c: char| c == ',' || c.is_whitespace());
            assert!(new.starts_with(old), "{old:?} became {new:?}");
            let version = "1.18.2".parse().unwrap();
            let (old, new): (Vec<_>, Vec<_>) =
                (env::entries(old, version).collect(), env::entries(new, version).collect());
            assert!(new.starts_with(&old), "{old:?} became {new:?}");
        }
        (Value::Number(old), _) if at == "/spec/terminationGracePeriodSeconds" && old.as_i64() == Some(30) => {}
        _ => panic!("{at}: {before} became {after}"),
    }
}

/// Properties prove nothing about what their generators never make.
#[test]
fn the_generators_reach_every_outcome_every_effect_and_every_rule() {
    let mut runner = TestRunner::deterministic();
    let (mut outcomes, mut results) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..1500 {
        let review = reviews().new_tree(&mut runner).unwrap().current();
        for endpoint in Endpoint::ALL {
            let reply = send(review.to_string().as_bytes(), endpoint, &engine()).unwrap();
            outcomes.insert(format!("{:?}", reply.outcome));
            results.extend(reply.rules);
        }
    }
    let part = |index| results.iter().map(|result| result.split(':').nth(index).unwrap()).collect::<BTreeSet<_>>();
    assert_eq!(outcomes, Outcome::ALL.iter().map(|outcome| format!("{outcome:?}")).collect());
    // Rules on whole objects have their examples sent in tests/resource_reviews.rs.
    let on_pods = ALL.iter().filter(|rule| matches!(rule.check, Check::Pod(_) | Check::StoredPod(_)));
    assert_eq!(part(0), on_pods.map(|rule| rule.id).collect());
    let effects: Vec<_> = Effect::ALL.iter().map(|effect| json!(effect)).collect();
    assert_eq!(part(1), effects.iter().map(|effect| effect.as_str().unwrap()).collect());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_get_an_answer_or_a_typed_error(bytes in any::<Vec<u8>>()) {
        for endpoint in Endpoint::ALL {
            if let Ok(answer) = review(&bytes, endpoint, &engine(), jiff::Timestamp::UNIX_EPOCH) {
                prop_assert!(serde_json::from_slice::<Value>(&answer.reply).is_ok());
            }
        }
    }

    #[test]
    fn a_review_with_any_byte_changed_gets_an_answer_or_a_typed_error(
        review in reviews(), seed in any::<u64>(), at in any::<Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = shuffled(&review, seed).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        for endpoint in Endpoint::ALL {
            if let Ok(reply) = send(&bytes, endpoint, &engine()) {
                let uid = reply.response["uid"].as_str().unwrap().to_owned();
                assert_lawful(&reply, &uid, endpoint);
            }
        }
    }

    #[test]
    fn any_json_with_a_uid_is_answered_to_that_uid_and_any_without_is_a_typed_error(
        value in json_values(), object in json_values(), uid in weird(), kind in 0..4_usize,
    ) {
        let mut around = value.clone();
        if around["request"].is_object() || around.is_object() && around.get("request").is_none() {
            around["request"]["uid"] = json!(uid);
        }
        let kind = ["Pod", "Deployment", "CronJob", "Service"][kind];
        let mut inside = request("CREATE", &json!({ "kind": kind }), &value);
        inside["request"]["uid"] = json!(uid);
        inside["request"]["object"] = object;
        for body in [value, around, inside] {
            let uid = body.get("request").and_then(|request| request.get("uid")).and_then(Value::as_str).unwrap_or_default();
            for endpoint in Endpoint::ALL {
                match send(body.to_string().as_bytes(), endpoint, &engine()) {
                    Ok(reply) => assert_lawful(&reply, uid, endpoint),
                    Err(_) => prop_assert_eq!(uid, ""),
                }
            }
        }
    }

    #[test]
    fn every_review_gets_an_answer_that_its_endpoint_may_give(
        review in reviews(), seed in any::<u64>(), policy in policies(),
    ) {
        let engine = policy.engine();
        for endpoint in Endpoint::ALL {
            let reply = send(shuffled(&review, seed).as_bytes(), endpoint, &engine).unwrap();
            assert_lawful(&reply, UID, endpoint);
            prop_assert_ne!(reply.outcome, if endpoint == MUTATE { Outcome::Warned } else { Outcome::Unreadable });
            let pod_created = review["request"]["kind"]["kind"] == "Pod" && review["request"]["operation"] == "CREATE";
            prop_assert!(pod_created || reply.patch().is_none());
        }
    }

    #[test]
    fn a_body_that_breaks_off_after_its_uid_is_allowed_unpatched_with_its_own_uid(
        review in reviews(), seed in any::<u64>(), at in any::<Index>(), garbage in any::<bool>(),
    ) {
        let whole = shuffled(&review, seed);
        let uid = format!("\"uid\":\"{UID}\"");
        let first = whole.find(&uid).unwrap() + uid.len();
        let whole = whole.into_bytes();
        let mut body = whole.clone();
        let at = first + at.index(body.len() - first);
        match garbage {
            // No JSON has this byte, inside of strings or between them.
            true => body.insert(at, 1),
            false => body.truncate(at),
        }
        for endpoint in Endpoint::ALL {
            let reply = send(&body, endpoint, &engine()).unwrap();
            assert_lawful(&reply, UID, endpoint);
            if reply.outcome == Outcome::Unreadable {
                prop_assert_eq!((reply.allowed(), reply.patch()), (true, None));
            } else {
                // It stood where nobody reads: the answer is that to the whole.
                prop_assert!(garbage);
                prop_assert_eq!(reply.response, send(&whole, endpoint, &engine()).unwrap().response);
            }
        }
    }

    #[test]
    fn a_patch_applies_keeps_what_was_written_and_leaves_nothing_to_patch(pod in pods(), policy in policies()) {
        let engine = policy.engine();
        let reply = create(&pod, MUTATE, &engine);
        prop_assert_eq!(reply.outcome == Outcome::Patched, reply.patch().is_some());
        let after = reply.patched(&pod);
        assert_kept("", &pod, &after);
        prop_assert_eq!(create(&after, MUTATE, &engine).patch(), None);
    }

    #[test]
    fn what_is_not_read_of_a_pod_to_be_mended_would_change_nothing(pod in pods(), policy in policies()) {
        let engine = policy.engine();
        let reply = create(&pod, MUTATE, &engine);
        prop_assume!(reply.outcome != Outcome::Skipped);
        let text = pod.to_string();
        let whole: Pod<'_> = serde_json::from_str(&text).unwrap();
        let subject = PodSubject::pod(&whole, Phase::Incoming, engine.policies().for_namespace("production"));
        let judged = engine.mend(&subject);
        let patch = patch(&subject, judged.iter().flat_map(|judged| &judged.finding.edits));
        let expected: Value = serde_json::from_slice(&patch).unwrap();
        prop_assert_eq!(reply.patch().unwrap_or(json!([])), expected);
    }

    #[test]
    fn a_patched_pod_has_no_finding_that_could_have_been_mended_safely(pod in pods(), policy in policies()) {
        let engine = policy.engine();
        let reply = create(&pod, MUTATE, &engine);
        prop_assume!(reply.outcome != Outcome::Skipped);
        let after = reply.patched(&pod);
        for phase in [Phase::Incoming, Phase::Final] {
            let left: Vec<_> = judged(&after, phase, &engine, |all| {
                all.into_iter().filter(|judged| judged.finding.fix == Fix::Safe).map(|judged| judged.finding).collect()
            });
            prop_assert_eq!(left, vec![]);
        }
        let enforced = create(&after, ENFORCE, &engine);
        prop_assert!(enforced.rules.iter().all(|result| !result.ends_with(":unapplied")), "{:?}", enforced.rules);
    }

    #[test]
    fn mending_a_pod_never_makes_it_refused(pod in pods(), policy in policies()) {
        let engine = policy.engine();
        let after = create(&pod, MUTATE, &engine).patched(&pod);
        let (before, after) = (create(&pod, ENFORCE, &engine), create(&after, ENFORCE, &engine));
        prop_assert!(after.allowed() || !before.allowed(), "{}", after.message());
    }

    #[test]
    fn the_order_of_keys_changes_nothing(review in reviews(), seeds in any::<(u64, u64)>(), policy in policies()) {
        let engine = policy.engine();
        for endpoint in Endpoint::ALL {
            let answers = [seeds.0, seeds.1].map(|seed| send(shuffled(&review, seed).as_bytes(), endpoint, &engine).unwrap());
            let [one, other] = answers.map(|reply| (reply.response, reply.outcome, reply.rules));
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn a_pod_that_a_controller_owns_is_refused_only_for_a_certain_finding(pod in owned_pods()) {
        let reply = create(&pod, ENFORCE, &engine());
        let certain = judged(&pod, Phase::Final, &engine(), |all| {
            all.iter().filter(|judged| judged.finding.certain && judged.level == Level::Deny).count()
        });
        let causes = reply.response["status"]["details"]["causes"].as_array().map_or(0, Vec::len);
        if reply.outcome == Outcome::Skipped {
            return Ok(());
        }
        prop_assert_eq!((reply.allowed(), causes), (certain == 0, certain), "{}", reply.message());
    }

    #[test]
    fn warnings_and_messages_are_printable_and_within_kubernetes_limits(review in reviews(), policy in policies()) {
        let engine = policy.engine();
        for endpoint in [ENFORCE, WARN, AUDIT] {
            let reply = send(review.to_string().as_bytes(), endpoint, &engine).unwrap();
            let warnings = reply.warnings();
            prop_assert!(warnings.iter().all(|line| !line.is_empty() && line.chars().count() <= 256), "{warnings:?}");
            prop_assert!(warnings.iter().map(|line| line.chars().count()).sum::<usize>() <= 4096);
            prop_assert!(!warnings.iter().any(|line| line.contains(char::is_control)), "{warnings:?}");
            prop_assert!(!reply.message().contains(|c: char| c.is_control() && c != '\n'), "{}", reply.message());
        }
    }
}
