//! Values for Dapr's chart: what those of the production reference amount to, and the edges of each rule.

mod support;

use dapr_preflight::policy::{Engine, ObjectKind, Policies};
use dapr_preflight::rules::ALL;
use jiff::Timestamp;
use serde_json::Value;
use support::yaml;

const REFERENCE: &str = include_str!("data/reference/dapr-production-values.yaml");

/// What is found in values under this policy: rule and place, and with `says` what is said.
fn found(values: &Value, spec: &str) -> Vec<(String, String, String)> {
    let policy = format!(
        "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {{name: test}}\nspec: {spec}\n"
    );
    let engine = Engine::new(ALL, Policies::parse(&policy, ALL).unwrap());
    let judged =
        engine.judge_manifest(ObjectKind::dapr_chart_values(), &values.clone().into(), Timestamp::UNIX_EPOCH).unwrap();
    let line = |judged: &dapr_preflight::policy::Judged| {
        let finding = &judged.finding;
        let says = format!("{}; {}; {}", finding.problem, finding.consequence, finding.advice);
        (judged.rule.id.to_owned(), finding.at.clone(), says)
    };
    judged.iter().map(line).collect()
}

fn places(values: &str, rule: &str) -> Vec<String> {
    places_under(values, rule, "{}")
}

fn places_under(values: &str, rule: &str, spec: &str) -> Vec<String> {
    let found = found(&yaml(values), spec);
    found.into_iter().filter(|(id, ..)| id == rule).map(|(_, at, _)| at).collect()
}

#[test]
fn the_values_of_the_reference_amount_to_no_more_than_this() {
    for version in ["1.15.0", "1.18.2"] {
        let found = found(&yaml(REFERENCE), &format!("{{dapr: {{version: '{version}'}}}}"));
        let found: Vec<_> = found.iter().map(|(rule, at, _)| format!("{rule} {at}")).collect();
        let mut expected = vec![
            // webhookFailurePolicy exists, and Fail without a selector is no safe default.
            "helm-failure-policy /dapr_sidecar_injector/webhookFailurePolicy",
            // The net effect: one placement, no budgets, no spread.
            "helm-high-availability /global/ha/enabled",
            "helm-scheduler-storage /dapr_scheduler/cluster/storageClassName",
            // The reference does not switch it off.
            "helm-secret-reader /dapr_rbac/secretReader/enabled",
            "helm-value-unknown /dapr_operator/affinity",
            "helm-value-unknown /dapr_operator/nodeSelector",
            "helm-value-unknown /dapr_operator/podDisruptionBudget",
            "helm-value-unknown /dapr_operator/tolerations",
            "helm-value-unknown /dapr_placement/podDisruptionBudget",
            "helm-value-unknown /dapr_placement/replicaCount",
            "helm-value-unknown /dapr_scheduler/replicaCount",
            "helm-value-unknown /dapr_scheduler/volumeClaimTemplates",
            "helm-value-unknown /dapr_sentry/podDisruptionBudget",
            "helm-value-unknown /dapr_sidecar_injector/podDisruptionBudget",
            "helm-value-unknown /global/logLevel",
        ];
        if version == "1.15.0" {
            // Its 10Gi are below a key that does not exist, and this chart gives 1Gi.
            expected.insert(2, "helm-scheduler-storage /dapr_scheduler/cluster/storageSize");
        }
        assert_eq!(found, expected, "{version}");
    }
}

#[test]
fn what_the_reference_meant_is_said_for_each_value_that_does_not_exist() {
    let found = found(&yaml(REFERENCE), "{}");
    for (at, advice) in [
        ("/global/logLevel", "dapr_operator.logLevel"),
        ("/dapr_placement/replicaCount", "global.ha.enabled: true"),
        ("/dapr_scheduler/replicaCount", "always has three"),
        ("/dapr_sentry/podDisruptionBudget", "global.ha.disruption"),
        ("/dapr_operator/nodeSelector", "global.nodeSelector"),
        ("/dapr_operator/tolerations", "global.tolerations"),
        ("/dapr_operator/affinity", "global.ha.topologyKey"),
        ("/dapr_scheduler/volumeClaimTemplates", "dapr_scheduler.cluster.storageSize"),
    ] {
        let (_, _, says) = found.iter().find(|(_, place, _)| place == at).unwrap();
        assert!(says.contains(advice), "{at}: {says}");
    }
    let (_, _, net) = found.iter().find(|(rule, ..)| rule == "helm-high-availability").unwrap();
    assert!(net.contains("placement has one replica"), "{net}");
    assert!(net.contains("nothing but the scheduler has a PodDisruptionBudget"), "{net}");
}

#[test]
fn under_dapr_s_own_advice_the_reference_s_memory_limits_are_what_is_wrong() {
    let limited = places_under(REFERENCE, "helm-resources", "{profile: dapr-docs}");
    let services = ["operator", "placement", "scheduler", "sentry", "sidecar_injector"];
    assert_eq!(limited, services.map(|name| format!("/dapr_{name}/resources/limits/memory")));
    assert_eq!(places(REFERENCE, "helm-resources"), [""; 0]);
}

