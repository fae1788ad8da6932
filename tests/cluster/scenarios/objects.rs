//! Policies and exemptions as objects.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Scenario, deployment, pod};
use crate::cluster::{Cluster, Dapr};
use crate::namespace::{Said, container, eventually};

pub const SCENARIOS: &[Scenario] = &[
    ("a change of policy is seen by both replicas within two seconds", seen_by_both),
    ("a policy with a mistake keeps its last good form, and its status says where", last_good),
    ("a replica that starts while a policy has a mistake holds to the last good form too", last_good_of_others),
    ("the API server refuses what the schema can say, and names the field", schema),
    ("of two policies for the same namespaces the older counts, and status shows the order", conflict),
    ("an exemption covers a Deployment and its pods, and ends by itself", exemption),
    ("a thousand exemptions at once are active within seconds", thousand),
    ("the watch is cut and resumed, and reviews do not notice", cut),
    ("without the CRDs it serves the built-in policy and says so, and takes them up when they come", no_crds),
    ("without permission it serves the built-in policy and says what it needs", no_permission),
    ("a policy file replaces the objects, and exemptions still count", file),
];

fn policy(name: &str, spec: Value) -> Value {
    json!({ "apiVersion": "dapr-preflight.io/v1alpha1", "kind": "PreflightPolicy", "metadata": { "name": name }, "spec": spec })
}

fn percent(namespace: &str, percent: u32) -> Value {
    json!({ "namespaces": [namespace], "gomemlimit": { "percent": percent } })
}

/// Exempts the Deployment `order`.
fn exempting(name: &str, rule: &str, ends_in: Duration) -> Value {
    let expires = jiff::Timestamp::now() + ends_in;
    let expires = jiff::Timestamp::from_second(expires.as_second()).unwrap().to_string();
    json!({
        "apiVersion": "dapr-preflight.io/v1alpha1",
        "kind": "PreflightExemption",
        "metadata": { "name": name },
        "spec": {
            "rules": [rule],
            "objects": [{ "kind": "Deployment", "name": "order" }],
            "reason": "moves in March",
            "owner": "team-order",
            "expires": expires,
        },
    })
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Cluster {
    fn apply_policy(&self, policy: &Value) -> Said {
        self.kubectl(&["apply", "-f", "-"], &policy.to_string())
    }

    /// The condition of a policy, once its status speaks of its newest generation.
    fn condition(&self, name: &str) -> Value {
        eventually(&format!("the status of policy {name}"), || {
            let said = self.kubectl(&["get", "preflightpolicy", name, "-o", "json"], "");
            let policy: Value = serde_json::from_str(&said.stdout).ok()?;
            let condition = policy["status"]["conditions"][0].clone();
            (condition["observedGeneration"] == policy["metadata"]["generation"]).then_some(condition)
        })
    }

    fn forget(&self) {
        self.kubectl(&["delete", "preflightpolicies", "--all"], "").must_succeed();
    }

    /// GOMEMLIMIT as a server that listens there would set it now.
    fn gomemlimit(&self, port: u16, namespace: &str) -> Option<String> {
        let object = pod("order", json!({}));
        let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
        let request =
            json!({ "uid": "u", "kind": kind, "namespace": namespace, "operation": "CREATE", "object": object });
        let review = json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request });
        let mut client =
            crate::common::Client::connect(([127, 0, 0, 1], port).into(), crate::common::trusting_anything());
        let reply = client.post("/mutate/enforce", review.to_string().as_bytes()).json();
        let patch = base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD,
            reply["response"]["patch"].as_str().unwrap_or_default(),
        );
        let patch: Value = serde_json::from_slice(&patch.unwrap()).ok()?;
        let edit = patch.as_array()?.iter().find(|edit| edit["path"] == "/metadata/annotations/dapr.io~1env")?;
        edit["value"].as_str()?.strip_prefix("GOMEMLIMIT=").map(str::to_owned)
    }

    fn log_says(&mut self, words: &str) {
        eventually(&format!("our log says {words:?}"), || {
            self.process("preflight").log().contains(words).then_some(())
        });
    }

    fn metric(&self, name: &str) -> String {
        let metrics = self.our_metrics();
        let line = metrics.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        line.unwrap_or_else(|| panic!("no {name} in {metrics}")).rsplit(' ').next().unwrap().to_owned()
    }
}

