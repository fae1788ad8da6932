//! The four mutations, in all their edge cases: a pod, and what the patch adds to it.

mod support;

use dapr_preflight::policy::{Engine, Policies};
use dapr_preflight::rules::ALL;
use serde_json::{Map, Value, json};
use support::engine;
use support::reviews::{MUTATE, create, owned, pod};

const RESOURCES: [&str; 4] = ["cpu-request", "cpu-limit", "memory-request", "memory-limit"];

/// The pod after the webhook, and after it was asked once more, which must change nothing.
fn mutated_by(engine: &Engine, pod: &Value) -> Value {
    let mut after = pod.clone();
    if let Some(patch) = create(pod, MUTATE, engine).patch() {
        json_patch::patch(&mut after, &serde_json::from_value::<json_patch::Patch>(patch).unwrap()).unwrap();
    }
    assert_eq!(create(&after, MUTATE, engine).patch(), None, "a second time: {after}");
    after
}

fn mutated(pod: &Value) -> Value {
    mutated_by(&engine(), pod)
}

fn policy(spec: &str) -> Engine {
    let head = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {name: test}\n";
    Engine::new(ALL, Policies::parse(&format!("{head}spec: {spec}\n"), ALL).unwrap())
}

/// The annotations `dapr.io/sidecar-…` and `dapr.io/env` after the webhook.
fn annotations(given: Value) -> Map<String, Value> {
    let after = mutated(&pod(given));
    let mut all = after["metadata"]["annotations"].as_object().unwrap().clone();
    all.retain(|key, _| key.starts_with("dapr.io/sidecar-") || key.starts_with("dapr.io/env"));
    all.retain(|key, _| key != "dapr.io/enabled");
    all.into_iter().map(|(key, value)| (key["dapr.io/".len()..].to_owned(), value)).collect()
}

fn expect(given: Value, expected: Value) {
    assert_eq!(Value::Object(annotations(given.clone())), expected, "{given}");
}

/// All four, and an env.
fn resources(values: [&str; 4], env: &str) -> Value {
    let mut all = Map::new();
    for (name, value) in RESOURCES.into_iter().zip(values).filter(|(_, value)| *value != "-") {
        all.insert(format!("sidecar-{name}"), json!(value));
    }
    if env != "-" {
        all.insert("env".to_owned(), json!(env));
    }
    all.into()
}

const DEFAULT: [&str; 4] = ["100m", "300m", "128Mi", "256Mi"];

#[test]
fn a_pod_that_says_nothing_gets_the_references_numbers_and_ninety_percent_of_them() {
    expect(json!({}), resources(DEFAULT, "GOMEMLIMIT=230MiB"));
}

#[test]
fn actors_and_workflows_get_higher_limits_and_time_to_shut_down() {
    for (role, seconds) in [("actor", 90), ("workflow", 120)] {
        expect(
            json!({ "dapr-preflight.io/role": role }),
            resources(["100m", "500m", "128Mi", "512Mi"], "GOMEMLIMIT=460MiB"),
        );
        let after = mutated(&pod(json!({ "dapr-preflight.io/role": role })));
        assert_eq!(after["spec"]["terminationGracePeriodSeconds"], seconds);
    }
}

#[test]
fn a_default_that_clashes_with_the_users_value_becomes_that_value() {
    let key = |name: &str| format!("dapr.io/sidecar-{name}");
    for (name, value, expected, env) in [
        ("cpu-request", "500m", ["500m", "500m", "128Mi", "256Mi"], "230MiB"),
        ("cpu-request", "0.3", ["0.3", "300m", "128Mi", "256Mi"], "230MiB"),
        ("cpu-limit", "50m", ["50m", "50m", "128Mi", "256Mi"], "230MiB"),
        ("memory-request", "1Gi", ["100m", "300m", "1Gi", "1Gi"], "921MiB"),
        ("memory-limit", "64Mi", ["100m", "300m", "64Mi", "64Mi"], "57MiB"),
        ("memory-limit", "1G", ["100m", "300m", "128Mi", "1G"], "858MiB"),
        ("memory-limit", "1000Mi", ["100m", "300m", "128Mi", "1000Mi"], "900MiB"),
        ("memory-limit", "268435456", ["100m", "300m", "128Mi", "268435456"], "230MiB"),
        ("memory-limit", "0.5Gi", ["100m", "300m", "128Mi", "0.5Gi"], "460MiB"),
    ] {
        expect(json!({ key(name): value }), resources(expected, &format!("GOMEMLIMIT={env}")));
    }
}

