//! Ports that two listeners want: what is found, and where it is said.

mod support;

use dapr_preflight::policy::{Finding, Policy};
use dapr_preflight::rules::ALL;
use serde_json::{Value, json};
use support::findings;
use support::reviews::pod;

fn found(rule: &str, pod: &Value) -> Vec<Finding> {
    let rule = ALL.iter().find(|known| known.id == rule).unwrap();
    findings(rule, pod, &Policy::default())
}

#[test]
fn an_app_port_of_zero_or_less_is_no_port_even_where_daprds_is_the_same() {
    for (port, clash) in [("50005", true), ("1", true), ("0", false), ("-1", false)] {
        let given = pod(json!({ "dapr.io/app-port": port, "dapr.io/grpc-port": port }));
        assert_eq!(!found("app-port", &given).is_empty(), clash, "{port}");
    }
}

/// Where `sidecar-ports` finds fault with a pod whose app declares these ports.
fn taken(annotations: Value, ports: Value) -> Vec<String> {
    let mut given = pod(annotations);
    given["spec"]["containers"][0]["ports"] = ports;
    found("sidecar-ports", &given).into_iter().map(|finding| finding.at.clone()).collect()
}

#[test]
fn a_declared_port_is_taken_by_tcp_alone_which_is_also_the_default() {
    let at = "/spec/containers/0/ports/1/containerPort";
    for (protocol, expected) in [(json!("TCP"), vec![at]), (Value::Null, vec![at]), (json!("UDP"), vec![])] {
        let ports = json!([{ "containerPort": 8080 }, { "containerPort": 9090, "protocol": protocol }]);
        assert_eq!(taken(json!({}), ports), expected, "{protocol}");
    }
}

#[test]
fn an_app_port_that_a_container_declares_is_said_there_once_and_an_api_is_left_to_app_port() {
    let annotation = "/metadata/annotations/dapr.io~1app-port";
    let there = "/spec/containers/0/ports/0/containerPort";
    assert_eq!(taken(json!({ "dapr.io/app-port": "9090" }), json!([])), [annotation]);
    assert_eq!(taken(json!({ "dapr.io/app-port": "9090" }), json!([{ "containerPort": 8080 }])), [annotation]);
    assert_eq!(taken(json!({ "dapr.io/app-port": "9090" }), json!([{ "containerPort": 9090 }])), [there]);
    for api in ["3500", "50001"] {
        assert_eq!(taken(json!({ "dapr.io/app-port": api }), json!([])), [""; 0], "{api}");
    }
}

#[test]
fn two_listeners_of_daprds_own_on_one_port_are_said_at_the_one_that_can_move() {
    let metrics = "/metadata/annotations/dapr.io~1metrics-port";
    assert_eq!(taken(json!({ "dapr.io/metrics-port": "3500" }), json!([])), [metrics]);
    assert_eq!(taken(json!({ "dapr.io/metrics-port": "50001" }), json!([])), [metrics]);
    assert_eq!(taken(json!({ "dapr.io/metrics-port": "9091" }), json!([])), [""; 0]);
}
