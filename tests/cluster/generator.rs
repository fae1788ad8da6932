//! Pods as nobody would write them on purpose, and as somebody will: the same ones for the same seed.

use dapr_preflight::dapr::annotation::Kind;
use dapr_preflight::dapr::annotations::ANNOTATIONS;
use serde_json::{Map, Value, json};

/// Numbers that look random and are not (SplitMix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn in_percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A pod as a controller would send it.
pub fn pod(random: &mut Random) -> Value {
    let mut metadata = json!({ "generateName": "order-5447c47766-", "annotations": annotations(random) });
    if random.in_percent(20) {
        metadata["name"] = json!(random.one_of(&["order", "order.a", "order-1", ""]));
    }
    if random.in_percent(80) {
        metadata["labels"] =
            random.one_of(&[json!({}), json!({ "app": "order" }), json!({ "dapr.io/app-id": "other" })]).clone();
    }
    let mut spec = json!({ "containers": containers(random), "serviceAccountName": "default" });
    if random.in_percent(60) {
        let data = json!({ "name": "data", "emptyDir": {} });
        let socket = json!({ "name": "dapr-unix-domain-socket", "emptyDir": {} });
        spec["volumes"] = random.one_of(&[json!([data]), json!([]), json!([data, socket])]).clone();
    }
    if random.in_percent(20) {
        spec["initContainers"] = json!([{ "name": random.one_of(&["first", "daprd"]), "image": "r/init:v1" }]);
    }
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec })
}

fn containers(random: &mut Random) -> Vec<Value> {
    let names = random.one_of(&["app", "app", "app comp", "app other comp", "app daprd"]).split(' ');
    names.map(|name| container(random, name)).collect()
}

fn container(random: &mut Random, name: &str) -> Value {
    let mut container = json!({ "name": name, "image": "r/order:v1" });
    if random.in_percent(40) {
        let own = json!({ "name": "DAPR_HTTP_PORT", "value": "1" });
        container["env"] = random.one_of(&[json!([]), json!([{ "name": "A", "value": "b" }]), json!([own])]).clone();
    }
    if random.in_percent(30) {
        let path = random.one_of(&["/data", "/sockets", "/tmp/dapr-components-sockets"]);
        container["volumeMounts"] = json!([{ "name": "data", "mountPath": path }]);
    }
    container
}

fn annotations(random: &mut Random) -> Value {
    let mut all = Map::new();
    for _ in 0..random.below(9) {
        let annotation = random.one_of(&ANNOTATIONS);
        all.insert(annotation.key.to_owned(), json!(random.one_of(values(annotation.key, annotation.kind))));
    }
    if random.in_percent(95) {
        all.insert("dapr.io/enabled".to_owned(), json!("true"));
    }
    if random.in_percent(90) {
        all.insert("dapr.io/app-id".to_owned(), json!("order"));
    }
    // It calls for the Components of the namespace, of which a pod says nothing.
    all.remove("dapr.io/inject-pluggable-components");
    Value::Object(all)
}

/// Good ones, odd ones and bad ones.
fn values(key: &str, kind: Kind) -> &'static [&'static str] {
    match (key, kind) {
        ("dapr.io/pluggable-components", _) => &["comp", "comp,other", " comp", "", "none"],
        (_, Kind::Enabled | Kind::Bool) => {
            &["true", "TRUE", "yes", "Y", "on", "1", "t", "T", "false", "no", "", " true", "enabled"]
        }
        (_, Kind::Env) => &[
            "A=1",
            "A=1,B=2",
            " A = 1, B=x=y",
            "=,",
            "A",
            "",
            "SSL_CERT_DIR=/x",
            "A=,B=1,",
            "A=1,2,3",
            "é=1,B=2",
            "A=1,\u{b}B=2",
        ],
        (_, Kind::EnvFromSecret) => &["A=s:k", "A=s", "A=a:b:c", "A=,B= s : k ", "A=:k", "A", "", "A=s:,B=s"],
        (_, Kind::Mounts) => &[
            "data:/d",
            "data:/d,data:/e",
            "nope:/x",
            "data",
            "data:/a:b",
            " data:/d , data:/e ",
            "data :/d",
            "data:",
            "",
            ",",
        ],
        (_, Kind::Quantity) => {
            &["100m", "1", "0.5", "1e3", "128Mi", "lots", "", "1.5Gi", "-1", " 1", "0", "1E", "100u"]
        }
        (_, Kind::AppId) => &[
            "order",
            "",
            "-",
            "order.x",
            "Order",
            "a-very-long-name-that-is-longer-than-what-a-label-of-kubernetes-takes",
        ],
        (_, Kind::Text | Kind::Csv | Kind::Addresses | Kind::SecretName | Kind::Image) => {
            &["", "x", " x ", "a,b", "\"q\"", "' '", "\" a:1 \"", "é"]
        }
        (_, Kind::AppProtocol | Kind::LogLevel | Kind::SeccompProfile) => {
            &["http", "HTTP", "grpc", "grpcs", "h2c", "", "thrift", "info", "RuntimeDefault"]
        }
        _ => &[
            "0",
            "1",
            "50",
            "-1",
            "65536",
            "4294967297",
            "99999999999999999999",
            "+5",
            "1.5",
            " 7",
            "",
            "abc",
            "007",
            "1_000",
            "30s",
            "4Mi",
        ],
    }
}