#[test]
fn with_one_of_the_four_unparsable_nothing_is_added() {
    for name in RESOURCES {
        for value in ["lots", "1K", " 1", "1_0"] {
            let key = format!("dapr.io/sidecar-{name}");
            expect(json!({ key: value }), json!({ format!("sidecar-{name}"): value }));
        }
    }
}

#[test]
fn an_empty_value_counts_as_not_given_and_stays() {
    expect(json!({ "dapr.io/sidecar-cpu-limit": "" }), resources(["100m", "", "128Mi", "256Mi"], "GOMEMLIMIT=230MiB"));
    expect(json!({ "dapr.io/sidecar-memory-limit": "" }), resources(["100m", "300m", "128Mi", ""], "-"));
}

#[test]
fn a_limit_too_small_for_a_mebibyte_gets_no_gomemlimit() {
    expect(json!({ "dapr.io/sidecar-memory-limit": "128m" }), resources(["100m", "300m", "128m", "128m"], "-"));
    expect(json!({ "dapr.io/sidecar-memory-limit": "1Mi" }), resources(["100m", "300m", "1Mi", "1Mi"], "-"));
}

#[test]
fn gomemlimit_is_appended_by_daprs_own_grammar() {
    for (env, after) in [
        ("", "GOMEMLIMIT=230MiB"),
        (" , ", "GOMEMLIMIT=230MiB"),
        ("A=1", "A=1,GOMEMLIMIT=230MiB"),
        ("A=1,", "A=1,GOMEMLIMIT=230MiB"),
        ("A=1, ,, ", "A=1,GOMEMLIMIT=230MiB"),
        ("A=1, B=2 ", "A=1, B=2,GOMEMLIMIT=230MiB"),
        ("A=1,2,3", "A=1,2,3,GOMEMLIMIT=230MiB"),
        ("A=GOMEMLIMIT=1GiB", "A=GOMEMLIMIT=1GiB,GOMEMLIMIT=230MiB"),
        ("A=GOMEMLIMIT", "A=GOMEMLIMIT,GOMEMLIMIT=230MiB"),
        ("XGOMEMLIMIT=1GiB", "XGOMEMLIMIT=1GiB,GOMEMLIMIT=230MiB"),
        ("gomemlimit=1GiB", "gomemlimit=1GiB,GOMEMLIMIT=230MiB"),
        ("A=1,b-GOMEMLIMIT=1", "A=1,b-GOMEMLIMIT=1,GOMEMLIMIT=230MiB"),
    ] {
        assert_eq!(annotations(json!({ "dapr.io/env": env }))["env"], after, "{env:?}");
    }
}

#[test]
fn a_gomemlimit_of_the_users_is_never_touched() {
    for env in [
        "GOMEMLIMIT=100MiB",
        "A=1,GOMEMLIMIT=100MiB",
        "A=1, GOMEMLIMIT=100MiB,",
        "GOMEMLIMIT=x",
        "GOMEMLIMIT=1,GOMEMLIMIT=2",
    ] {
        assert_eq!(annotations(json!({ "dapr.io/env": env }))["env"], env);
    }
    let secret = annotations(json!({ "dapr.io/env-from-secret": "GOMEMLIMIT=tuning:limit" }));
    assert_eq!(Value::Object(secret), {
        let mut expected = resources(DEFAULT, "-");
        expected["env-from-secret"] = json!("GOMEMLIMIT=tuning:limit");
        expected
    });
}

#[test]
fn a_secret_reference_that_dapr_drops_defines_no_gomemlimit() {
    let after = annotations(json!({ "dapr.io/env-from-secret": "GOMEMLIMIT=a:b:c" }));
    assert_eq!(after["env"], "GOMEMLIMIT=230MiB");
}

#[test]
fn a_default_memory_limit_that_would_not_exceed_the_users_gomemlimit_is_not_added() {
    for (env, limit) in
        [("255MiB", true), ("256MiB", false), ("900MiB", false), ("off", false), ("", false), ("bad", true)]
    {
        let env = format!("GOMEMLIMIT={env}");
        let limit = if limit { "256Mi" } else { "-" };
        expect(json!({ "dapr.io/env": env }), resources(["100m", "300m", "128Mi", limit], &env));
    }
}

