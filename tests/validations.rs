//! What the other rules find, in cases that their examples do not show.

mod support;

use dapr_preflight::policy::{Engine, Policies};
use dapr_preflight::rules::ALL;
use serde_json::{Value, json};
use support::engine;
use support::reviews::{ENFORCE, create, found, found_by, owned, pod, with_daprd, workload};

#[test]
fn a_malformed_gomemlimit_is_found_in_the_container_too_and_one_from_elsewhere_is_not_judged() {
    let daprd = |variable: Value| {
        let resources = json!({ "limits": { "memory": "256Mi" } });
        with_daprd(pod(json!({})), json!({ "name": "daprd", "env": [variable], "resources": resources }))
    };
    let literal = daprd(json!({ "name": "GOMEMLIMIT", "value": "230Mi" }));
    assert_eq!(found(&literal), ["sidecar-gomemlimit-malformed:denied"]);
    let secret = daprd(json!({ "name": "GOMEMLIMIT", "valueFrom": { "secretKeyRef": { "name": "s", "key": "k" } } }));
    assert_eq!(found(&secret), [""; 0]);
}

#[test]
fn a_gomemlimit_at_the_limit_is_found_against_the_default_limit_too() {
    let at = |limit: &str, env: &str| {
        let env = format!("GOMEMLIMIT={env}");
        found(&pod(json!({ "dapr.io/sidecar-memory-limit": limit, "dapr.io/env": env })))
    };
    let high = ["sidecar-gomemlimit-too-high:warned"];
    assert_eq!(at("256Mi", "256MiB"), high);
    assert_eq!(at("256Mi", "268435455"), [""; 0]);
    assert_eq!(at("256Mi", "off"), high);
    assert_eq!(at("1G", "1GiB"), high);
    assert_eq!(at("0", "1GiB"), [""; 0], "0 is no limit");
    assert_eq!(
        found(&pod(json!({ "dapr.io/sidecar-memory-request": "1Gi", "dapr.io/env": "GOMEMLIMIT=1GiB" }))),
        [""; 0]
    );
}

#[test]
fn a_request_above_its_limit_is_found_for_each_and_not_where_dapr_drops_all_four() {
    let above = "sidecar-request-above-limit:denied";
    let both = json!({
        "dapr.io/sidecar-cpu-request": "301m", "dapr.io/sidecar-cpu-limit": "0.3",
        "dapr.io/sidecar-memory-request": "1Gi", "dapr.io/sidecar-memory-limit": "1G",
    });
    assert_eq!(found(&pod(both)), [above, above]);
    let equal = json!({ "dapr.io/sidecar-cpu-request": "300m", "dapr.io/sidecar-cpu-limit": "0.3" });
    assert_eq!(found(&pod(equal)), [""; 0]);
    let dropped = json!({
        "dapr.io/sidecar-cpu-request": "2", "dapr.io/sidecar-cpu-limit": "1", "dapr.io/sidecar-memory-limit": "lots",
    });
    assert_eq!(found(&pod(dropped)), [""; 0]);
}

#[test]
fn the_apps_port_is_held_against_every_port_of_daprd() {
    let at = |port: &str| found(&pod(json!({ "dapr.io/app-port": port })));
    assert_eq!(at("3500"), ["app-port:denied"]);
    assert_eq!(at("50001"), ["app-port:denied"]);
    assert_eq!(at("3501"), ["sidecar-ports:warned"]);
    assert_eq!(at("9090"), ["sidecar-ports:warned"]);
    assert_eq!(at("50002"), ["sidecar-ports:warned"]);
    assert_eq!(at("8080"), [""; 0]);
    let moved = json!({ "dapr.io/app-port": "50001", "dapr.io/grpc-port": "50005" });
    assert_eq!(found(&pod(moved)), [""; 0]);
}

#[test]
fn declared_ports_collide_once_each_and_only_on_tcp() {
    let with = |ports: Value| {
        let mut pod = pod(json!({ "dapr.io/app-port": "9090" }));
        pod["spec"]["containers"][0]["ports"] = ports;
        let found = found(&pod).into_iter().filter(|rule| !rule.starts_with("app-port-undeclared:"));
        found.collect::<Vec<_>>()
    };
    let once = ["sidecar-ports:warned"];
    assert_eq!(with(json!([{ "containerPort": 9090 }])), once);
    assert_eq!(with(json!([{ "containerPort": 9090, "protocol": "TCP" }])), once);
    assert_eq!(with(json!([{ "containerPort": 8080 }, { "containerPort": 50002, "protocol": "UDP" }])), once);
}

