//! What happens when a part of it goes away.

use serde_json::{Value, json};

use super::{Scenario, deployment, pod};
use crate::balancer::Balancer;
use crate::cluster::{Cluster, Dapr};
use crate::namespace::{Namespace, container, env, eventually};

pub const SCENARIOS: &[Scenario] = &[
    ("one of two instances is killed under a stream of pods, and none fails", one_killed),
    ("the API server restarts, and pods are mended as before", apiserver_restarts),
    ("etcd stops and comes back, and pods are mended as before", etcd_stops),
    ("where our server is away, Ignore lets pods through as they are, and Fail refuses with our name", away),
];

fn one_killed(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let second = cluster.start_preflight("preflight-second", Dapr::V1_18, &[]);
    let balancer = Balancer::between([cluster.preflight_port(), second]);
    cluster.register_at(balancer.port(), |_| {});

    let mut api = cluster.api();
    let path = format!("/api/v1/namespaces/{}/pods?fieldValidation=Strict", namespace.name());
    let mut unmended = 0;
    for number in 0..100 {
        if number == 40 {
            cluster.process("preflight").signal("KILL");
        }
        let (status, pod) = api.create(&path, &pod(&format!("order-{number}"), json!({}))).unwrap();
        assert_eq!(status, 201, "{pod:#}");
        unmended += usize::from(!is_mended(&pod));
    }
    assert!(unmended <= 1, "{unmended} pods were let through as they were; only the one in flight may be");
    cluster.stop("preflight-second");
}

fn apiserver_restarts(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    namespace.apply(deployment("before", 1, json!({}))).must_succeed();
    namespace.eventually_runs(1, "app=before");
    cluster.stop("kube-apiserver");
    cluster.start_apiserver();
    mends_and_refuses(&namespace);
}

fn etcd_stops(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    cluster.stop("etcd");
    let refused =
        namespace.kubectl_with(&["apply", "--request-timeout=3s", "-f", "-"], &pod("early", json!({})).to_string());
    refused.must_fail();
    assert!(cluster.our_metrics().contains("dapr_preflight_"), "our server went with it");
    cluster.start_etcd();
    cluster.wait_for_apiserver();
    mends_and_refuses(&namespace);
}

fn away(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    cluster.stop("preflight");
    // As installed: workloads of an enforcing namespace fail closed, everything else opens.
    let said = namespace.apply(deployment("order", 1, json!({}))).must_fail();
    said.says("failed calling webhook \"workloads.enforce.dapr-preflight.io\"");
    namespace.apply(pod("order", json!({}))).must_succeed();
    assert!(!is_mended(&namespace.get("pod", "order")), "by whom?");

    cluster.register_with(|webhook| webhook["failurePolicy"] = json!("Ignore"));
    namespace.apply(deployment("order", 1, json!({}))).must_succeed();
    namespace.eventually_runs(1, "app=order,pod-template-hash");

    cluster.register_with(|webhook| webhook["failurePolicy"] = json!("Fail"));
    let said = namespace.apply(pod("second", json!({}))).must_fail();
    said.says("failed calling webhook \"mutate.enforce.dapr-preflight.io\"");

    cluster.serve(&[]);
    cluster.register();
    mends_and_refuses(&namespace);
}

/// Nothing is left of the trouble.
fn mends_and_refuses(namespace: &Namespace) {
    eventually("a deployment is accepted", || namespace.apply(deployment("after", 1, json!({}))).ok.then_some(()));
    assert!(is_mended(&namespace.eventually_runs(1, "app=after")[0]));
    let bad = deployment("bad", 1, json!({ "dapr.io/log-level": "loud" }));
    namespace.apply(bad).must_fail().says("[annotation-refused]");
}

fn is_mended(pod: &Value) -> bool {
    let daprd = container(pod, "daprd");
    daprd["resources"]["limits"]["memory"] == "256Mi" && env(daprd, "GOMEMLIMIT") == Some("230MiB")
}
