//! Which objects the API server asks us about, and which it does not: every `matchConditions` expression of the chart.

use serde_json::{Value, json};

use super::{Scenario, deployment, selector, template, workload};
use crate::cluster::Cluster;
use crate::namespace::eventually;

pub const SCENARIOS: &[Scenario] = &[
    ("objects without Dapr cost no call, whatever fields they lack", no_call),
    ("what a judged workload made costs no call, and what anything else owns does", owners),
    ("what controllers and finalizers write costs no call, and goes on while nobody answers", controllers),
    (
        "an annotation of Dapr's on a workload itself costs a call when it is new or another, and none otherwise",
        misplaced,
    ),
    ("a Dapr resource costs a call when what Dapr reads of it changes, and none otherwise", dapr_resources),
    ("while nobody answers, a Dapr resource is refused where it would be enforced, and nowhere else", nobody_answers),
];

fn owners(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    cluster.register_with(|webhook| webhook["failurePolicy"] = json!("Fail"));
    let owner = |kind: &str, controller: Value| json!([{ "apiVersion": "example.com/v1", "kind": kind, "name": "x", "uid": "x", "controller": controller }]);
    for (nth, (owners, calls)) in [
        (json!(null), 1),
        (json!([]), 1),
        (owner("Deployment", json!(null)), 1),
        (owner("Deployment", json!(false)), 1),
        (owner("Deployment", json!(true)), 0),
        (owner("CronJob", json!(true)), 0),
        (owner("Rollout", json!(true)), 1),
    ]
    .into_iter()
    .enumerate()
    {
        let mut set = deployment(&format!("order-{nth}"), 0, json!({}));
        set["kind"] = json!("ReplicaSet");
        set["metadata"]["ownerReferences"] = owners.clone();
        let before = cluster.our_calls();
        // Its owner does not exist: the garbage collector will come, but not at once.
        namespace.kubectl_with(&["create", "-f", "-"], &set.to_string()).must_succeed();
        assert_eq!(cluster.our_calls() - before, calls, "{owners}");
    }
}

/// A workload of every kind whose template is this.
fn every_kind(name: &str, template: &Value) -> Vec<Value> {
    let select = |spec: Value| {
        let mut spec = spec;
        spec["selector"] = selector(name);
        spec["template"] = template.clone();
        spec
    };
    let mut job = template.clone();
    job["spec"]["restartPolicy"] = json!("Never");
    vec![
        workload("apps/v1", "Deployment", name, select(json!({ "replicas": 0 }))),
        workload("apps/v1", "ReplicaSet", name, select(json!({ "replicas": 0 }))),
        workload("apps/v1", "StatefulSet", name, select(json!({ "replicas": 0, "serviceName": name }))),
        workload("apps/v1", "DaemonSet", name, select(json!({}))),
        workload("batch/v1", "Job", name, json!({ "parallelism": 0, "template": job })),
        workload(
            "batch/v1",
            "CronJob",
            name,
            json!({ "schedule": "0 0 1 1 *", "jobTemplate": { "spec": { "template": job } } }),
        ),
    ]
}

fn no_call(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    cluster.register_with(|webhook| webhook["failurePolicy"] = json!("Fail"));
    let before = cluster.our_calls();
    let spec = json!({ "containers": [{ "name": "app", "image": "registry.example/order:v1" }] });
    let labels = json!({ "app": "plain" });
    for metadata in [
        json!({ "labels": labels }),
        json!({ "labels": labels, "annotations": null }),
        json!({ "labels": labels, "annotations": {} }),
        json!({ "labels": labels, "annotations": { "dapr": "true", "example.com/dapr.io": "x" } }),
    ] {
        let template = json!({ "metadata": metadata, "spec": spec });
        for object in every_kind("plain", &template) {
            namespace.apply(&object).must_succeed();
        }
        namespace
            .kubectl(&["delete", "deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs", "--all"])
            .must_succeed();
        let mut bare = template.clone();
        bare["apiVersion"] = json!("v1");
        bare["kind"] = json!("Pod");
        bare["metadata"]["name"] = json!("plain");
        namespace.apply(&bare).must_succeed();
        namespace.kubectl(&["delete", "pod", "plain", "--force"]).must_succeed();
    }
    // A Job's template may leave metadata out altogether, and so may a CronJob's.
    let bare = json!({ "spec": { "containers": spec["containers"], "restartPolicy": "Never" } });
    namespace.apply(workload("batch/v1", "Job", "bare", json!({ "parallelism": 0, "template": bare }))).must_succeed();
    let bare = json!({ "schedule": "0 0 1 1 *", "jobTemplate": { "spec": { "template": bare } } });
    namespace.apply(workload("batch/v1", "CronJob", "bare", bare)).must_succeed();
    // What lacks more is refused by the API server itself, and by no expression of ours.
    let empty = [
        json!({}),
        json!({ "schedule": "0 0 1 1 *" }),
        json!({ "jobTemplate": {} }),
        json!({ "jobTemplate": { "spec": {} } }),
    ];
    for spec in empty {
        namespace.apply(workload("batch/v1", "CronJob", "empty", spec)).must_fail().says("is invalid");
    }
    assert_eq!(cluster.our_calls(), before, "somebody was asked about an object without Dapr");

    // And with Dapr each of them costs one.
    let mut annotated = template("dapr", json!({}));
    annotated["metadata"]["labels"] = json!({ "app": "dapr" });
    for (nth, object) in (1..).zip(every_kind("dapr", &annotated)) {
        namespace.apply(&object).must_succeed();
        if object["kind"] == "DaemonSet" {
            namespace.kubectl(&["delete", "daemonset", "dapr"]).must_succeed();
            continue;
        }
        assert!(cluster.our_calls() >= before + nth, "nobody was asked about a {}", object["kind"]);
    }
}