#[test]
fn a_sidecar_that_is_there_already_is_mended_itself_and_its_annotations_are_left_alone() {
    for list in ["containers", "initContainers"] {
        for (resources, before_env, resources_after, env_after) in [
            (json!({}), Value::Null, json!(["100m", "300m", "128Mi", "256Mi"]), "230MiB"),
            (Value::Null, json!([]), json!(["100m", "300m", "128Mi", "256Mi"]), "230MiB"),
            (
                json!({ "limits": { "memory": "1G" } }),
                json!([{ "name": "A", "value": "1" }]),
                json!(["100m", "300m", "128Mi", "1G"]),
                "858MiB",
            ),
            (
                json!({ "requests": { "cpu": "1" }, "limits": null }),
                json!([{ "name": "A" }]),
                json!(["1", "1", "128Mi", "256Mi"]),
                "230MiB",
            ),
        ] {
            let given = pod(json!({ "dapr.io/sidecar-memory-limit": "lots", "dapr.io/env": "GOMEMLIMIT=x" }));
            let mut given = given;
            let mut daprd = json!({ "name": "daprd", "env": before_env.clone(), "resources": resources });
            if before_env.is_null() {
                daprd.as_object_mut().unwrap().remove("env");
            }
            let containers = given["spec"].as_object_mut().unwrap().entry(list).or_insert(json!([{ "name": "first" }]));
            containers.as_array_mut().unwrap().push(daprd);
            let after = mutated(&given);
            assert_eq!(after["metadata"], given["metadata"]);
            let daprd = &after["spec"][list][1];
            let value = |list: &str, name: &str| daprd["resources"][list][name].clone();
            let four = [
                value("requests", "cpu"),
                value("limits", "cpu"),
                value("requests", "memory"),
                value("limits", "memory"),
            ];
            assert_eq!(json!(four), resources_after, "{daprd}");
            let env = daprd["env"].as_array().unwrap();
            assert_eq!(env.last().unwrap(), &json!({ "name": "GOMEMLIMIT", "value": env_after }));
            assert_eq!(env[..env.len() - 1], before_env.as_array().cloned().unwrap_or_default());
        }
    }
}

#[test]
fn a_gomemlimit_in_a_sidecar_that_is_there_is_left_alone_wherever_it_comes_from() {
    for variable in [
        json!({ "name": "GOMEMLIMIT", "value": "1" }),
        json!({ "name": "GOMEMLIMIT", "valueFrom": { "secretKeyRef": {} } }),
    ] {
        let mut given = pod(json!({}));
        let daprd = json!({ "name": "daprd", "env": [variable], "resources": { "limits": { "memory": "1Gi" } } });
        given["spec"]["containers"].as_array_mut().unwrap().push(daprd);
        assert_eq!(mutated(&given)["spec"]["containers"][1]["env"], json!([variable]));
    }
}

#[test]
fn in_a_sidecar_that_is_there_a_literal_gomemlimit_keeps_a_lower_default_limit_away_and_one_unseen_does_not() {
    for (variable, limit) in [
        (json!({ "name": "GOMEMLIMIT", "value": "255MiB" }), json!("256Mi")),
        (json!({ "name": "GOMEMLIMIT", "value": "900MiB" }), Value::Null),
        (json!({ "name": "GOMEMLIMIT", "valueFrom": { "secretKeyRef": {} } }), json!("256Mi")),
    ] {
        let mut given = pod(json!({}));
        let daprd = json!({ "name": "daprd", "env": [variable] });
        given["spec"]["containers"].as_array_mut().unwrap().push(daprd);
        let after = mutated(&given);
        assert_eq!(after["spec"]["containers"][1]["resources"]["limits"]["memory"], limit, "{variable}");
    }
}

#[test]
fn of_two_daprd_containers_the_one_among_the_containers_counts() {
    let mut given = pod(json!({}));
    given["spec"]["initContainers"] = json!([{ "name": "daprd" }]);
    given["spec"]["containers"].as_array_mut().unwrap().push(json!({ "name": "daprd" }));
    let after = mutated(&given);
    assert_eq!(after["spec"]["initContainers"], given["spec"]["initContainers"]);
    assert_eq!(after["spec"]["containers"][1]["resources"]["limits"]["memory"], "256Mi");
}