fn seen_by_both(cluster: &mut Cluster) {
    cluster.serve(&["--watch"]);
    let first = cluster.preflight_port();
    let second = cluster.start_preflight("preflight-second", Dapr::V1_18, &["--watch"]);
    let mut slowest = Duration::ZERO;
    for (value, expected) in [(50, "128MiB"), (60, "153MiB"), (70, "179MiB")] {
        cluster.apply_policy(&policy("shop", percent("shop", value))).must_succeed();
        let applied = Instant::now();
        for port in [first, second] {
            eventually("the policy counts", || (cluster.gomemlimit(port, "shop")? == expected).then_some(()));
        }
        slowest = slowest.max(applied.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    cluster.forget();
    eventually("the built-in policy counts", || (cluster.gomemlimit(second, "shop")? == "230MiB").then_some(()));
    cluster.stop("preflight-second");
}

fn last_good(cluster: &mut Cluster) {
    cluster.serve(&["--watch"]);
    let port = cluster.preflight_port();
    cluster.apply_policy(&policy("shop", percent("shop", 50))).must_succeed();
    assert_eq!(cluster.condition("shop")["status"], "True");
    let mut bad = percent("shop", 60);
    bad["rules"] = json!({ "topology-sprad": "off" });
    cluster.apply_policy(&policy("shop", bad)).must_succeed();
    let condition = cluster.condition("shop");
    assert_eq!((&condition["status"], &condition["reason"]), (&json!("False"), &json!("Invalid")));
    assert_eq!(
        condition["message"],
        "spec.rules.topology-sprad: unknown rule \"topology-sprad\", did you mean \"topology-spread\"?; generation 1 stays in force"
    );
    assert_eq!(cluster.gomemlimit(port, "shop").as_deref(), Some("128MiB"));
    assert_eq!(cluster.metric("dapr_preflight_policies{state=\"refused\"}"), "1");
    let table = cluster.kubectl(&["get", "preflightpolicies", "-o", "wide"], "").must_succeed().stdout;
    assert!(table.contains("False") && table.contains("did you mean"), "{table}");

    cluster.apply_policy(&policy("shop", percent("shop", 60))).must_succeed();
    assert_eq!(cluster.condition("shop")["message"], "in force");
    assert_eq!(cluster.gomemlimit(port, "shop").as_deref(), Some("153MiB"));
    cluster.forget();
}

fn last_good_of_others(cluster: &mut Cluster) {
    cluster.serve(&["--watch"]);
    cluster.apply_policy(&policy("shop", percent("shop", 50))).must_succeed();
    assert_eq!(cluster.condition("shop")["status"], "True");
    let mut bad = percent("shop", 60);
    bad["rules"] = json!({ "topology-sprad": "off" });
    cluster.apply_policy(&policy("shop", bad)).must_succeed();
    let condition = cluster.condition("shop");
    // It has never seen the good form: only the status of the object holds it.
    cluster.stop("preflight");
    cluster.serve(&["--watch"]);
    eventually("it is watched", || (cluster.metric("dapr_preflight_policies{state=\"refused\"}") == "1").then_some(()));
    assert_eq!(cluster.gomemlimit(cluster.preflight_port(), "shop").as_deref(), Some("128MiB"));
    assert_eq!(cluster.condition("shop"), condition, "it has something else to say");

    cluster.apply_policy(&policy("shop", percent("shop", 60))).must_succeed();
    assert_eq!(cluster.condition("shop")["message"], "in force");
    let held = ["get", "preflightpolicy", "shop", "-o", "jsonpath={.status.inForce}"];
    assert_eq!(cluster.kubectl(&held, "").must_succeed().stdout, "");
    cluster.forget();
}

fn schema(cluster: &mut Cluster) {
    for (spec, says) in [
        (json!({ "namespaces": [] }), "spec.namespaces"),
        (json!({ "namespaces": ["a", "a"] }), "Duplicate value"),
        (json!({ "dapr": { "version": "latest" } }), "spec.dapr.version"),
        (json!({ "gomemlimit": { "percent": 100 } }), "spec.gomemlimit.percent"),
        (json!({ "rules": { "app-id": "refuse" } }), "spec.rules.app-id"),
        (json!({ "sidecarResources": { "actor": { "limits": { "cpu": "lots" } } } }), "cpu is no quantity above zero"),
        (
            json!({ "sidecarResources": { "actor": { "limits": { "memory": "0" } } } }),
            "memory is no quantity above zero",
        ),
        (
            json!({ "sidecarResources": { "service": { "requests": { "cpu": "1" }, "limits": { "cpu": "500m" } } } }),
            "the CPU request is above the limit",
        ),
        (json!({ "terminationGracePeriodSeconds": { "actor": {} } }), "give minimum or default"),
        (
            json!({ "terminationGracePeriodSeconds": { "actor": { "minimum": 9, "default": 8 } } }),
            "minimum is above default",
        ),
        (json!({ "topologySpread": { "topologyKeys": [] } }), "spec.topologySpread.topologyKeys"),
        (json!({ "topologySpread": { "maxSkew": 0 } }), "spec.topologySpread.maxSkew"),
        (json!({ "roles": [{ "role": "actor" }] }), "give appIds, configs or labels"),
        (json!({ "ruls": {} }), "unknown field \"spec.ruls\""),
    ] {
        cluster.apply_policy(&policy("bad", spec)).must_fail().says(says);
    }
    let namespace = cluster.namespace("");
    let mut nobody = exempting("e", "app-id", DAY);
    nobody["spec"]["objects"] = json!([]);
    namespace.apply(&nobody).must_fail().says("an exemption names what it exempts");
    nobody = exempting("e", "app-id", DAY);
    nobody["spec"]["expires"] = json!("tomorrow");
    namespace.apply(&nobody).must_fail().says("spec.expires");
    nobody = exempting("e", "app-id", DAY);
    nobody["spec"].as_object_mut().unwrap().remove("reason");
    namespace.apply(&nobody).must_fail().says("spec.reason");
    // Everything that the documentation shows is accepted.
    let all = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policy.yaml")).unwrap();
    cluster.kubectl(&["apply", "-f", "-"], &all).must_succeed();
    cluster.forget();
}

fn conflict(cluster: &mut Cluster) {
    cluster.serve(&["--watch"]);
    let port = cluster.preflight_port();
    cluster.apply_policy(&policy("older", percent("team-*", 50))).must_succeed();
    cluster.apply_policy(&policy("exact", percent("team-a", 60))).must_succeed();
    // Objects are as old as the second in which they are made.
    std::thread::sleep(Duration::from_millis(1100));
    cluster.apply_policy(&policy("newer", percent("team-*", 70))).must_succeed();
    let condition = cluster.condition("newer");
    assert_eq!(condition["reason"], "Conflict");
    assert!(condition["message"].as_str().unwrap().contains("belongs to the older policy \"older\""), "{condition}");
    assert_eq!(cluster.gomemlimit(port, "team-a").as_deref(), Some("153MiB"));
    assert_eq!(cluster.gomemlimit(port, "team-b").as_deref(), Some("128MiB"));
    let order = |name| {
        let said = cluster.kubectl(&["get", "preflightpolicy", name, "-o", "jsonpath={.status.order}"], "");
        serde_json::from_str::<Value>(&said.stdout).unwrap()
    };
    assert_eq!(order("exact"), json!([{ "namespaces": "team-a", "rank": 1 }]));
    assert_eq!(order("older"), json!([{ "namespaces": "team-*", "rank": 2 }]));
    // The older goes, and the newer takes its place.
    cluster.kubectl(&["delete", "preflightpolicy", "older"], "").must_succeed();
    eventually("the newer counts", || (cluster.gomemlimit(port, "team-b")? == "179MiB").then_some(()));
    cluster.forget();
}

fn exemption(cluster: &mut Cluster) {
    cluster.serve(&["--watch"]);
    let namespace = cluster.namespace("enforce");
    let loud = deployment("order", 1, json!({ "dapr.io/log-level": "loud" }));
    namespace.apply(&loud).must_fail().says("[annotation-refused]");
    let ends = Duration::from_secs(8);
    namespace.apply(exempting("loud", "annotation-refused", ends)).must_succeed();
    namespace.apply(exempting("resources", "sidecar-resources", DAY)).must_succeed();
    eventually("it is accepted", || namespace.apply(&loud).ok.then_some(()));
    let pods = namespace.eventually_runs(1, "app=order");
    assert!(container(&pods[0], "daprd")["resources"]["limits"].is_null(), "the exempted rule made its edit");
    // Another Deployment is not exempt.
    namespace.apply(deployment("other", 1, json!({ "dapr.io/log-level": "loud" }))).must_fail();

    namespace.kubectl(&["delete", "deployment", "order"]).must_succeed();
    let tried = || namespace.kubectl_with(&["apply", "--dry-run=server", "-f", "-"], &loud.to_string());
    eventually("it is over", || (!tried().ok).then_some(()));
    let table = || namespace.kubectl(&["get", "preflightexemptions"]).must_succeed().stdout;
    eventually("it is said to be over", || table().contains("False").then_some(()));
}

fn thousand(cluster: &mut Cluster) {
    cluster.serve(&["--watch"]);
    let namespace = cluster.namespace("enforce");
    let mut api = cluster.api();
    let path = format!("/apis/dapr-preflight.io/v1alpha1/namespaces/{}/preflightexemptions", namespace.name());
    for number in 0..1000 {
        let (status, said) = api.create(&path, &exempting(&format!("e-{number}"), "app-id", DAY)).unwrap();
        assert_eq!(status, 201, "{said}");
    }
    let made = Instant::now();
    eventually("they are active", || {
        (cluster.metric("dapr_preflight_exemptions{state=\"active\"}") == "1000").then_some(())
    });
    assert!(made.elapsed() < Duration::from_secs(5), "{:?}", made.elapsed());
    assert_eq!(cluster.metric("dapr_preflight_exemptions_expiring"), "1000");
    namespace.eventually("preflightexemption", "e-999", |object| object["status"]["conditions"][1]["status"] == "True");
    namespace.kubectl(&["delete", "preflightexemptions", "--all", "--wait=false"]).must_succeed();
}

fn cut(cluster: &mut Cluster) {
    cluster.serve(&["--watch"]);
    let port = cluster.preflight_port();
    cluster.apply_policy(&policy("shop", percent("shop", 50))).must_succeed();
    eventually("the policy counts", || (cluster.gomemlimit(port, "shop")? == "128MiB").then_some(()));
    cluster.stop("kube-apiserver");
    for _ in 0..20 {
        assert_eq!(cluster.gomemlimit(port, "shop").as_deref(), Some("128MiB"));
        std::thread::sleep(Duration::from_millis(50));
    }
    cluster.log_says("cannot be watched; what is known of them stays in force");
    cluster.start_apiserver();
    cluster.apply_policy(&policy("shop", percent("shop", 60))).must_succeed();
    eventually("the watch is resumed", || (cluster.gomemlimit(port, "shop")? == "153MiB").then_some(()));
    cluster.log_says("are watched again");
    cluster.forget();
}

fn no_crds(cluster: &mut Cluster) {
    let crds = ["crd/preflightpolicies.dapr-preflight.io", "crd/preflightexemptions.dapr-preflight.io"];
    cluster.kubectl(&[&["delete"], &crds[..]].concat(), "").must_succeed();
    cluster.serve(&["--watch"]);
    let port = cluster.preflight_port();
    cluster.log_says("preflightpolicies cannot be watched; install the CustomResourceDefinitions");
    eventually("it is ready", || cluster.our_page("/readyz").contains("\r\n\r\nok").then_some(()));
    assert_eq!(cluster.gomemlimit(port, "shop").as_deref(), Some("230MiB"));
    cluster.permit();
    cluster.apply_policy(&policy("shop", percent("shop", 50))).must_succeed();
    eventually("they are taken up", || (cluster.gomemlimit(port, "shop")? == "128MiB").then_some(()));
    cluster.forget();
}

fn no_permission(cluster: &mut Cluster) {
    cluster.kubectl(&["delete", "clusterrolebinding", "dapr-preflight"], "").must_succeed();
    cluster.serve(&["--watch", "--log-level=debug"]);
    let port = cluster.preflight_port();
    cluster.log_says(
        "preflightexemptions cannot be watched; let the service account list and watch them (its ClusterRole)",
    );
    eventually("it is ready", || cluster.our_page("/readyz").contains("\r\n\r\nok").then_some(()));
    assert_eq!(cluster.gomemlimit(port, "shop").as_deref(), Some("230MiB"));
    assert_eq!(cluster.metric("dapr_preflight_watching{kind=\"PreflightPolicy\"}"), "0");
    cluster.permit();
}

fn file(cluster: &mut Cluster) {
    let path = cluster.directory().join("policy.yaml");
    std::fs::write(&path, policy("file", json!({ "gomemlimit": { "percent": 40 } })).to_string()).unwrap();
    cluster.serve(&["--watch", "--policy", path.to_str().unwrap()]);
    let port = cluster.preflight_port();
    let namespace = cluster.namespace("enforce");
    cluster.apply_policy(&policy("object", json!({ "gomemlimit": { "percent": 50 } }))).must_succeed();
    namespace.apply(exempting("loud", "annotation-refused", DAY)).must_succeed();
    let loud = deployment("order", 0, json!({ "dapr.io/log-level": "loud" }));
    eventually("the exemption counts", || namespace.apply(&loud).ok.then_some(()));
    assert_eq!(cluster.gomemlimit(port, namespace.name()).as_deref(), Some("102MiB"));
    cluster.forget();
}
