//! Every kind of object that makes pods, and everything that is done to it, while all of it is enforced.

use serde_json::{Value, json};

use super::{Scenario, deployment, pod, selector, template, workload};
use crate::cluster::Cluster;
use crate::namespace::{Namespace, container, env, eventually};

pub const SCENARIOS: &[Scenario] = &[
    ("the pods of a StatefulSet and a DaemonSet are mended", sets),
    ("the pods of a Job and of a CronJob are mended, and finish", jobs),
    ("a bare pod is mended", bare_pod),
    ("a mended pod takes an ephemeral container", ephemeral_container),
    ("a deployment scales, and its pods are evicted and come back mended", scale_and_evict),
    ("server-side apply and kubectl patch go through, and are judged", apply_and_patch),
    ("every deletion policy goes through for objects that would be refused today", deletions),
    ("every finalizer goes through for objects that would be refused today", finalizers),
    ("a workload that would be refused today can be scaled to zero and have its labels changed", untouched_template),
];

/// What would be refused if it were written today.
fn bad() -> Value {
    json!({ "dapr.io/log-level": "loud" })
}

fn sets(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let set = |name: &str, more: Value| {
        let mut spec = json!({ "selector": selector(name), "template": template(name, json!({})) });
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        spec
    };
    let stateful =
        set("stateful", json!({ "serviceName": "stateful", "replicas": 2, "podManagementPolicy": "Parallel" }));
    namespace.apply(workload("apps/v1", "StatefulSet", "stateful", stateful)).must_succeed();
    namespace.apply(workload("apps/v1", "DaemonSet", "daemon", set("daemon", json!({})))).must_succeed();
    for pod in namespace.eventually_runs(2, "app=stateful") {
        is_mended(&pod);
        assert!(!pod["spec"]["topologySpreadConstraints"].is_null(), "{pod:#}");
    }
    for pod in namespace.eventually_runs(3, "app=daemon") {
        is_mended(&pod);
        assert!(pod["spec"]["topologySpreadConstraints"].is_null(), "one to a node is spread enough: {pod:#}");
    }
}

fn jobs(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let mut template = template("import", json!({}));
    template["spec"]["restartPolicy"] = json!("Never");
    let spec = json!({ "schedule": "0 0 1 1 *", "jobTemplate": { "spec": { "template": template } } });
    namespace.apply(workload("batch/v1", "CronJob", "import", spec)).must_succeed();
    namespace.kubectl(&["create", "job", "by-cron", "--from=cronjob/import"]).must_succeed();
    namespace.apply(workload("batch/v1", "Job", "by-hand", json!({ "template": template }))).must_succeed();
    for name in ["by-cron", "by-hand"] {
        let job = namespace.eventually("job", name, |job| job["status"]["succeeded"] == 1);
        assert_eq!(job["status"]["failed"], Value::Null);
        is_mended(&namespace.list("pods", &format!("job-name={name}"))[0]);
    }
}

fn bare_pod(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    namespace.apply(pod("order", json!({}))).must_succeed();
    is_mended(&namespace.get("pod", "order"));
    namespace.apply(pod("bad", bad())).must_fail().says("[annotation-refused] metadata.annotations[dapr.io/log-level]");
}

fn ephemeral_container(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    namespace.apply(deployment("order", 1, json!({}))).must_succeed();
    let pods = namespace.eventually_runs(1, "app=order");
    let name = pods[0]["metadata"]["name"].as_str().unwrap();
    namespace.kubectl(&["debug", name, "--image=busybox", "--target=app", "-c=look", "--attach=false"]).must_succeed();
    let pod = namespace.get("pod", name);
    assert_eq!(pod["spec"]["ephemeralContainers"][0]["name"], "look");
}

