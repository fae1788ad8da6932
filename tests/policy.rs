//! The policy document: what it may say, and what is answered where it is wrong.

use dapr_preflight::dapr::Version;
use dapr_preflight::policy::{
    Grace, Level, OwnedPods, Policies, Policy, PolicyError, Profile, Role, WhenUnsatisfiable,
};
use dapr_preflight::rules::ALL;

fn parse(spec: &str) -> Result<Policies, PolicyError> {
    let head = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata:\n  name: test\n";
    Policies::parse(&format!("{head}{spec}"), ALL)
}

fn policy(spec: &str) -> Policy {
    parse(spec).unwrap_or_else(|error| panic!("{error}")).for_namespace("any").clone()
}

#[test]
fn a_document_without_a_spec_is_the_built_in_policy_under_its_own_name() {
    for spec in ["", "spec: {}\n"] {
        assert_eq!(policy(spec), Policy { name: "test".to_owned(), ..Policy::default() });
    }
}

#[test]
fn a_document_can_say_everything_that_the_design_calls_policy() {
    let policy = policy(
        r#"
spec:
  namespaces: ["*"]
  dapr: {version: "1.15"}
  profile: dapr-docs
  ownedPods: deny
  rules:
    topology-spread: off
    app-id: warn
  sidecarResources:
    actor:
      requests: {cpu: 200m}
      limits: {memory: 2Gi}
  gomemlimit: {percent: 80}
  terminationGracePeriodSeconds:
    service: {minimum: 20, default: 40}
    actor: {default: 100}
    workflow: {minimum: 90}
  topologySpread:
    topologyKeys: [kubernetes.io/hostname, topology.kubernetes.io/zone]
    maxSkew: 2
    whenUnsatisfiable: DoNotSchedule
  roles:
    - {role: actor, appIds: ["*-actor", cart], labels: {tier: stateful}}
    - {role: workflow, configs: [workflow-config]}
"#,
    );
    assert_eq!(policy.dapr_version, Version::newest_of(1, 15));
    assert_eq!(policy.owned_pods, OwnedPods::Deny);
    assert_eq!(policy.levels["topology-spread"], Level::Off);
    assert_eq!(policy.levels["app-id"], Level::Warn);
    let docs = Profile::DaprDocs.resources();
    assert_eq!(policy.resources.service, docs.service);
    let actor = &policy.resources.actor;
    assert_eq!((&*actor.cpu_request.text, &*actor.memory_limit.text), ("200m", "2Gi"));
    assert_eq!((&actor.cpu_limit, &actor.memory_request), (&docs.actor.cpu_limit, &docs.actor.memory_request));
    assert_eq!(policy.gomemlimit_percent, 80);
    assert_eq!(policy.grace.service, Some(Grace { minimum: 20, default: 40 }));
    assert_eq!(policy.grace.actor, Some(Grace { minimum: 60, default: 100 }));
    assert_eq!(policy.grace.workflow, Some(Grace { minimum: 90, default: 120 }));
    assert_eq!(policy.spread.topology_keys, ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
    assert_eq!((policy.spread.max_skew, policy.spread.when_unsatisfiable), (2, WhenUnsatisfiable::DoNotSchedule));
    assert_eq!(policy.roles.len(), 2);
}

#[test]
fn a_role_is_matched_by_all_that_is_given_and_the_first_match_counts() {
    let policy = policy(
        r#"
spec:
  roles:
    - {role: actor, appIds: ["*-actor"], labels: {tier: stateful}}
    - {role: workflow, configs: ["flow-?"]}
"#,
    );
    let role = |pod: &str| policy.matched_role(&serde_json::from_str(pod).unwrap());
    let actor = r#"{"spec":{},"metadata":{"labels":{"tier":"stateful"},"annotations":{"dapr.io/app-id":"cart-actor","dapr.io/config":"flow-1"}}}"#;
    assert_eq!(role(actor), Some(Role::Actor));
    let no_label =
        r#"{"spec":{},"metadata":{"annotations":{"dapr.io/app-id":"cart-actor","dapr.io/config":"flow-1"}}}"#;
    assert_eq!(role(no_label), Some(Role::Workflow));
    let neither =
        r#"{"spec":{},"metadata":{"annotations":{"dapr.io/app-id":"cart-actor","dapr.io/config":"flow-10"}}}"#;
    assert_eq!(role(neither), None);
    assert_eq!(role(r#"{"spec":{}}"#), None);
}

#[test]
fn several_documents_in_one_file_share_the_namespaces_between_them() {
    let document = |name: &str, spec: &str| {
        format!(
            "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {{name: {name}}}\nspec: {spec}\n"
        )
    };
    let text = [document("a", "{namespaces: [shop]}"), document("b", "{namespaces: ['*']}")].join("---\n");
    let policies = Policies::parse(&text, ALL).unwrap();
    assert_eq!(policies.for_namespace("shop").name, "a");
    assert_eq!(policies.for_namespace("other").name, "b");
}

#[test]
fn a_mistake_is_named_with_its_line_its_column_and_what_is_accepted() {
    for (spec, error) in [
        ("spec:\n  ruls: {}\n", "6:3: unknown field \"ruls\", did you mean \"rules\"?"),
        ("spec:\n  rules: {app-di: off}\n", "6:11: unknown rule \"app-di\", did you mean \"app-id\"?"),
        (
            "spec:\n  rules: {app-id: of}\n",
            "6:19: unknown value \"of\", did you mean \"off\"? (accepted: \"deny\", \"warn\", \"off\")",
        ),
        ("spec:\n  profile: docs\n", "6:12: unknown value \"docs\" (accepted: \"reference\", \"dapr-docs\")"),
        ("spec:\n  gomemlimit: {percent: 101}\n", "6:25: 101 is no percentage from 1 to 99"),
        ("spec:\n  gomemlimit: {percent: 0}\n", "6:25: 0 is no percentage from 1 to 99"),
        ("spec:\n  sidecarResources: {actor: {limits: {cpu: lots}}}\n", "6:44: \"lots\" is no quantity above zero"),
        ("spec:\n  sidecarResources: {actor: {limits: {cpu: '0'}}}\n", "6:44: \"0\" is no quantity above zero"),
        ("spec:\n  sidecarResources: {actor: {limits: {cpu: 50m}}}\n", "6:44: the request 100m is above the limit 50m"),
        (
            "spec:\n  terminationGracePeriodSeconds: {actor: {minimum: 91}}\n",
            "6:42: minimum 91 and default 90: seconds",
        ),
        ("spec:\n  terminationGracePeriodSeconds: {actor: {minimum: -1}}\n", "6:42: minimum -1 and default 90"),
        ("spec:\n  topologySpread: {topologyKeys: []}\n", "6:34: topologyKeys needs at least one node label"),
        (
            "spec:\n  topologySpread: {topologyKeys: [zone, host, zone]}\n",
            "6:34: topologyKeys names \"zone\" twice, and the API server refuses pods for that",
        ),
        ("spec:\n  topologySpread: {maxSkew: 0}\n", "6:29: maxSkew must be from 1 to 2147483647"),
        ("spec:\n  topologySpread: {maxSkew: 2147483648}\n", "6:29: maxSkew must be from 1 to 2147483647"),
        ("spec:\n  roles: [{role: actor}]\n", "6:11: a role needs appIds, configs or labels"),
        ("spec:\n  roles: [{role: actr, appIds: [a]}]\n", "6:18: unknown value \"actr\", did you mean \"actor\"?"),
        ("spec:\n  dapr: {version: latest}\n", "6:19: "),
        ("spec: [\n", "5:7: expected fields below this one"),
    ] {
        let text = parse(spec).unwrap_err().to_string();
        assert!(text.starts_with(error), "{spec}\n{text}\n{error}");
    }
}

#[test]
fn another_kind_another_version_and_an_empty_file_are_refused() {
    for (text, error) in [
        (
            "apiVersion: v1\nkind: PreflightPolicy\nmetadata: {name: x}\n",
            "1:13: apiVersion is \"v1\", expected \"dapr-preflight.io/v1alpha1\"",
        ),
        (
            "apiVersion: dapr-preflight.io/v1alpha1\nkind: Policy\nmetadata: {name: x}\n",
            "2:7: kind is \"Policy\", expected \"PreflightPolicy\"",
        ),
        (
            "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {}\n",
            "3:11: the field \"name\" is missing",
        ),
        ("", "1:1: there is no PreflightPolicy"),
        ("# nothing\n", "1:1: there is no PreflightPolicy"),
    ] {
        let given = Policies::parse(text, ALL).unwrap_err().to_string();
        assert!(given.starts_with(error), "{text}\n{given}\n{error}");
    }
}

#[test]
fn the_same_document_as_json_is_accepted() {
    let text = r#"{"apiVersion":"dapr-preflight.io/v1alpha1","kind":"PreflightPolicy","metadata":{"name":"j","uid":"1"},"spec":{"rules":{"app-id":"off"}}}"#;
    assert_eq!(Policies::parse(text, ALL).unwrap().for_namespace("x").levels["app-id"], Level::Off);
}

#[test]
fn the_documented_policy_is_the_built_in_one() {
    let documented = Policies::parse(include_str!("../docs/policy.yaml"), ALL).unwrap();
    let built_in = Policy { names_dapr_version: true, ..Policy::default() };
    assert_eq!(documented.for_namespace("any"), &built_in);
}
