//! Dapr's own chart, as it renders by default, for high availability, and with the production reference's values.

mod support;

use std::collections::BTreeSet;

use dapr_preflight::policy::{Policy, Profile, Scope};
use serde_json::{Value, json};
use support::documents;
use support::together::{Said, judge, judge_under};

const DEFAULT: &str = include_str!("data/dapr-chart/default-1.18.2.yaml");
const HA: &str = include_str!("data/dapr-chart/ha-1.18.2.yaml");
const REFERENCE: &str = include_str!("data/dapr-chart/reference-1.18.2.yaml");
const OLD_DEFAULT: &str = include_str!("data/dapr-chart/default-1.15.0.yaml");
const OLD_HA: &str = include_str!("data/dapr-chart/ha-1.15.0.yaml");
const OLD_REFERENCE: &str = include_str!("data/dapr-chart/reference-1.15.0.yaml");

fn in_files(chart: &str) -> Said {
    judge(&documents(chart), Scope::Files)
}

/// What is found in a rendering of the chart, and what is not to be seen in it: a line each.
fn lines(chart: &str) -> String {
    let said = in_files(chart);
    let ours = |rule: &str| rule.starts_with("control-plane") || rule.starts_with("disruption-budget");
    let found = said.found.iter().filter(|found| ours(found.rule));
    let found: BTreeSet<String> = found.map(|found| format!("{} {} {}", found.rule, found.object, found.at)).collect();
    let needs = said.needs.iter().filter(|(rule, _)| ours(rule));
    let needs: BTreeSet<String> = needs.map(|(rule, needs)| format!("{rule} needs {needs}")).collect();
    found.into_iter().chain(needs).collect::<Vec<_>>().join("\n")
}

/// Compares these lines with `data/dapr-chart`.
fn shows(name: &str, chart: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("data/dapr-chart");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, lines(chart)));
}

/// A workload of the chart.
fn workload<'a>(all: &'a mut [Value], name: &str) -> &'a mut Value {
    let workload = |object: &&mut Value| object["spec"]["template"].is_object() && object["metadata"]["name"] == name;
    all.iter_mut().find(workload).unwrap()
}

/// What is found with one value of one workload changed.
fn changed(chart: &str, name: &str, pointer: &str, value: Value) -> Said {
    let mut all = documents(chart);
    *workload(&mut all, name).pointer_mut(pointer).unwrap() = value;
    judge(&all, Scope::Files)
}

#[test]
fn by_default_the_chart_is_not_highly_available_but_for_its_scheduler() {
    shows("default", DEFAULT);
}

#[test]
fn with_high_availability_what_is_left_is_resources_logs_priority_watchdog_and_the_secret_reader() {
    shows("ha", HA);
}

#[test]
fn with_the_references_values_high_availability_is_not_on() {
    shows("reference", REFERENCE);
}

#[test]
fn the_old_chart_has_besides_a_small_volume_and_a_slow_injector() {
    let more = |old: &str, new: &str| {
        let new = lines(new);
        lines(old)
            .lines()
            .filter(|line| !new.lines().any(|other| other == *line))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let volume = "control-plane-scheduler-storage StatefulSet/dapr-scheduler-server \
                  /spec/volumeClaimTemplates/0/spec/resources/requests/storage";
    let pace = "control-plane-injector-pace Deployment/dapr-sidecar-injector /spec/template/spec/containers/0/image";
    for (old, new) in [(OLD_DEFAULT, DEFAULT), (OLD_HA, HA), (OLD_REFERENCE, REFERENCE)] {
        assert_eq!(more(old, new), [pace, volume]);
    }
}

#[test]
fn the_references_memory_limits_are_asked_for_by_its_profile_and_advised_against_by_daprs() {
    let rule = "control-plane-resources";
    assert_eq!(in_files(REFERENCE).of(rule), [""; 0]);
    let dapr_docs = Policy { profile: Profile::DaprDocs, ..Policy::default() };
    let said = judge_under(&documents(REFERENCE), Scope::Files, &dapr_docs);
    assert_eq!(said.of(rule).len(), 5);
    assert!(said.of(rule).iter().all(|place| place.ends_with("/resources/limits/memory")));
}

#[test]
fn a_budget_of_another_version_selects_nothing() {
    let labels = "/spec/template/metadata/labels/app.kubernetes.io~1version";
    let said = changed(HA, "dapr-sentry", labels, json!("1.19.0"));
    let rule = "control-plane-disruption-budget";
    assert_eq!(said.of(rule), ["Deployment/dapr-sentry /spec/template/metadata/labels"]);
    assert!(
        said.found.iter().any(|found| found.rule == rule && found.text.contains("dapr-sentry-budget does not select"))
    );
}

#[test]
fn a_service_that_an_upgrade_forgot_and_another_sidecar_are_found_by_their_images() {
    let image = "/spec/template/spec/containers/0/image";
    let said = changed(HA, "dapr-sentry", image, json!("ghcr.io/dapr/sentry:1.17.0"));
    assert_eq!(said.of("control-plane-versions"), ["Deployment/dapr-sentry /spec/template/spec/containers/0/image"]);
    let sidecar = "/spec/template/spec/containers/0/env/0/value";
    let said = changed(HA, "dapr-sidecar-injector", sidecar, json!("ghcr.io/dapr/daprd:1.17.0"));
    assert_eq!(
        said.of("control-plane-versions"),
        ["Deployment/dapr-sidecar-injector /spec/template/spec/containers/0/env"]
    );
}

#[test]
fn in_a_cluster_the_sidecars_that_were_not_restarted_are_counted_by_namespace() {
    let pod = |name: &str, namespace: &str, version: &str| {
        let metadata = json!({ "name": name, "namespace": namespace, "annotations": { "dapr.io/enabled": "true" } });
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata,
            "spec": { "containers": [{ "name": "app" }, { "name": "daprd", "image": format!("daprd:{version}") }] } })
    };
    let mut all = documents(HA);
    all.extend([pod("a", "shop", "1.17.0"), pod("b", "shop", "1.17.0"), pod("c", "shop", "1.18.2-mariner")]);
    let said = judge(&all, Scope::Cluster);
    assert_eq!(said.of("control-plane-versions"), ["Pod/a /spec/containers/1/image"]);
    assert!(said.found.iter().any(|found| found.text.contains("(such pods in shop: 2)")));
    assert!(!said.needs("control-plane-versions"));
}

