//! What a rule calls certain is refused where nobody but the API server and Dapr look.

use serde_json::{Value, json};

use super::{Scenario, pod};
use crate::cluster::Cluster;

pub const SCENARIOS: &[Scenario] = &[
    ("a boolean or a number where a string is wanted is refused by Kubernetes itself", not_a_string),
    ("a pod with pluggable components and no volume is refused for what Dapr makes of it", components),
];

/// Of each kind of place one.
fn not_a_string(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    let places: [(&str, Value); 6] = [
        ("/metadata/annotations/dapr.io~1enabled", json!(true)),
        ("/metadata/annotations/dapr.io~1log-as-json", json!(1.5)),
        ("/metadata/labels/app", json!(8080)),
        ("/spec/containers/0/env/0/value", json!(false)),
        ("/spec/nodeSelector", json!({ "gpu": true })),
        ("/spec/initContainers", json!([{ "name": "i", "image": "i:1", "env": [{ "name": "A", "value": 1 }] }])),
    ];
    for (place, value) in places {
        let mut pod = pod("order", json!({}));
        pod["spec"]["containers"][0]["env"] = json!([{ "name": "A", "value": "x" }]);
        for field in ["nodeSelector", "initContainers"] {
            pod["spec"][field] = Value::Null;
        }
        *pod.pointer_mut(place).expect("the pod has it") = value;
        let said = namespace.apply(&pod).must_fail();
        said.says("cannot unmarshal").says("of type string");
    }
}

fn components(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    let annotations = json!({
        "dapr.io/pluggable-components": "store", "dapr.io/unix-domain-socket-path": "/tmp/dapr",
    });
    let mut bare = pod("order", annotations);
    let store = json!({ "name": "store", "image": "registry.example/store:v1" });
    bare["spec"]["containers"].as_array_mut().expect("it has one").push(store);
    namespace.apply(&bare).must_fail().says("volumeMounts").says("Not found: \"dapr-unix-domain-socket\"");
    bare["spec"]["volumes"] = json!([{ "name": "any", "emptyDir": {} }]);
    namespace.apply(&bare).must_succeed();
}
