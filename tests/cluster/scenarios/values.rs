//! What rules say of values for Dapr's chart, and what they say of what the chart makes of these values.

use std::collections::BTreeSet;

use dapr_preflight::policy::Scope;
use dapr_preflight::rules::ALL;
use serde_json::{Value, json};

use super::Scenario;
use crate::cluster::Cluster;
use crate::generator::Random;
use crate::support::together::{Said, judge};

pub const SCENARIOS: &[Scenario] = &[
    ("values: each rule on Helm values finds what rules on the control plane find in what Dapr's chart renders", agree),
    ("values: what a rule says that Dapr's chart does not read changes nothing of what it renders", not_read),
];

/// A rule on values, and those on the control plane that see the same in a rendering: one of them at least.
const SAME: [(&str, &[&str]); 8] = [
    ("helm-failure-policy", &["control-plane-failure-policy"]),
    ("helm-high-availability", &["control-plane-replicas", "control-plane-disruption-budget", "control-plane-spread"]),
    ("helm-image-tag", &["control-plane-image"]),
    ("helm-log-as-json", &["control-plane-logs"]),
    ("helm-mtls", &["configuration-mtls"]),
    ("helm-resources", &["control-plane-resources"]),
    ("helm-scheduler-storage", &["control-plane-scheduler-storage"]),
    ("helm-secret-reader", &["control-plane-secret-reader"]),
];

/// How many mixtures of the examples are rendered.
const MIXTURES: u64 = 24;

fn agree(cluster: &mut Cluster) {
    let all: Vec<[Value; 2]> = SAME.iter().map(|(rule, _)| examples(rule)).collect();
    for (pair, [bad, good]) in SAME.iter().zip(&all) {
        assert!(compared(cluster, pair, bad), "{} finds nothing in its bad example", pair.0);
        assert!(!compared(cluster, pair, good), "{} finds something in its good example", pair.0);
    }
    let mut random = Random(1);
    for _ in 0..MIXTURES {
        let mut values = json!({});
        for examples in &all {
            // Two of three times one of the two, in an order that decides where they contradict each other.
            if let Some(example) = examples.get(random.below(3)) {
                merge(&mut values, example);
            }
        }
        let rendered = rendered(cluster, &values);
        SAME.iter().for_each(|pair| _ = same(pair, &values, &rendered));
    }
}

fn compared(cluster: &Cluster, pair: &(&str, &[&str]), values: &Value) -> bool {
    same(pair, values, &rendered(cluster, values))
}

/// Whether a rule on values finds something, which is whether those on the rendering do.
fn same((rule, others): &(&str, &[&str]), values: &Value, rendered: &[Value]) -> bool {
    let (of_values, of_rendered) = (judge(std::slice::from_ref(values), Scope::Files), judge(rendered, Scope::Files));
    // Whether a class is named is a question for values only: in a cluster there is the default one.
    let class = |place: &String| place.ends_with("/storageClassName");
    let found = |said: &Said, rule: &str| !said.of(rule).iter().all(class);
    let (here, there) = (found(&of_values, rule), others.iter().any(|other| found(&of_rendered, other)));
    let words: Vec<_> = of_rendered.found.iter().filter(|found| others.contains(&found.rule)).collect();
    assert_eq!(here, there, "{rule} of {values}: {:?}, and of the rendering {words:?}", of_values.of(rule));
    here
}

/// An unknown key; and a number of replicas that high availability overrules.
fn not_read(cluster: &mut Cluster) {
    for rule in ["helm-value-unknown", "helm-replicas"] {
        let [bad, _] = examples(rule);
        let said = judge(std::slice::from_ref(&bad), Scope::Files);
        let places: BTreeSet<&str> =
            said.found.iter().filter(|found| found.rule == rule).map(|found| &*found.at).collect();
        assert!(!places.is_empty(), "{rule}");
        let mut without = bad.clone();
        for at in places {
            let (parent, key) = at.rsplit_once('/').unwrap();
            without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        }
        assert_eq!(stable(rendered(cluster, &bad)), stable(rendered(cluster, &without)), "{rule}: {bad}");
    }
}

/// A rendering without what the chart makes anew each time: certificates, and what says that they are others.
fn stable(mut rendered: Vec<Value>) -> Vec<Value> {
    rendered.retain(|object| object["spec"].is_object());
    for object in &mut rendered {
        if let Some(annotations) = object.pointer_mut("/spec/template/metadata/annotations") {
            *annotations = Value::Null;
        }
    }
    rendered
}

fn examples(rule: &str) -> [Value; 2] {
    let rule = ALL.iter().find(|known| known.id == rule).unwrap();
    [rule.bad, rule.good].map(|text| serde_saphyr::from_str(text).unwrap())
}

/// What the chart makes of values. In the module its tag is "edge": a released chart has its version there.
fn rendered(cluster: &Cluster, values: &Value) -> Vec<Value> {
    let write = |name: &str, values: &Value| {
        let path = cluster.directory().join(name);
        std::fs::write(&path, values.to_string()).unwrap();
        format!("--values={}", path.display())
    };
    let released = write("released.yaml", &json!({ "global": { "tag": "1.18.2" } }));
    let values = write("values.yaml", values);
    let chart = cluster.programs().join("chart-1.18.2");
    let said = cluster.helm(&["template", "dapr", chart.to_str().unwrap(), "-n", "dapr-system", &released, &values]);
    let all: Vec<Value> = serde_saphyr::from_multiple(&said.must_succeed().stdout).unwrap();
    all.into_iter().filter(|object| object["kind"].is_string()).collect()
}

/// Helm's own way to put one file of values over another.
fn merge(values: &mut Value, over: &Value) {
    match (values, over) {
        (Value::Object(values), Value::Object(over)) => {
            for (key, value) in over {
                merge(values.entry(key).or_insert(Value::Null), value);
            }
        }
        (values, over) => *values = over.clone(),
    }
}
