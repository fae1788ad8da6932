//! What a person reads.

use serde_json::json;

use super::{Scenario, deployment, template, workload};
use crate::cluster::Cluster;

pub const SCENARIOS: &[Scenario] = &[
    ("kubectl shows a refusal word by word", refusal),
    ("kubectl shows each warning word by word", warnings),
    ("annotations that are misplaced on a Deployment itself are heard of", misplaced),
    ("the reason of a refused pod is in the FailedCreate event of its controller", failed_create),
];

fn refusal(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let said =
        namespace.apply(deployment("order", 1, json!({ "dapr.io/log-level": "loud", "dapr.io/app-port": "70000" })));
    let expected = r#"Warning: [annotation-ignored] spec.template.metadata.annotations[dapr.io/app-port]: "70000" is not accepted; write a port: a whole number from 1 to 65535; daprd waits forever for an app on that port
Error from server (Forbidden): error when creating "STDIN": admission webhook "workloads.enforce.dapr-preflight.io" denied the request: dapr-preflight found 1 fault:
  [annotation-refused] spec.template.metadata.annotations[dapr.io/log-level]: "loud" is not accepted; daprd exits at start; write debug, info, warn, error or fatal
"#;
    assert_eq!(said.must_fail().stderr, expected);
    assert!(namespace.list("deployments", "").is_empty(), "refused and there all the same");
}

fn warnings(cluster: &mut Cluster) {
    let namespace = cluster.namespace("warn");
    let said = namespace.apply(deployment("order", 1, json!({ "dapr.io/max-concurrency": "5" }))).must_succeed();
    let lines: Vec<_> = said.stderr.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with("Warning: [")), "{}", said.stderr);
    said.says("Warning: [annotation-unknown] spec.template.metadata.annotations[dapr.io/max-concurrency]: ");
    said.says("app-max-concurrency");
    said.says("Warning: [sidecar-resources] spec.template");
}

fn misplaced(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let mut deployment = deployment("order", 0, json!({}));
    let annotations = deployment["spec"]["template"]["metadata"]["annotations"].take();
    deployment["metadata"]["annotations"] = annotations;
    let said = namespace.apply(deployment).must_succeed();
    said.says("Warning: [annotation-misplaced] metadata.annotations[dapr.io/");
}

fn failed_create(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    // Accepted while nobody looked; its pods come only now.
    let spec = json!({
        "replicas": 0,
        "selector": { "matchLabels": { "app": "order" } },
        "template": template("order", json!({ "dapr.io/log-level": "loud" })),
    });
    namespace.apply(workload("apps/v1", "ReplicaSet", "order", spec)).must_succeed();
    cluster.set_mode(&namespace, "enforce");
    namespace.kubectl(&["scale", "replicaset", "order", "--replicas=1"]).must_succeed();
    let message = namespace.eventually_event("FailedCreate");
    for words in [
        "admission webhook \"pods.enforce.dapr-preflight.io\" denied the request",
        "[annotation-refused]",
        "write debug, info, warn",
    ] {
        assert!(message.contains(words), "{words:?} is not in {message:?}");
    }
    assert!(namespace.list("pods", "").is_empty());
}