fn controllers(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let mut order = deployment("order", 1, json!({}));
    order["metadata"]["finalizers"] = json!(["example.com/wait"]);
    namespace.apply(&order).must_succeed();
    namespace.eventually_runs(1, "app=order");
    cluster.register_with(|webhook| {
        // Pods fail open, as installed; all else would not.
        let pods = webhook["rules"][0]["resources"][0] == "pods";
        webhook["failurePolicy"] = json!(if pods { "Ignore" } else { "Fail" });
    });
    cluster.stop("preflight");
    // The Deployment's controller notes its revision and makes a new ReplicaSet; the old one's replicas go.
    namespace.kubectl(&["scale", "deployment/order", "--replicas=2"]).must_succeed();
    namespace.eventually_runs(2, "app=order");
    namespace.kubectl(&["annotate", "deployment/order", "example.com/note=x"]).must_succeed();
    namespace.kubectl(&["delete", "pods", "-l", "app=order", "--wait=false"]).must_succeed();
    namespace.eventually_runs(2, "app=order");
    let image = namespace.kubectl(&["set", "image", "deployment/order", "app=registry.example/order:v2"]).must_fail();
    image.says("failed calling webhook \"workloads.enforce.dapr-preflight.io\"");
    namespace.kubectl(&["delete", "deployment", "order", "--wait=false"]).must_succeed();
    namespace
        .kubectl(&["patch", "deployment", "order", "--type=merge", "-p", r#"{"metadata":{"finalizers":null}}"#])
        .must_succeed();
    eventually("it is gone", || namespace.list("deployments", "").is_empty().then_some(()));
}

fn misplaced(cluster: &mut Cluster) {
    let namespace = cluster.namespace("warn");
    cluster.register_with(|webhook| webhook["failurePolicy"] = json!("Fail"));
    let mut template = template("order", json!({}));
    // A DaemonSet has no number of replicas: these would be calls too.
    template["spec"]["nodeSelector"] = json!({ "nowhere": "true" });
    for object in every_kind("order", &template) {
        namespace.apply(&object).must_succeed();
        let of = format!("{}/order", object["kind"].as_str().unwrap());
        let annotated = |annotation: &str, calls: u64| {
            let before = cluster.our_calls();
            let said = namespace.kubectl(&["annotate", "--overwrite", &of, annotation]).must_succeed();
            assert_eq!(cluster.our_calls() - before, calls, "{annotation} on {of}");
            said
        };
        annotated("example.com/note=x", 0);
        annotated("dapr.io/app-port=8080", 1).says("[annotation-misplaced]");
        annotated("dapr.io/app-port=8081", 1).says("[annotation-misplaced]");
        annotated("example.com/note=y", 0);
        annotated("dapr.io/config=", 1).says("[annotation-misplaced]");
        annotated("dapr.io/app-port-", 0);
        namespace.kubectl(&["delete", &of]).must_succeed();
    }
}

/// Plural, kind, what its schema has beside `spec`, and the least spec that it accepts. The storage version of a
/// Subscription is the newer one; see [`an_older_version`].
type DaprKind = (&'static str, &'static str, &'static [&'static str], Value);

fn every_dapr_kind() -> [DaprKind; 7] {
    let component = json!({ "type": "state.redis", "version": "v1", "metadata": [] });
    let subscription = json!({ "pubsubname": "p", "topic": "t", "routes": {} });
    let mcp_server = json!({ "endpoint": { "streamableHTTP": { "url": "https://mcp.example" } } });
    [
        ("components", "Component", &["auth", "scopes"], component),
        ("configurations", "Configuration", &[], json!({ "features": [] })),
        ("httpendpoints", "HTTPEndpoint", &["auth", "scopes"], json!({ "baseUrl": "https://e.example" })),
        ("mcpservers", "MCPServer", &["scopes"], mcp_server),
        ("resiliencies", "Resiliency", &["scopes"], json!({ "policies": {}, "targets": {} })),
        ("subscriptions", "Subscription", &["scopes"], subscription),
        ("workflowaccesspolicies", "WorkflowAccessPolicy", &["scopes"], json!({ "rules": [] })),
    ]
}

fn dapr_resources(cluster: &mut Cluster) {
    // Nothing is refused there, so that only the calls count; and an expression that fails fails the request.
    let namespace = cluster.namespace("audit");
    cluster.register_with(|webhook| webhook["failurePolicy"] = json!("Fail"));
    for (plural, kind, fields, spec) in every_dapr_kind() {
        let version = if kind == "Subscription" { "dapr.io/v2alpha1" } else { "dapr.io/v1alpha1" };
        let plural = &format!("{plural}.dapr.io");
        let asked = |what: &str, calls: u64, patch: Value| {
            let before = cluster.our_calls();
            let patch = patch.to_string();
            namespace.kubectl(&["patch", plural, "order", "--type=merge", "-p", &patch]).must_succeed();
            assert_eq!(cluster.our_calls() - before, calls, "{what} of a {kind}");
        };
        let before = cluster.our_calls();
        // Without spec, scopes and auth, all of which its schema lets it lack.
        let bare = json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "order" } });
        namespace.kubectl_with(&["create", "-f", "-"], &bare.to_string()).must_succeed();
        assert_eq!(cluster.our_calls() - before, 1, "a new {kind}");

        asked("a label", 0, json!({ "metadata": { "labels": { "a": "b" } } }));
        asked("an annotation", 0, json!({ "metadata": { "annotations": { "a": "b" } } }));
        asked("a spec", 1, json!({ "spec": spec }));
        asked("the same spec", 0, json!({ "spec": spec, "metadata": { "labels": { "a": "c" } } }));
        // A field that its schema does not have is dropped, and nothing has changed.
        let [scopes, auth] = ["scopes", "auth"].map(|field| u64::from(fields.contains(&field)));
        asked("scopes", scopes, json!({ "scopes": ["order"] }));
        asked("other scopes", scopes, json!({ "scopes": ["order", "cart"] }));
        asked("no scopes", scopes, json!({ "scopes": null }));
        asked("auth", auth, json!({ "auth": { "secretStore": "vault" } }));
        asked("a finalizer", 0, json!({ "metadata": { "finalizers": ["example.com/wait"] } }));
        namespace.kubectl(&["delete", plural, "order", "--wait=false"]).must_succeed();
        asked("scopes, on its way out", 0, json!({ "scopes": ["cart"] }));
        asked("no finalizer, on its way out", 0, json!({ "metadata": { "finalizers": null } }));
        eventually("it is gone", || namespace.list(plural, "").is_empty().then_some(()));
    }
    an_older_version(cluster);
}