#[test]
fn zones_spread_nothing_where_all_nodes_are_in_one_and_pods_on_one_node_are_named() {
    let node = |name: &str, zone: &str| {
        let labels = json!({ "topology.kubernetes.io/zone": zone });
        json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "labels": labels } })
    };
    let zones = |second: &str| {
        let mut all = documents(HA);
        all.extend([node("a", "west-1"), node("b", second)]);
        judge(&all, Scope::Cluster).of("control-plane-spread")
    };
    assert_eq!(zones("west-1").len(), 5);
    assert_eq!(zones("west-2"), [""; 0]);

    let mut all = documents(HA);
    all.extend([node("a", "west-1"), node("b", "west-2")]);
    for name in ["dapr-sentry-0", "dapr-sentry-1"] {
        let metadata = json!({ "name": name, "namespace": "dapr-system", "labels": { "app": "dapr-sentry" } });
        all.push(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata,
            "spec": { "nodeName": "a", "containers": [] } }));
    }
    assert_eq!(judge(&all, Scope::Cluster).of("control-plane-spread"), ["Deployment/dapr-sentry /metadata/name"]);
}

#[test]
fn an_external_etcd_needs_no_volume_and_an_empty_dir_is_none() {
    let rule = "control-plane-scheduler-storage";
    let scheduler = "dapr-scheduler-server";
    let claims = "/spec/volumeClaimTemplates";
    assert_eq!(
        changed(HA, scheduler, claims, json!([])).of(rule),
        ["StatefulSet/dapr-scheduler-server /spec/volumeClaimTemplates"]
    );
    let mut all = documents(HA);
    let stateful_set = workload(&mut all, scheduler);
    stateful_set["spec"]["volumeClaimTemplates"] = json!([]);
    let volume = json!({ "name": "dapr-scheduler-data-dir", "emptyDir": { "medium": "Memory" } });
    stateful_set["spec"]["template"]["spec"]["volumes"] = json!([volume]);
    assert_eq!(judge(&all, Scope::Files).of(rule), ["StatefulSet/dapr-scheduler-server /spec/template/spec/volumes/0"]);
    let outside = json!(["--etcd-embed=false", "--etcd-client-endpoints=etcd:2379"]);
    workload(&mut all, scheduler)["spec"]["template"]["spec"]["containers"][0]["args"] = outside;
    assert_eq!(judge(&all, Scope::Files).of(rule), [""; 0]);
}

#[test]
fn failing_closed_needs_a_selector_that_leaves_out_kube_system_and_the_injectors_own() {
    let rule = "control-plane-failure-policy";
    let webhook = |selector: Value| {
        let mut all = documents(HA);
        let webhooks = all.iter_mut().find(|object| object["kind"] == "MutatingWebhookConfiguration").unwrap();
        webhooks["webhooks"][0]["failurePolicy"] = json!("Fail");
        webhooks["webhooks"][0]["namespaceSelector"] = selector;
        let said = judge(&all, Scope::Files);
        assert_eq!(said.of("control-plane-watchdog"), [""; 0], "it fails closed");
        said.of(rule).len()
    };
    let not_in = |names: Value| json!({ "matchExpressions": [{ "key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": names }] });
    assert_eq!(webhook(Value::Null), 1);
    assert_eq!(webhook(not_in(json!(["kube-system"]))), 1);
    assert_eq!(webhook(not_in(json!(["kube-system", "dapr-system"]))), 0);
    assert_eq!(webhook(json!({ "matchLabels": { "dapr": "enabled" } })), 0);
}

#[test]
fn a_budget_that_may_take_the_majority_and_members_that_are_even_are_found() {
    let mut all = documents(HA);
    let budget = all.iter_mut().find(|object| object["metadata"]["name"] == "dapr-placement-server-disruption-budget");
    budget.unwrap()["spec"]["maxUnavailable"] = json!("50%");
    let said = judge(&all, Scope::Files);
    assert_eq!(
        said.of("control-plane-disruption-budget"),
        ["PodDisruptionBudget/dapr-placement-server-disruption-budget /spec/maxUnavailable"]
    );
    let even = changed(HA, "dapr-placement-server", "/spec/replicas", json!(4));
    assert_eq!(even.of("control-plane-members"), ["StatefulSet/dapr-placement-server /spec/replicas"]);
}

#[test]
fn replicas_that_are_not_ready_are_found_where_there_is_a_status() {
    let mut all = documents(HA);
    workload(&mut all, "dapr-sentry")["status"] = json!({ "replicas": 3, "readyReplicas": 2 });
    assert_eq!(
        judge(&all, Scope::Files).of("control-plane-replicas"),
        ["Deployment/dapr-sentry /status/readyReplicas"]
    );
}
