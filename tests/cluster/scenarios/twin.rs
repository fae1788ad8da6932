//! The injector's twin beside the real ones, on pods that a generator makes.
//!
//! `DAPR_PREFLIGHT_SEED=7 DAPR_PREFLIGHT_PODS=100000 tests/cluster/run twin` tries others, and more.

use dapr_preflight::dapr::Quantity;
use dapr_preflight::dapr::twin::{Outcome, Settings, inject};
use serde_json::{Value, json};

use super::Scenario;
use crate::cluster::{Cluster, Dapr};
use crate::common::{Client, trusting_anything};
use crate::generator::{Random, pod};

pub const SCENARIOS: &[Scenario] =
    &[("the injector's twin makes of generated pods what the real injectors make", twin)];

fn twin(cluster: &mut Cluster) {
    let from_env = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().expect(name));
    let (seed, count) = (from_env("DAPR_PREFLIGHT_SEED", 1), from_env("DAPR_PREFLIGHT_PODS", 1500));
    for dapr in [Dapr::V1_15, Dapr::V1_18, Dapr::V1_18Native] {
        let mut random = Random(seed);
        let settings = settings(cluster, dapr);
        let version = dapr.version().parse().unwrap();
        let mut injector = Client::connect(([127, 0, 0, 1], cluster.injector_port(dapr)).into(), trusting_anything());
        let mut injected = 0;
        for number in 0..count {
            let pod = pod(&mut random);
            let theirs = real(&mut injector, &pod);
            let ours = match inject(&pod, version, &settings).unwrap() {
                Outcome::NotInjected(_) => json!({ "allowed": true }),
                Outcome::Refused(message) => json!({ "refused": message }),
                Outcome::Injected(after) => json!({ "pod": normal(after) }),
            };
            injected += usize::from(ours.get("pod").is_some());
            assert!(
                ours == theirs,
                "{dapr:?}, seed {seed}, pod {number}:\n{pod:#}\n{}",
                difference("", &ours, &theirs)
            );
        }
        assert!(injected as u64 * 2 > count, "only {injected} of {count} pods were injected");
    }
}

fn settings(cluster: &Cluster, dapr: Dapr) -> Settings {
    Settings {
        namespace: "production".to_owned(),
        image: dapr.image(),
        image_pull_policy: "Always".to_owned(),
        trust_anchors: cluster.authority().to_owned(),
        token_volume: false,
        native_sidecars: dapr == Dapr::V1_18Native,
        ..Settings::default()
    }
}

/// What the real injector does.
fn real(injector: &mut Client, pod: &Value) -> Value {
    let request = json!({
        "uid": "1",
        "kind": { "group": "", "version": "v1", "kind": "Pod" },
        "resource": { "group": "", "version": "v1", "resource": "pods" },
        "namespace": "production",
        "operation": "CREATE",
        "userInfo": { "username": "admin", "groups": ["system:masters"] },
        "object": pod,
    });
    let review = json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request });
    let mut response = injector.post("/mutate", review.to_string().as_bytes()).json()["response"].take();
    if let Some(patch) = response["patch"].as_str() {
        use base64::Engine as _;
        let patch = base64::engine::general_purpose::STANDARD.decode(patch).unwrap();
        let mut after = pod.clone();
        json_patch::patch(&mut after, &serde_json::from_slice::<json_patch::Patch>(&patch).unwrap()).unwrap();
        return json!({ "pod": normal(after) });
    }
    match response["allowed"].as_bool() {
        Some(true) => json!({ "allowed": true }),
        _ => json!({ "refused": response["status"]["message"].take() }),
    }
}

/// The sidecar's quantities by what they amount to, not by how they are written.
fn normal(mut pod: Value) -> Value {
    for list in ["containers", "initContainers"] {
        let containers = pod["spec"][list].as_array_mut().into_iter().flatten();
        for daprd in containers.filter(|container| container["name"] == "daprd") {
            let lists = daprd["resources"].as_object_mut().into_iter().flat_map(|lists| lists.values_mut());
            for quantity in lists.flat_map(|list| list.as_object_mut().unwrap().values_mut()) {
                *quantity = json!(Quantity::parse(quantity.as_str().unwrap()).unwrap().nanos().to_string());
            }
        }
    }
    // Asking for a list that is not there has left a null.
    if let Some(spec) = pod["spec"].as_object_mut() {
        spec.retain(|_, field| !field.is_null());
    }
    pod
}

/// Only where two values differ.
fn difference(at: &str, ours: &Value, theirs: &Value) -> String {
    let all = |one: &Value, other: &Value| -> Vec<String> {
        let names = one.as_object().unwrap().keys().chain(other.as_object().unwrap().keys());
        let mut names: Vec<_> = names.cloned().collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    match (ours, theirs) {
        _ if ours == theirs => String::new(),
        (Value::Object(_), Value::Object(_)) => all(ours, theirs)
            .iter()
            .map(|name| difference(&format!("{at}/{name}"), &ours[name.as_str()], &theirs[name.as_str()]))
            .collect(),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => one
            .iter()
            .zip(other)
            .enumerate()
            .map(|(n, (one, other))| difference(&format!("{at}/{n}"), one, other))
            .collect(),
        _ => format!("{at}\n  twin: {ours}\n  Dapr: {theirs}\n"),
    }
}