#[test]
fn what_has_no_resources_at_all_is_said_once_for_all_charts() {
    let said = |values: &str| {
        let found = found(&yaml(values), "{}").into_iter().filter(|(id, ..)| id == "helm-resources");
        found.map(|(_, at, says)| (at, says)).collect::<Vec<_>>()
    };
    let [(at, says)] = &*said("{global: {ha: {enabled: true}}}") else { panic!("not one") };
    assert_eq!(at, "/dapr_operator/resources");
    for word in
        ["the operator, placement, the scheduler, sentry and the sidecar injector have", "dapr_sidecar_injector"]
    {
        assert!(says.contains(word), "{says}");
    }
    let some = said("{redis: {}, dapr: {dapr_sentry: {resources: {requests: {cpu: 100m}}}}}");
    let places: Vec<_> = some.iter().map(|(at, _)| &**at).collect();
    assert_eq!(places, ["/dapr/dapr_sentry/resources", "/dapr/dapr_operator/resources"]);
    assert!(!some[1].1.contains("sentry"), "{}", some[1].1);
}

#[test]
fn a_replica_count_counts_with_or_without_high_availability_and_never_in_both() {
    let on = "{global: {ha: {enabled: true, replicaCount: 5}}, dapr_sentry: {replicaCount: 3}, dapr_operator: {replicaCount: 5}}";
    assert_eq!(places(on, "helm-replicas"), ["/dapr_sentry/replicaCount"]);
    assert_eq!(
        places("{dapr_sentry: {replicaCount: 3}, dapr_operator: {replicaCount: 2}}", "helm-replicas"),
        ["/dapr_operator/replicaCount"]
    );
}

#[test]
fn a_switch_that_is_no_boolean_is_not_on() {
    assert_eq!(places("{global: {ha: {enabled: 'true'}}}", "helm-high-availability"), ["/global/ha/enabled"]);
    assert_eq!(places("{global: {ha: {enabled: true}}}", "helm-high-availability"), [""; 0]);
}

#[test]
fn a_budget_is_given_twice_unless_the_chart_s_own_is_emptied() {
    let both = "{global: {ha: {enabled: true, disruption: {minimumAvailable: 2}}}}";
    assert_eq!(places(both, "helm-high-availability"), ["/global/ha/disruption/minimumAvailable"]);
    let one = "{global: {ha: {enabled: true, disruption: {minimumAvailable: 2, maximumUnavailable: ''}}}}";
    assert_eq!(places(one, "helm-high-availability"), [""; 0]);
}

#[test]
fn an_etcd_elsewhere_needs_no_disk_here() {
    let external = "{dapr_scheduler: {etcdEmbed: false, etcdClientEndpoints: ['etcd:2379']}}";
    assert_eq!(places(external, "helm-scheduler-storage"), [""; 0]);
    let memory = "{dapr_scheduler: {cluster: {inMemoryStorage: true}}}";
    assert_eq!(places(memory, "helm-scheduler-storage"), ["/dapr_scheduler/cluster/inMemoryStorage"]);
}

#[test]
fn free_maps_take_any_key_and_a_slip_in_a_known_one_is_found() {
    let free = "{global: {nodeSelector: {disk: ssd}, labels: {a: b}, k8sLabels: {x: y}, imagePullSecrets: [{name: p}]},
        dapr_operator: {resources: {claims: []}, extraEnvVars: {A: b}, deploymentAnnotations: {a: b}}}";
    assert_eq!(places(free, "helm-value-unknown"), [""; 0]);
    let slip = yaml("{dapr_operator: {watchinterval: 5m}}");
    let (_, at, says) = found(&slip, "{}").into_iter().find(|(rule, ..)| rule == "helm-value-unknown").unwrap();
    assert_eq!(at, "/dapr_operator/watchinterval");
    assert!(says.contains("did you mean watchInterval?"), "{says}");
}

#[test]
fn a_key_of_a_later_chart_is_said_to_be_one() {
    let key = "{global: {ha: {topologyKey: kubernetes.io/hostname}}}";
    assert_eq!(places_under(key, "helm-value-unknown", "{dapr: {version: '1.16'}}"), ["/global/ha/topologyKey"]);
    assert_eq!(places_under(key, "helm-value-unknown", "{dapr: {version: '1.17'}}"), [""; 0]);
}

#[test]
fn an_umbrella_chart_s_values_are_read_below_its_own_key() {
    let umbrella = "{redis: {enabled: true}, dapr: {dapr_placement: {replicaCount: 3}}}";
    assert_eq!(places(umbrella, "helm-value-unknown"), ["/dapr/dapr_placement/replicaCount"]);
    let shared = "{global: {ha: {enabled: true}}, dapr: {dapr_placement: {ha: true}}, shop: {}}";
    assert_eq!(places(shared, "helm-high-availability"), [""; 0]);
}

#[test]
fn an_image_moves_by_its_tag_or_for_want_of_one() {
    for (values, expected) in [
        ("{dapr_sentry: {image: {name: mirror/sentry}}}", vec!["/dapr_sentry/image/name"]),
        ("{dapr_sentry: {image: {name: 'mirror:5000/sentry:nightly-2026-01-01'}}}", vec!["/dapr_sentry/image/name"]),
        ("{dapr_sentry: {image: {name: 'mirror:5000/sentry:1.18.2'}}}", vec![]),
        ("{dapr_sentry: {image: {name: 'mirror/sentry@sha256:0123'}}}", vec![]),
        ("{dapr_sentry: {image: {name: sentry}}}", vec![]),
    ] {
        assert_eq!(places(values, "helm-image-tag"), expected, "{values}");
    }
}
