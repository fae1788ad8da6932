//! Dapr resources in the webhook: what may refuse one, and when it is judged.

mod support;

use dapr_preflight::admission::Outcome;
use dapr_preflight::policy::{Check, Engine, Exemption, ExemptionSpec, Exemptions, Mode, Policies};
use dapr_preflight::rules::ALL;
use serde_json::{Value, json};
use support::reviews::{AUDIT, ENFORCE, MUTATE, Reply, WARN, create, dapr_resource, request, send, update};
use support::{documents, engine};

/// daprd does not start with it.
fn certainly_bad() -> Value {
    dapr_resource("Configuration", json!({ "accessControl": { "policies": [{ "appId": "order" }] } }))
}

/// It has a secret in plain text, and works.
fn doubtful() -> Value {
    let metadata = json!([{ "name": "redisPassword", "value": "hunter2" }]);
    dapr_resource("Component", json!({ "type": "state.redis", "version": "v1", "metadata": metadata }))
}

fn good() -> Value {
    dapr_resource("Component", json!({ "type": "state.redis", "version": "v1", "metadata": [] }))
}

#[test]
fn what_ends_daprd_is_refused_and_what_is_doubtful_only_warned_about() {
    let refused = create(&certainly_bad(), ENFORCE, &engine());
    assert_eq!((refused.allowed(), refused.outcome), (false, Outcome::Denied));
    assert!(refused.message().contains("spec.accessControl.policies[0].namespace"), "{}", refused.message());
    let warned = create(&doubtful(), ENFORCE, &engine());
    assert_eq!((warned.allowed(), warned.outcome), (true, Outcome::Warned));
    assert_eq!(warned.rules, ["component-plain-secret:warned"]);
    assert_eq!(create(&good(), ENFORCE, &engine()).outcome, Outcome::Allowed);
}

#[test]
fn every_rule_on_a_dapr_resource_is_asked_and_each_finding_has_the_effect_of_its_mode() {
    let rules = ALL.iter().filter(|rule| matches!(rule.check, Check::Object(..)));
    let examples = rules.flat_map(|rule| documents(rule.bad).into_iter().map(|document| (rule.id, document)));
    let mut asked = 0;
    for (rule, object) in examples.filter(|(_, object)| object["apiVersion"].as_str().is_some_and(is_daprs)) {
        for (endpoint, effects) in [(ENFORCE, ["denied", "warned"]), (WARN, ["warned"; 2]), (AUDIT, ["recorded"; 2])] {
            let reply = create(&object, endpoint, &engine());
            let of_rule = reply.rules.iter().filter_map(|result| result.strip_prefix(&format!("{rule}:")));
            let of_rule: Vec<_> = of_rule.collect();
            assert!(!of_rule.is_empty(), "{rule}");
            assert!(of_rule.iter().all(|effect| effects.contains(effect)), "{rule}: {of_rule:?}");
            assert_eq!((reply.allowed(), reply.patch()), (reply.outcome != Outcome::Denied, None), "{rule}");
        }
        asked += 1;
    }
    assert!(asked > 25, "{asked}");
}

fn is_daprs(version: &str) -> bool {
    version.starts_with("dapr.io/")
}

#[test]
fn no_answer_repeats_a_secret() {
    for endpoint in [ENFORCE, WARN, AUDIT] {
        let reply = create(&doubtful(), endpoint, &engine());
        assert!(!reply.response.to_string().contains("hunter2"), "{}", reply.response);
    }
}

#[test]
fn a_guess_never_refuses_even_from_a_rule_that_denies() {
    let unknown = dapr_resource("Component", json!({ "type": "state.reddis", "version": "v1", "metadata": [] }));
    let reply = create(&unknown, ENFORCE, &engine());
    assert_eq!(reply.rules, ["component-type:warned"]);
    assert!(reply.warnings()[0].contains("did you mean state.redis?"), "{:?}", reply.warnings());
}

#[test]
fn a_policy_may_refuse_what_is_doubtful() {
    let policy = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {name: test}\n\
                  spec: {rules: {component-plain-secret: deny}}\n";
    let strict = Engine::new(ALL, Policies::parse(policy, ALL).unwrap());
    assert_eq!(create(&doubtful(), ENFORCE, &strict).outcome, Outcome::Denied);
}

