//! What the real scheduler does with our pods, and what is left of them when a node is lost.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::{Scenario, deployment, pod};
use crate::cluster::{Cluster, NODES};
use crate::namespace::{Namespace, eventually, is_running};

pub const SCENARIOS: &[Scenario] = &[
    ("actor and workflow pods have time to shut down, and an own value stays", grace),
    ("replicas land on different nodes", spread),
    ("replicas land on different nodes after a rollout", spread_in_rollout),
    ("a full node and a cordoned node leave nothing pending", nothing_pending),
    ("by the policy's DoNotSchedule, a full node leaves a replica pending", hard_spread),
    ("a node is lost and all its pods come back, although today's policy would refuse their templates", node_lost),
];

fn grace(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let app = |name: &str, role: &str| deployment(name, 1, json!({ "dapr-preflight.io/role": role }));
    let mut own = app("own", "actor");
    own["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = json!(75);
    for app in [app("actor", "actor"), app("workflow", "workflow"), app("service", "service"), own] {
        namespace.apply(app).must_succeed();
    }
    for (name, seconds) in [("actor", 90), ("workflow", 120), ("service", 30), ("own", 75)] {
        let pods = namespace.eventually_runs(1, &format!("app={name}"));
        assert_eq!(pods[0]["spec"]["terminationGracePeriodSeconds"], seconds, "{name}");
    }
}

fn spread(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    namespace.apply(deployment("order", 3, json!({}))).must_succeed();
    assert_eq!(by_node(&namespace.eventually_runs(3, "app=order")), [1, 1, 1]);
}

fn spread_in_rollout(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    namespace.apply(deployment("order", 3, json!({}))).must_succeed();
    namespace.eventually_runs(3, "app=order");
    namespace.apply(deployment("order", 3, json!({ "note": "second" }))).must_succeed();
    namespace.kubectl(&["rollout", "status", "deployment/order", "--timeout=30s"]).must_succeed();
    let pods = namespace.eventually_runs(3, "app=order");
    assert!(pods.iter().all(|pod| pod["metadata"]["annotations"]["note"] == "second"));
    assert_eq!(by_node(&pods), [1, 1, 1]);
}

fn nothing_pending(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    cluster.kubectl(&["cordon", NODES[0]], "").must_succeed();
    fill(&namespace, NODES[1]);
    namespace.apply(replicas_of_300m(4)).must_succeed();
    assert_eq!(by_node(&namespace.eventually_runs(4, "app=order")), [4], "only one node has room");
}

fn hard_spread(cluster: &mut Cluster) {
    let policy = policy(cluster, "spread", "  topologySpread:\n    whenUnsatisfiable: DoNotSchedule\n");
    cluster.serve(&[&policy]);
    let namespace = cluster.namespace("enforce");
    fill(&namespace, NODES[1]);
    namespace.apply(replicas_of_300m(3)).must_succeed();
    eventually("the scheduler gives up on the third replica", || {
        let pods = namespace.list("pods", "app=order");
        let (running, rest): (Vec<_>, Vec<_>) = pods.into_iter().partition(is_running);
        let why = rest.first()?["status"]["conditions"][0]["message"].as_str()?.to_owned();
        (running.len() == 2 && why.contains("didn't match pod topology spread constraints")).then_some(())
    });
}

/// Leaves no room on a node for anything that asks for 300m.
fn fill(namespace: &Namespace, node: &str) {
    let mut filler = pod("filler", json!({}));
    filler["metadata"]["annotations"] = json!(null);
    filler["spec"]["nodeName"] = json!(node);
    filler["spec"]["containers"][0]["resources"] = json!({ "requests": { "cpu": "3800m" } });
    namespace.apply(filler).must_succeed();
}

fn replicas_of_300m(replicas: usize) -> Value {
    let mut order = deployment("order", replicas, json!({}));
    order["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({ "requests": { "cpu": "300m" } });
    order
}

fn node_lost(cluster: &mut Cluster) {
    // Accepted by the built-in policy: a value that Dapr ignores only warns.
    let namespace = cluster.namespace("enforce");
    let annotations = json!({ "dapr.io/app-port": "70000", "dapr.io/sidecar-memory-limit": "256Mi" });
    namespace.apply(deployment("order", 6, annotations.clone())).must_succeed();
    let before = namespace.eventually_runs(6, "app=order");
    let lost = before.iter().filter(|pod| pod["spec"]["nodeName"] == NODES[0]).count();
    assert!(lost > 0, "nothing to lose");

    let policy = policy(cluster, "strict", "  rules:\n    annotation-ignored: deny\n");
    cluster.serve(&[&policy]);
    namespace.apply(deployment("again", 1, annotations)).must_fail().says("[annotation-ignored]");

    cluster
        .kubectl(&["taint", "node", NODES[0], "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"], "")
        .must_succeed();
    eventually("all pods run on the nodes that are left", || {
        let pods = namespace.list("pods", "app=order");
        let running: Vec<_> =
            pods.iter().filter(|pod| is_running(pod) && pod["spec"]["nodeName"] != NODES[0]).collect();
        (running.len() == 6).then_some(())
    });
    let warned = cluster.decisions(&namespace);
    let of_pods = warned.iter().filter(|line| {
        line["kind"] == "Pod"
            && line["stage"] == "validate"
            && line["results"].to_string().contains("annotation-ignored")
    });
    assert!(of_pods.filter(|line| line["outcome"] == "warned").count() >= lost, "{warned:#?}");
}

/// A policy document: the flag that names it.
fn policy(cluster: &Cluster, name: &str, spec: &str) -> String {
    let path = cluster.directory().join(format!("{name}.yaml"));
    let head = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata:\n  name: default\nspec:\n";
    fs::write(&path, format!("{head}{spec}")).unwrap();
    format!("--policy={}", path.display())
}

/// How many of the pods each node has, fewest first.
fn by_node(pods: &[Value]) -> Vec<usize> {
    let mut counts = BTreeMap::new();
    for pod in pods {
        *counts.entry(pod["spec"]["nodeName"].as_str().unwrap()).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_values().collect();
    counts.sort_unstable();
    counts
}
