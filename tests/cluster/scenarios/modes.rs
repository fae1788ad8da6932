//! What each mode does, and what it leaves alone.

use serde_json::json;

use super::{Scenario, deployment, pod};
use crate::cluster::Cluster;
use crate::namespace::{container, eventually};

pub const SCENARIOS: &[Scenario] = &[
    ("an audit namespace is untouched, and everything is recorded", audit),
    ("a warn namespace is told, and its pods are untouched", warn),
    ("under the ceiling audit an enforcing namespace is untouched and told nothing", ceiling),
    ("a server-side dry run is answered as if it were real, and leaves no object and no event", dry_run),
    ("a namespace without the label is never called", without_label),
    ("a pod without Dapr is never called", without_dapr),
];

fn audit(cluster: &mut Cluster) {
    let namespace = cluster.namespace("audit");
    let said = namespace.apply(deployment("order", 1, json!({ "dapr.io/log-level": "loud" }))).must_succeed();
    assert_eq!(said.stderr, "", "an audit namespace is told nothing");
    let pods = namespace.eventually_runs(1, "app=order");
    assert_eq!(container(&pods[0], "daprd")["resources"], json!({}), "changed");
    assert!(pods[0]["spec"]["topologySpreadConstraints"].is_null(), "changed");

    let of_pod = eventually("the audit event of the pod", || {
        let events = cluster.audit_events(&namespace);
        events.into_iter().find(|event| event["objectRef"]["resource"] == "pods" && event["verb"] == "create")
    });
    let annotations = of_pod["annotations"].as_object().unwrap();
    let recorded =
        annotations.iter().find(|(key, _)| key.starts_with("pods.audit.dapr-preflight.io/") && key.ends_with("mode"));
    assert_eq!(recorded.unwrap().1, "audit", "{annotations:?}");

    let decisions = cluster.decisions(&namespace);
    assert!(!decisions.is_empty() && decisions.iter().all(|line| line["mode"] == "audit"), "{decisions:#?}");
    assert!(decisions.iter().any(|line| line["results"].to_string().contains("annotation-refused")), "{decisions:#?}");
    let metrics = cluster.our_metrics();
    let counted = "dapr_preflight_rule_results_total{effect=\"recorded\",rule=\"annotation-refused\"}";
    assert!(metrics.contains(counted), "no {counted} in\n{metrics}");
}

fn warn(cluster: &mut Cluster) {
    let namespace = cluster.namespace("warn");
    let said = namespace.apply(pod("order", json!({ "dapr.io/log-level": "loud" }))).must_succeed();
    said.says("Warning: [annotation-refused] metadata.annotations[dapr.io/log-level]");
    let pod = &namespace.get("pod", "order");
    assert_eq!(container(pod, "daprd")["resources"], json!({}), "changed");
}

fn ceiling(cluster: &mut Cluster) {
    cluster.serve(&["--ceiling=audit"]);
    let namespace = cluster.namespace("enforce");
    let said = namespace.apply(deployment("order", 1, json!({ "dapr.io/log-level": "loud" }))).must_succeed();
    assert_eq!(said.stderr, "");
    let pods = namespace.eventually_runs(1, "app=order");
    assert_eq!(container(&pods[0], "daprd")["resources"], json!({}), "changed");
}

fn dry_run(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let good = pod("order", json!({})).to_string();
    let said = namespace.kubectl_with(&["apply", "--dry-run=server", "-o", "json", "-f", "-"], &good).must_succeed();
    let pod: &serde_json::Value = &serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(container(pod, "daprd")["resources"]["limits"]["memory"], "256Mi", "a dry run shows what would be");
    let bad = deployment("order", 1, json!({ "dapr.io/log-level": "loud" })).to_string();
    namespace.kubectl_with(&["apply", "--dry-run=server", "-f", "-"], &bad).must_fail().says("[annotation-refused]");

    for kind in ["pods", "deployments", "replicasets", "events"] {
        assert!(namespace.list(kind, "").is_empty(), "a dry run left {kind}");
    }
    let decisions = cluster.decisions(&namespace);
    assert!(decisions.len() >= 2 && decisions.iter().all(|line| line["dry_run"] == true), "{decisions:#?}");
}

fn without_label(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    never_called(cluster, |_| {
        namespace.apply(deployment("order", 2, json!({ "dapr.io/log-level": "loud" }))).must_succeed();
        namespace.eventually_runs(2, "app=order");
    });
}

fn without_dapr(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    never_called(cluster, |_| {
        let mut plain = deployment("order", 2, json!({}));
        plain["spec"]["template"]["metadata"]["annotations"] = json!(null);
        namespace.apply(plain).must_succeed();
        namespace.eventually_runs(2, "app=order");
    });
}

/// By the API server's own count of its calls.
fn never_called(cluster: &mut Cluster, what: impl FnOnce(&mut Cluster)) {
    let before = cluster.our_calls();
    what(cluster);
    assert_eq!(cluster.our_calls(), before, "calls");
}