#[test]
fn only_a_grace_period_of_exactly_thirty_seconds_or_none_is_replaced() {
    for (role, before, after) in [
        ("actor", json!(30), json!(90)),
        ("actor", Value::Null, json!(90)),
        ("workflow", json!(30), json!(120)),
        ("actor", json!(29), json!(29)),
        ("actor", json!(31), json!(31)),
        ("actor", json!(45), json!(45)),
        ("actor", json!(59), json!(59)),
        ("actor", json!(60), json!(60)),
        ("actor", json!(0), json!(0)),
        ("workflow", json!(60), json!(60)),
        ("service", json!(30), json!(30)),
        ("Actor", json!(30), json!(30)),
        (" actor", json!(30), json!(30)),
        ("", json!(30), json!(30)),
    ] {
        let mut given = pod(json!({ "dapr-preflight.io/role": role }));
        given["spec"]["terminationGracePeriodSeconds"] = before.clone();
        assert_eq!(mutated(&given)["spec"]["terminationGracePeriodSeconds"], after, "{role} {before}");
    }
}

#[test]
fn a_role_that_the_policy_matches_counts_where_the_pod_declares_none() {
    let engine = policy("{roles: [{role: workflow, appIds: ['ord*']}]}");
    let seconds = |role: Value| mutated_by(&engine, &pod(role))["spec"]["terminationGracePeriodSeconds"].clone();
    assert_eq!(seconds(json!({})), 120);
    assert_eq!(seconds(json!({ "dapr-preflight.io/role": "nonsense" })), 120);
    assert_eq!(seconds(json!({ "dapr-preflight.io/role": "actor" })), 90);
    assert_eq!(seconds(json!({ "dapr-preflight.io/role": "service" })), 30);
}

#[test]
fn only_replicas_of_a_replicaset_or_a_statefulset_are_spread() {
    for (api_version, kind, spread) in [
        ("apps/v1", "ReplicaSet", true),
        ("apps/v1", "StatefulSet", true),
        ("apps/v1", "DaemonSet", false),
        ("batch/v1", "Job", false),
        ("acme.io/v1", "ReplicaSet", false),
        ("v1", "ReplicationController", false),
    ] {
        let after = mutated(&owned(pod(json!({})), api_version, kind));
        assert_eq!(after["spec"].get("topologySpreadConstraints").is_some(), spread, "{api_version} {kind}");
        assert_eq!(after["metadata"]["labels"].get("dapr.io/app-id").is_some(), spread);
    }
    assert_eq!(mutated(&pod(json!({})))["spec"].get("topologySpreadConstraints"), None);
}

#[test]
fn a_constraint_selects_the_app_id_and_comes_with_its_label() {
    let mut given = owned(pod(json!({})), "apps/v1", "ReplicaSet");
    given["metadata"]["labels"]["pod-template-hash"] = json!("5447c47766");
    let expected = json!([{
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": { "matchLabels": { "dapr.io/app-id": "order" } },
        "matchLabelKeys": ["pod-template-hash"],
        "nodeTaintsPolicy": "Honor",
    }]);
    let after = mutated(&given);
    assert_eq!(after["spec"]["topologySpreadConstraints"], expected);
    assert_eq!(after["metadata"]["labels"]["dapr.io/app-id"], "order");

    given["metadata"]["labels"] = Value::Null;
    let after = mutated(&given);
    assert_eq!(after["metadata"]["labels"], json!({ "dapr.io/app-id": "order" }));
    assert_eq!(after["spec"]["topologySpreadConstraints"][0].get("matchLabelKeys"), None);
}

#[test]
fn a_different_app_id_label_of_the_users_stays_and_the_annotation_is_selected() {
    let mut given = owned(pod(json!({})), "apps/v1", "StatefulSet");
    given["metadata"]["labels"]["dapr.io/app-id"] = json!("other");
    let after = mutated(&given);
    assert_eq!(after["metadata"]["labels"]["dapr.io/app-id"], "other");
    let selector = &after["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"];
    assert_eq!(selector["dapr.io/app-id"], "order");
}

#[test]
fn without_an_app_id_that_is_a_label_value_neither_constraint_nor_label_is_added() {
    for app_id in [json!("order-"), json!("a b"), json!(""), json!("x".repeat(64))] {
        let after = mutated(&owned(pod(json!({ "dapr.io/app-id": app_id })), "apps/v1", "ReplicaSet"));
        assert_eq!(after["spec"].get("topologySpreadConstraints"), None, "{app_id}");
        assert_eq!(after["metadata"]["labels"].get("dapr.io/app-id"), None);
    }
}