/// A Subscription in the version that Dapr serves but does not store comes as it was written.
fn an_older_version(cluster: &mut Cluster) {
    let namespace = cluster.namespace("audit");
    let convert = |conversion: Value| {
        let patch = json!({ "spec": { "conversion": conversion } }).to_string();
        cluster.kubectl(&["patch", "crd", "subscriptions.dapr.io", "--type=merge", "-p", &patch], "").must_succeed();
    };
    let said = cluster.kubectl(&["get", "crd", "subscriptions.dapr.io", "-o", "jsonpath={.spec.conversion}"], "");
    let by_dapr: Value = serde_json::from_str(&said.must_succeed().stdout).unwrap();
    // Dapr's operator, which converts, is not here.
    convert(json!({ "strategy": "None", "webhook": null }));
    let before = cluster.our_calls();
    let spec = json!({ "pubsubname": "p", "topic": "t", "route": "/orders" });
    let old = workload("dapr.io/v1alpha1", "Subscription", "order", spec);
    eventually("nobody is asked to convert it", || namespace.apply(&old).ok.then_some(()));
    assert_eq!(cluster.our_calls() - before, 1);
    namespace.kubectl(&["delete", "subscriptions.v1alpha1.dapr.io", "order"]).must_succeed();
    convert(by_dapr);
}

fn nobody_answers(cluster: &mut Cluster) {
    let [enforcing, warning] = ["enforce", "warn"].map(|mode| cluster.namespace(mode));
    cluster.register();
    let configuration = |name: &str| workload("dapr.io/v1alpha1", "Configuration", name, json!({}));
    enforcing.apply(configuration("order")).must_succeed();
    cluster.stop("preflight");
    let refused = enforcing.apply(configuration("cart")).must_fail();
    refused.says("failed calling webhook \"resources.enforce.dapr-preflight.io\"");
    enforcing.kubectl(&["annotate", "configurations.dapr.io", "order", "a=b"]).must_succeed();
    enforcing.kubectl(&["delete", "configurations.dapr.io", "order"]).must_succeed();
    warning.apply(configuration("cart")).must_succeed();
}