#[test]
fn in_warn_and_audit_nothing_is_refused_and_a_ceiling_caps_enforce() {
    let warned = create(&certainly_bad(), WARN, &engine());
    assert_eq!((warned.allowed(), warned.outcome), (true, Outcome::Warned));
    let recorded = create(&certainly_bad(), AUDIT, &engine());
    assert_eq!((recorded.allowed(), recorded.outcome), (true, Outcome::Allowed));
    assert!(recorded.rules.contains(&"configuration-access-control:recorded".to_owned()));
    let capped = create(&certainly_bad(), ENFORCE, &engine().with_ceiling(Mode::Audit));
    assert_eq!((capped.allowed(), capped.outcome), (true, Outcome::Allowed));
}

#[test]
fn a_resource_is_never_mutated() {
    let reply = create(&certainly_bad(), MUTATE, &engine());
    assert_eq!((reply.allowed(), reply.outcome, reply.patch()), (true, Outcome::Skipped, None));
}

#[test]
fn it_is_judged_on_update_only_where_something_changed_that_rules_read() {
    let bad = certainly_bad();
    let changed = |field: &str, value: Value| {
        let mut object = bad.clone();
        object[field] = value;
        update(&bad, &object, ENFORCE, &engine()).outcome
    };
    assert_eq!(update(&bad, &bad, ENFORCE, &engine()).outcome, Outcome::Skipped);
    assert_eq!(changed("status", json!({ "seen": true })), Outcome::Skipped);
    assert_eq!(changed("metadata", json!({ "name": "store", "labels": { "a": "b" } })), Outcome::Skipped);
    assert_eq!(changed("scopes", json!(["order", "cart"])), Outcome::Denied);
    assert_eq!(changed("auth", json!({ "secretStore": "vault" })), Outcome::Denied);
    let mut was_good = bad.clone();
    was_good["spec"] = json!({});
    assert_eq!(update(&was_good, &bad, ENFORCE, &engine()).outcome, Outcome::Denied);
}

#[test]
fn one_that_waits_for_its_finalizers_is_never_refused() {
    let mut leaving = certainly_bad();
    leaving["metadata"]["deletionTimestamp"] = json!("2026-11-23T00:00:00Z");
    assert_eq!(update(&good(), &leaving, ENFORCE, &engine()).outcome, Outcome::Skipped);
}

#[test]
fn deletes_subresources_and_objects_that_are_not_there_are_skipped() {
    let outcome = |change: fn(&mut Value)| {
        let mut review = request("CREATE", &certainly_bad(), &Value::Null);
        change(&mut review["request"]);
        send(review.to_string().as_bytes(), ENFORCE, &engine()).unwrap().outcome
    };
    assert_eq!(outcome(|_| {}), Outcome::Denied);
    assert_eq!(outcome(|request| request["operation"] = json!("DELETE")), Outcome::Skipped);
    assert_eq!(outcome(|request| request["subResource"] = json!("status")), Outcome::Skipped);
    assert_eq!(outcome(|request| request["object"] = Value::Null), Outcome::Skipped);
    assert_eq!(outcome(|request| request["kind"]["group"] = json!("example.io")), Outcome::Skipped);
}

#[test]
fn one_that_cannot_be_read_is_allowed_and_counted() {
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    for object in [deep.as_str(), r#"{"metadata": {"name": 1}}"#] {
        let review = request("CREATE", &json!("OBJECT"), &Value::Null).to_string().replace("\"OBJECT\"", object);
        let review =
            review.replace(r#""kind":"Pod""#, r#""kind":"Component""#).replace(r#""group":"""#, r#""group":"dapr.io""#);
        let reply = send(review.as_bytes(), ENFORCE, &engine()).unwrap();
        assert_eq!((reply.allowed(), reply.outcome), (true, Outcome::Unreadable));
        assert!(reply.detail.is_some());
    }
}
#[test]
fn an_exemption_by_kind_and_name_covers_it() {
    let spec: ExemptionSpec = serde_json::from_value(json!({
        "rules": ["configuration-access-control"], "reason": "r", "owner": "o", "expires": "2027-01-01T00:00:00Z",
        "objects": [{ "kind": "Configuration", "name": "store" }],
    }))
    .unwrap();
    let exemption = ("production".to_owned(), Exemption::new(&spec, ALL).unwrap());
    let engine = engine().with_exemptions(Exemptions::from_iter([exemption]));
    let rules = |reply: Reply| reply.rules.iter().filter(|rule| rule.contains("access-control")).count();
    assert_eq!(rules(create(&certainly_bad(), ENFORCE, &engine)), 0);
    let mut other = certainly_bad();
    other["metadata"]["name"] = json!("other");
    assert_eq!(rules(create(&other, ENFORCE, &engine)), 2);
}