#[test]
fn a_constraint_of_the_users_keeps_ours_away_and_an_empty_list_does_not() {
    let mut given = owned(pod(json!({})), "apps/v1", "ReplicaSet");
    given["spec"]["topologySpreadConstraints"] = json!([{ "maxSkew": 5 }]);
    let after = mutated(&given);
    assert_eq!(after["spec"]["topologySpreadConstraints"], given["spec"]["topologySpreadConstraints"]);
    assert_eq!(after["metadata"]["labels"].get("dapr.io/app-id"), None);

    for none in [json!([]), Value::Null] {
        given["spec"]["topologySpreadConstraints"] = none;
        assert_eq!(mutated(&given)["spec"]["topologySpreadConstraints"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn the_policy_sets_keys_skew_and_hardness() {
    let engine = policy(
        "{topologySpread: {topologyKeys: [kubernetes.io/hostname, topology.kubernetes.io/zone], maxSkew: 3, \
         whenUnsatisfiable: DoNotSchedule}}",
    );
    let after = mutated_by(&engine, &owned(pod(json!({})), "apps/v1", "ReplicaSet"));
    let constraints = after["spec"]["topologySpreadConstraints"].as_array().unwrap();
    let keys: Vec<_> = constraints.iter().map(|constraint| constraint["topologyKey"].as_str().unwrap()).collect();
    assert_eq!(keys, ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
    assert!(constraints.iter().all(|c| c["maxSkew"] == 3 && c["whenUnsatisfiable"] == "DoNotSchedule"));
}

#[test]
fn each_mutation_can_be_switched_off_alone() {
    let role = json!({ "dapr-preflight.io/role": "actor", "dapr.io/sidecar-memory-limit": "1Gi" });
    let given = owned(pod(role), "apps/v1", "ReplicaSet");
    let all = mutated(&given);
    for (rule, untouched) in [
        ("sidecar-resources", "/metadata/annotations/dapr.io~1sidecar-cpu-limit"),
        ("sidecar-gomemlimit", "/metadata/annotations/dapr.io~1env"),
        ("termination-grace", "/spec/terminationGracePeriodSeconds"),
        ("topology-spread", "/spec/topologySpreadConstraints"),
    ] {
        let after = mutated_by(&policy(&format!("{{rules: {{{rule}: off}}}}")), &given);
        assert_eq!(after.pointer(untouched), given.pointer(untouched), "{rule}");
        for other in [
            "/metadata/annotations/dapr.io~1sidecar-cpu-limit",
            "/metadata/annotations/dapr.io~1env",
            "/spec/terminationGracePeriodSeconds",
            "/spec/topologySpreadConstraints",
        ] {
            if other != untouched {
                assert_eq!(after.pointer(other), all.pointer(other), "{rule} {other}");
            }
        }
    }
}

#[test]
fn without_resources_of_ours_only_a_limit_of_the_users_gets_a_gomemlimit() {
    let engine = policy("{rules: {sidecar-resources: off}}");
    assert_eq!(mutated_by(&engine, &pod(json!({}))), pod(json!({})));
}

#[test]
fn the_profile_of_daprs_documentation_has_its_own_numbers() {
    let after = mutated_by(&policy("{profile: dapr-docs}"), &pod(json!({})));
    let annotations = &after["metadata"]["annotations"];
    let value = |name: &str| annotations[format!("dapr.io/{name}")].as_str().unwrap();
    assert_eq!(RESOURCES.map(|name| value(&format!("sidecar-{name}"))), ["100m", "300m", "250Mi", "1000Mi"]);
    assert_eq!(value("env"), "GOMEMLIMIT=900MiB");
}

#[test]
fn a_pod_that_dapr_would_not_inject_is_left_alone() {
    for enabled in ["false", "no", "yes", "1", "True ", ""] {
        let given = owned(pod(json!({ "dapr.io/enabled": enabled })), "apps/v1", "ReplicaSet");
        assert_eq!(mutated(&given), given, "{enabled:?}");
    }
    let older = policy("{dapr: {version: '1.15'}}");
    let given = pod(json!({ "dapr.io/enabled": "yes" }));
    assert_ne!(mutated_by(&older, &given), given);
}