#[test]
fn two_of_daprds_own_ports_that_are_the_same_are_found() {
    let same = pod(json!({ "dapr.io/metrics-port": "3500" }));
    assert_eq!(found(&same), ["sidecar-ports:warned"]);
    let daprds_own = with_daprd(pod(json!({})), json!({ "name": "daprd", "ports": [{ "containerPort": 3500 }] }));
    assert_eq!(found(&daprds_own), [""; 0]);
}

#[test]
fn the_grace_period_must_be_longer_than_daprds_shutdown() {
    let with = |annotations: Value, grace: i64| {
        let mut pod = pod(annotations);
        pod["spec"]["terminationGracePeriodSeconds"] = json!(grace);
        found(&pod).contains(&"shutdown-budget:warned".to_owned())
    };
    let block = |duration: &str| json!({ "dapr.io/block-shutdown-duration": duration });
    assert!(with(block("25s"), 39) && !with(block("25s"), 40));
    assert!(with(block("15001ms"), 30) && !with(block("15s"), 30));
    assert!(with(json!({ "dapr.io/graceful-shutdown-seconds": "21" }), 30));
    assert!(!with(json!({ "dapr.io/graceful-shutdown-seconds": "20" }), 30));
    assert!(!with(json!({ "dapr.io/graceful-shutdown-seconds": "0" }), 30));
    assert!(with(json!({}), 14) && !with(json!({}), 15));
    // What the webhook is going to mend is not held against the pod.
    let actor = json!({
        "dapr-preflight.io/role": "actor", "dapr.io/app-port": "8080", "dapr.io/block-shutdown-duration": "25s",
    });
    let off = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {name: x}\n\
               spec: {rules: {termination-grace: off}}\n";
    let off = Engine::new(ALL, Policies::parse(off, ALL).unwrap());
    assert!(!with(actor.clone(), 30));
    assert_eq!(found_by(&off, &pod(actor)), ["shutdown-budget:warned"]);
}

#[test]
fn an_app_id_is_wanted_unless_a_statefulsets_pods_bring_their_names() {
    let none = |mut pod: Value| {
        pod["metadata"]["annotations"].as_object_mut().unwrap().remove("dapr.io/app-id");
        pod
    };
    let nameless = none(pod(json!({})));
    assert_eq!(found(&workload("Deployment", &nameless)), ["app-id:denied"]);
    assert_eq!(found(&workload("StatefulSet", &nameless)), ["app-id:warned"]);
    assert_eq!(found(&none(owned(pod(json!({})), "apps/v1", "ReplicaSet"))), ["app-id:denied"]);
    assert_eq!(found(&nameless), [""; 0], "the pod's own name stands in");
}

#[test]
fn an_annotation_of_a_newer_dapr_is_unknown_to_an_older_one() {
    let object = pod(json!({ "dapr.io/disable-init-endpoints": "config" }));
    assert_eq!(found(&object), [""; 0]);
    let older = Engine::new(ALL, Policies::default().assuming("1.16".parse().unwrap()));
    assert_eq!(found_by(&older, &object), ["annotation-unknown:warned"]);
}

#[test]
fn a_slip_in_a_key_is_told_from_a_key_that_is_gone() {
    let warning = |key: &str| {
        let reply = create(&workload("Deployment", &pod(json!({ key: "1" }))), ENFORCE, &engine());
        reply.warnings().join("\n")
    };
    assert!(warning("dapr.io/app-prot").contains("did you mean dapr.io/app-port?"), "{}", warning("dapr.io/app-prot"));
    assert!(warning("dapr.io/max-concurrency").contains("write dapr.io/app-max-concurrency"));
    assert!(warning("dapr.io/Enabled").contains("did you mean dapr.io/enabled?"));
    assert!(warning("dapr.io/something-else-entirely").contains("leave it out"));
}