fn scale_and_evict(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    namespace.apply(deployment("order", 1, json!({}))).must_succeed();
    namespace.eventually_runs(1, "app=order");
    namespace.kubectl(&["scale", "deployment/order", "--replicas=3"]).must_succeed();
    let before = namespace.eventually_runs(3, "app=order");
    let evicted = before[0]["metadata"]["name"].as_str().unwrap();
    let eviction = json!({ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": evicted } });
    let path = format!("/api/v1/namespaces/{}/pods/{evicted}/eviction", namespace.name());
    namespace.kubectl_with(&["create", "--raw", &path, "-f", "-"], &eviction.to_string()).must_succeed();
    eventually("the evicted pod is replaced", || {
        let after = namespace.eventually_runs(3, "app=order");
        after.iter().all(|pod| pod["metadata"]["name"] != evicted).then_some(after)
    })
    .iter()
    .for_each(is_mended);
}

fn apply_and_patch(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let server_side = ["apply", "--server-side", "-f", "-"];
    let good = deployment("order", 1, json!({})).to_string();
    namespace.kubectl_with(&server_side, &good).must_succeed();
    namespace.eventually_runs(1, "app=order");
    namespace.kubectl_with(&server_side, &good).must_succeed();
    let worse = deployment("order", 1, bad()).to_string();
    namespace.kubectl_with(&server_side, &worse).must_fail().says("[annotation-refused]");
    let patch = json!({ "spec": { "template": { "metadata": { "annotations": bad() } } } }).to_string();
    namespace.kubectl(&["patch", "deployment", "order", "-p", &patch]).must_fail().says("[annotation-refused]");
    let patch = json!({ "spec": { "template": { "metadata": { "annotations": { "note": "x" } } } } }).to_string();
    namespace.kubectl(&["patch", "deployment", "order", "-p", &patch]).must_succeed();
    namespace.kubectl(&["rollout", "status", "deployment/order", "--timeout=30s"]).must_succeed();
}

fn deletions(cluster: &mut Cluster) {
    let namespace = refused_today(cluster, &["background", "foreground", "orphan"]);
    for policy in ["background", "foreground", "orphan"] {
        namespace
            .kubectl(&["delete", "deployment", policy, &format!("--cascade={policy}"), "--wait=false"])
            .must_succeed();
        let left = usize::from(policy == "orphan");
        eventually(&format!("deletion by {policy}"), || {
            let sets = namespace.list("replicasets", &format!("app={policy}"));
            let gone =
                namespace.kubectl(&["get", "deployment", policy, "--ignore-not-found", "-o", "name"]).stdout.is_empty();
            (gone && sets.len() == left && sets.iter().all(|set| set["metadata"]["ownerReferences"].is_null()))
                .then_some(())
        });
    }
}

fn finalizers(cluster: &mut Cluster) {
    let namespace = refused_today(cluster, &["order"]);
    let finalizer = r#"{"metadata":{"finalizers":["example.com/hold"]}}"#;
    // From below, since what is above makes it anew.
    for kind in ["pod", "replicaset", "deployment"] {
        let held = namespace.list(kind, "").remove(0);
        let name = held["metadata"]["name"].as_str().unwrap();
        namespace.kubectl(&["patch", kind, name, "--type=merge", "-p", finalizer]).must_succeed();
        namespace.kubectl(&["delete", kind, name, "--wait=false"]).must_succeed();
        assert!(!namespace.get(kind, name)["metadata"]["deletionTimestamp"].is_null(), "{kind} is not held");
        let none = r#"{"metadata":{"finalizers":null}}"#;
        namespace.kubectl(&["patch", kind, name, "--type=merge", "-p", none]).must_succeed();
        eventually(&format!("{kind} {name} is gone"), || {
            let now = namespace.list(kind, "");
            now.iter().all(|object| object["metadata"]["uid"] != held["metadata"]["uid"]).then_some(())
        });
    }
}

fn untouched_template(cluster: &mut Cluster) {
    let namespace = refused_today(cluster, &["order"]);
    namespace.kubectl(&["label", "deployment", "order", "team=checkout"]).must_succeed();
    namespace.kubectl(&["scale", "deployment/order", "--replicas=0"]).must_succeed();
    eventually("no pod is left", || namespace.list("pods", "app=order").is_empty().then_some(()));
}

/// Deployments of one pod that were accepted while nobody looked, in a namespace that enforces now.
fn refused_today(cluster: &mut Cluster, names: &[&str]) -> Namespace {
    let namespace = cluster.namespace("");
    for name in names {
        namespace.apply(deployment(name, 1, bad())).must_succeed();
    }
    for name in names {
        namespace.eventually_runs(1, &format!("app={name}"));
    }
    cluster.set_mode(&namespace, "enforce");
    namespace.apply(deployment("another", 1, bad())).must_fail().says("[annotation-refused]");
    namespace
}

fn is_mended(pod: &Value) {
    let daprd = container(pod, "daprd");
    assert_eq!(daprd["resources"]["limits"]["memory"], "256Mi", "{pod:#}");
    assert_eq!(env(daprd, "GOMEMLIMIT"), Some("230MiB"));
}
