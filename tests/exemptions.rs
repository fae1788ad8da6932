//! What an exemption does to a review: for whom, for which rules, where and until when.

mod captured_reviews {
    use std::fs;

    pub fn captured(name: &str) -> Vec<u8> {
        fs::read(format!("tests/data/admission-reviews/{name}.json")).unwrap()
    }
}

use captured_reviews::captured;
use dapr_preflight::admission::{Endpoint, Outcome, review};
use dapr_preflight::policy::{Engine, Exemption, ExemptionSpec, Mode, Policies, Stage};
use dapr_preflight::rules;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The mutating review of a pod that needs all four quantities; it is `bare-dapr`, of a Deployment of that name.
const POD: &str = "mutate-create-pod-bare-dapr";

/// The rules that had an effect on a captured review under one exemption.
fn rules_of(name: &str, namespace: &str, exempt: Value, second: i64) -> (Outcome, Vec<&'static str>) {
    let mut spec = json!({ "reason": "r", "owner": "o", "expires": "1970-01-01T00:01:40Z" });
    spec.as_object_mut().unwrap().extend(exempt.as_object().unwrap().clone());
    let spec: ExemptionSpec = serde_json::from_value(spec).unwrap();
    let exemption = Exemption::new(&spec, rules::ALL).unwrap();
    let engine = Engine::new(rules::ALL, Policies::default())
        .with_exemptions([(namespace.to_owned(), exemption)].into_iter().collect());
    let stage = if name.starts_with("mutate") { Stage::Mutate } else { Stage::Validate };
    let endpoint = Endpoint { stage, mode: Mode::Enforce };
    let body = captured(name);
    let decision = review(&body, endpoint, &engine, Timestamp::from_second(second).unwrap()).unwrap().decision;
    (decision.outcome, decision.results.iter().map(|result| result.rule).collect())
}

fn namespace_of(name: &str) -> String {
    let review: Value = serde_json::from_slice(&captured(name)).unwrap();
    review["request"]["namespace"].as_str().unwrap().to_owned()
}

fn mends_resources(exempt: Value, second: i64) -> bool {
    rules_of(POD, &namespace_of(POD), exempt, second).1.contains(&"sidecar-resources")
}

#[test]
fn a_pod_is_covered_by_its_deployment_its_replica_set_or_its_app_id_and_by_nobody_elses() {
    let object =
        |kind: &str, name: &str| json!({ "rules": ["sidecar-resources"], "objects": [{ "kind": kind, "name": name }] });
    assert!(!mends_resources(object("Deployment", "bare-dapr"), 0));
    assert!(!mends_resources(object("ReplicaSet", "bare-dapr-*"), 0));
    assert!(!mends_resources(json!({ "rules": ["sidecar-resources"], "appIds": ["bare-*"] }), 0));
    assert!(mends_resources(object("StatefulSet", "bare-dapr"), 0));
    assert!(mends_resources(object("Deployment", "bare"), 0));
    assert!(mends_resources(object("Pod", "bare-dapr"), 0));
    assert!(mends_resources(json!({ "rules": ["sidecar-resources"], "appIds": ["other"] }), 0));
}

#[test]
fn only_the_rules_that_it_names_only_in_its_namespace_and_only_until_its_end() {
    let exempt = json!({ "rules": ["sidecar-resources"], "appIds": ["*"] });
    let (_, rules) = rules_of(POD, &namespace_of(POD), exempt.clone(), 99);
    assert_eq!(rules, ["topology-spread"], "without a limit there is no GOMEMLIMIT to set either");
    assert!(mends_resources(json!({ "rules": ["topology-spread"], "appIds": ["*"] }), 99));
    assert!(mends_resources(exempt.clone(), 100), "it has ended");
    let (_, elsewhere) = rules_of(POD, "another-namespace", exempt, 99);
    assert!(elsewhere.contains(&"sidecar-resources"));
}

#[test]
fn what_would_be_refused_is_accepted_under_an_exemption_of_every_rule_that_refuses_it() {
    let name = "validate-create-pod-invalid-values";
    let namespace = namespace_of(name);
    let everything: Vec<_> = rules::ALL.iter().map(|rule| rule.id).collect();
    let (outcome, _) = rules_of(name, &namespace, json!({ "rules": everything, "appIds": ["nobody"] }), 0);
    assert_eq!(outcome, Outcome::Denied);
    let pod = json!({ "rules": everything, "objects": [{ "kind": "Pod", "name": "*" }, { "kind": "Deployment", "name": "*" }] });
    assert_eq!(rules_of(name, &namespace, pod, 0), (Outcome::Allowed, Vec::new()));
}
