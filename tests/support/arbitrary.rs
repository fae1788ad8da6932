//! Pods, workloads, reviews and policies as nobody would write them on purpose, and as somebody will.
#![allow(dead_code, reason = "each test file uses its own part")]

use dapr_preflight::policy::{Check, Engine, Policies};
use dapr_preflight::rules::ALL;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::reviews::request;

/// A policy, as the `spec` that somebody wrote.
#[derive(Clone, Debug)]
pub struct PolicySpec(pub Value);

impl PolicySpec {
    pub fn engine(&self) -> Engine {
        Engine::new(ALL, self.policies())
    }

    pub fn policies(&self) -> Policies {
        let document = json!({
            "apiVersion": "dapr-preflight.io/v1alpha1",
            "kind": "PreflightPolicy",
            "metadata": { "name": "arbitrary" },
            "spec": self.0,
        });
        Policies::parse(&document.to_string(), ALL).unwrap_or_else(|error| panic!("{error}\n{document}"))
    }
}

/// Policies: both profiles, other numbers, rules switched off, roles matched, old and new Dapr.
pub fn policies() -> impl Strategy<Value = PolicySpec> {
    let ids: Vec<&str> = ALL.iter().map(|rule| rule.id).collect();
    let levels = vec((select(ids), select(vec!["deny", "warn", "off"])), 0..4);
    let resources = select(vec![
        json!({}),
        json!({ "service": { "limits": { "memory": "1Gi", "cpu": "2" } } }),
        json!({ "service": { "requests": { "cpu": "10m", "memory": "1" }, "limits": { "cpu": "10m", "memory": "1Mi" } } }),
        json!({ "actor": { "limits": { "memory": "2G" } } }),
    ]);
    let grace = select(vec![
        json!({}),
        json!({ "service": { "minimum": 40, "default": 45 } }),
        json!({ "actor": { "minimum": 0, "default": 30 }, "workflow": { "minimum": 31, "default": 31 } }),
        json!({ "actor": { "minimum": 200, "default": 200 } }),
    ]);
    let spread = select(vec![
        json!({}),
        json!({ "topologyKeys": ["kubernetes.io/hostname", "topology.kubernetes.io/zone"], "maxSkew": 3 }),
        json!({ "whenUnsatisfiable": "DoNotSchedule" }),
    ]);
    let roles = select(vec![
        json!([]),
        json!([{ "role": "actor", "appIds": ["ord*"] }]),
        json!([{ "role": "workflow", "labels": { "app": "order" } }, { "role": "actor", "configs": ["*"] }]),
    ]);
    let version = select(vec!["1.15.0", "1.16.1", "1.17.2", "1.18.2", "1.18"]);
    let profile = select(vec!["reference", "dapr-docs"]);
    let owned = select(vec!["certain", "deny"]);
    (profile, 1..=99_u8, levels, resources, grace, spread, roles, version, owned).prop_map(
        |(profile, percent, levels, resources, grace, spread, roles, version, owned)| {
            let levels: Map<_, _> = levels.into_iter().map(|(id, level)| (id.to_owned(), json!(level))).collect();
            PolicySpec(json!({
                "profile": profile,
                "gomemlimit": { "percent": percent },
                "rules": levels,
                "sidecarResources": resources,
                "terminationGracePeriodSeconds": grace,
                "topologySpread": spread,
                "roles": roles,
                "dapr": { "version": version },
                "ownedPods": owned,
            }))
        },
    )
}

/// Pods that ask for Dapr more often than not, whole and half written, and the pods of the rules' own examples. There is
/// always a `spec` with a container, as the API server has it.
pub fn pods() -> impl Strategy<Value = Value> {
    let written = (metadata(), spec())
        .prop_map(|(metadata, spec)| json!({ "kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": spec }));
    let examples = examples().into_iter().filter(|example| example["kind"] == "Pod").collect::<Vec<_>>();
    prop_oneof![3 => written, 1 => select(examples)]
}

/// The bad examples of the rules on pods: pods, and workloads around them.
fn examples() -> Vec<Value> {
    let rules = ALL.iter().filter(|rule| matches!(rule.check, Check::Pod(_) | Check::StoredPod(_)));
    rules.flat_map(|rule| super::documents(rule.bad)).collect()
}

/// The same, and a controller owns each of them.
pub fn owned_pods() -> impl Strategy<Value = Value> {
    (pods(), controllers()).prop_map(|(mut pod, owner)| {
        pod["metadata"]["ownerReferences"] = json!([owner]);
        pod
    })
}

/// Any JSON at all, with the keys and values that somebody reads among it.
pub fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        quantities(),
    ];
    let keys = prop_oneof![
        select(vec![
            "request",
            "uid",
            "kind",
            "apiVersion",
            "group",
            "version",
            "operation",
            "object",
            "oldObject",
            "metadata",
            "spec",
            "template",
            "jobTemplate",
            "annotations",
            "labels",
            "containers",
            "initContainers",
            "name",
            "env",
            "resources",
            "limits",
            "requests",
            "cpu",
            "memory",
            "ownerReferences",
            "controller",
            "dryRun",
            "ports",
            "containerPort",
            "topologySpreadConstraints",
            "terminationGracePeriodSeconds",
            "dapr.io/enabled",
            "deletionTimestamp",
            "subResource",
            "valueFrom",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((keys.clone(), inner), 0..6).prop_map(|pairs| Value::from(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Reviews of these objects: every kind, operation, subresource; `dryRun` or not.
pub fn reviews() -> impl Strategy<Value = Value> {
    let kinds =
        ["Pod", "Pod", "Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Service"];
    let operations = ["CREATE", "CREATE", "CREATE", "UPDATE", "DELETE", "CONNECT", "create", ""];
    let parts = (
        pods(),
        weighted(0.5, pods()),
        select(kinds.to_vec()),
        select(operations.to_vec()),
        weighted(0.1, select(vec!["status", "scale", "ephemeralcontainers", ""])),
        select(vec![json!(true), json!(false), Value::Null]),
        any::<bool>(),
        weighted(0.4, select(examples())),
    );
    parts.prop_map(|(pod, old, kind, operation, sub_resource, dry_run, finalizing, example)| {
        let kind = example.as_ref().map_or(kind, |example| kind_in(example));
        let mut object = example.unwrap_or_else(|| wrapped(kind, &pod));
        if finalizing && kind != "Pod" {
            object["metadata"]["deletionTimestamp"] = json!("2026-11-23T10:00:00Z");
        }
        let old = old.map_or_else(|| Value::Null, |old| wrapped(kind, &old));
        let mut review = request(operation, &object, &old);
        review["request"]["dryRun"] = dry_run;
        if let Some(sub_resource) = sub_resource {
            review["request"]["subResource"] = json!(sub_resource);
        }
        review
    })
}

/// The kind of an example.
fn kind_in(example: &Value) -> &'static str {
    let kinds = ["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"];
    kinds.into_iter().find(|kind| example["kind"] == *kind).expect("an example of a rule on pods has pods")
}

/// An object of that kind around a pod.
pub fn wrapped(kind: &str, pod: &Value) -> Value {
    let template = json!({ "metadata": pod["metadata"], "spec": pod["spec"] });
    let (api_version, spec) = match kind {
        "Pod" => return pod.clone(),
        "CronJob" => ("batch/v1", json!({ "jobTemplate": { "spec": { "template": template } } })),
        "Job" => ("batch/v1", json!({ "template": template })),
        _ => ("apps/v1", json!({ "replicas": 3, "template": template })),
    };
    json!({ "kind": kind, "apiVersion": api_version, "metadata": { "name": "order" }, "spec": spec })
}

/// The document as text, the keys of every map in an order that only the seed knows.
pub fn shuffled(value: &Value, seed: u64) -> String {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| mixed(key, seed));
            let pairs: Vec<_> =
                pairs.into_iter().map(|(key, value)| format!("{}:{}", json!(key), shuffled(value, seed))).collect();
            format!("{{{}}}", pairs.join(","))
        }
        Value::Array(list) => {
            let items: Vec<_> = list.iter().map(|item| shuffled(item, seed)).collect();
            format!("[{}]", items.join(","))
        }
        _ => value.to_string(),
    }
}

/// FNV-1a, begun with the seed.
fn mixed(key: &str, seed: u64) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    key.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, step).rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn metadata() -> impl Strategy<Value = Value> {
    let owners = prop_oneof![
        2 => Just(None),
        1 => Just(Some(Value::Null)),
        1 => Just(Some(json!([{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "x", "uid": "3" }]))),
        6 => controllers().prop_map(|owner| Some(json!([owner]))),
    ];
    let name = select(vec![None, Some(json!("order-0")), Some(json!("")), Some(Value::Null)]);
    (annotations(), labels(), owners, name).prop_map(|(annotations, labels, owners, name)| {
        object([("annotations", annotations), ("labels", labels), ("ownerReferences", owners), ("name", name)])
    })
}

fn controllers() -> impl Strategy<Value = Value> {
    select(vec![
        ("apps/v1", "ReplicaSet"),
        ("apps/v1", "ReplicaSet"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
        ("batch/v1", "Job"),
        ("acme.io/v1", "Thing"),
    ])
    .prop_map(|(api_version, kind)| {
        json!({ "apiVersion": api_version, "kind": kind, "name": "order-5447c47766", "uid": "2", "controller": true })
    })
}

fn labels() -> impl Strategy<Value = Option<Value>> {
    let app_id = prop_oneof![
        4 => Just(None),
        1 => select(vec!["order", "other", ""]).prop_map(|id| Some(json!(id))),
        1 => Just(Some(Value::Null)),
    ];
    let some = (app_id, any::<bool>(), weird()).prop_map(|(app_id, hashed, weird)| {
        let hash = hashed.then(|| json!("5447c47766"));
        Some(object([
            ("app", Some(json!("order"))),
            ("pod-template-hash", hash),
            ("dapr.io/app-id", app_id),
            ("x/y~z", Some(json!(weird))),
        ]))
    });
    prop_oneof![1 => Just(None), 1 => Just(Some(Value::Null)), 6 => some]
}

/// Every key that rules read, and some that nobody does.
fn annotations() -> impl Strategy<Value = Option<Value>> {
    let texts = |good: &'static [&'static str]| {
        prop_oneof![
            12 => select(good).prop_map(Value::from),
            1 => weird().prop_map(Value::from),
            1 => Just(Value::Null),
        ]
    };
    let ports =
        || texts(&["3500", "3501", "50001", "50002", "9090", "8080", "0", "-1", "99999", "65537", "x", "", "+80"]);
    let booleans = || texts(&["true", "false", "yes", "1", " true", "", "no", "maybe"]);
    let numbers = || texts(&["0", "1", "5", "30", "3600", "70000", "-5", "5s", "1h", "", "x"]);
    let enabled = prop_oneof![
        10 => Just(json!("true")),
        1 => booleans(),
    ];
    let app_id = prop_oneof![
        6 => Just(json!("order")),
        2 => texts(&["Order.Service", "", "a-", "-a", "o_o", "ünï", "a/b~c", "123", "a.b"]),
        1 => Just(json!("a".repeat(59))),
    ];
    let strategies: Vec<(&str, f64, BoxedStrategy<Value>)> = vec![
        ("dapr.io/enabled", 0.93, enabled.boxed()),
        ("dapr.io/app-id", 0.85, app_id.boxed()),
        ("dapr.io/app-port", 0.3, ports().boxed()),
        ("dapr.io/grpc-port", 0.1, ports().boxed()),
        ("dapr.io/internal-grpc-port", 0.1, ports().boxed()),
        ("dapr.io/metrics-port", 0.1, ports().boxed()),
        ("dapr.io/debug-port", 0.1, ports().boxed()),
        ("dapr.io/enable-metrics", 0.1, booleans().boxed()),
        ("dapr.io/enable-profiling", 0.1, booleans().boxed()),
        ("dapr.io/enable-debug", 0.1, booleans().boxed()),
        ("dapr.io/enable-native-sidecar", 0.1, booleans().boxed()),
        ("dapr.io/enable-app-health-check", 0.3, booleans().boxed()),
        ("dapr.io/app-health-probe-interval", 0.1, numbers().boxed()),
        ("dapr.io/app-health-probe-timeout", 0.3, numbers().boxed()),
        ("dapr.io/block-shutdown-duration", 0.2, numbers().boxed()),
        ("dapr.io/graceful-shutdown-seconds", 0.2, numbers().boxed()),
        ("dapr.io/sidecar-cpu-request", 0.3, quantities().boxed()),
        ("dapr.io/sidecar-cpu-limit", 0.3, quantities().boxed()),
        ("dapr.io/sidecar-memory-request", 0.3, quantities().boxed()),
        ("dapr.io/sidecar-memory-limit", 0.3, quantities().boxed()),
        ("dapr.io/env", 0.5, env_lists().boxed()),
        ("dapr.io/env-from-secret", 0.15, secret_lists().boxed()),
        ("dapr.io/config", 0.2, texts(&["production-config", "", "appconfig"]).boxed()),
        ("dapr.io/app-Id", 0.1, texts(&["order"]).boxed()),
        ("dapr.io/max-concurrency", 0.1, numbers().boxed()),
        ("dapr.io/http-max-request-size", 0.1, numbers().boxed()),
        ("dapr.io/log-level", 0.1, texts(&["debug", "loud"]).boxed()),
        (
            "dapr-preflight.io/role",
            0.5,
            texts(&["service", "actor", "workflow", "actor", "workflow", "Actor", "", " actor"]).boxed(),
        ),
        ("dapr-preflight.io/rule", 0.05, texts(&["x"]).boxed()),
        ("example.com/a~b", 0.2, texts(&["x"]).boxed()),
        ("kubernetes.io/config.mirror", 0.01, texts(&["x"]).boxed()),
    ];
    let each = strategies.into_iter().map(|(key, likely, value)| weighted(likely, value).prop_map(move |v| (key, v)));
    let some = each.collect::<Vec<_>>().prop_map(|pairs| Some(object(pairs)));
    prop_oneof![1 => Just(None), 1 => Just(Some(Value::Null)), 40 => some]
}

/// Strings with whatever a person or a template can leave in them.
pub fn weird() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        select(vec![
            "",
            "\u{0}",
            "\n\t\u{1b}",
            "\u{202e}evil",
            "\"quoted\" \\ ~1 /",
            "日本語 🚀",
            "\u{85}\u{a0}",
            "</script>"
        ])
        .prop_map(str::to_owned),
        (1..600_usize).prop_map(|length| "ä".repeat(length)),
    ]
}

fn quantities() -> impl Strategy<Value = Value> {
    prop_oneof![
        24 => select(vec![
            "100m", "300m", "1", "2", "0.5", "128Mi", "256Mi", "256Mi", "1Gi", "1G", "600Mi", "0", "-1", "", "256megs",
            " 1", "1e3", "128m", "0.5Gi", "9E", "1Mi", "1", "-0", "m",
        ])
        .prop_map(Value::from),
        1 => weird().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn env_lists() -> impl Strategy<Value = Value> {
    let entry = select(vec![
        "GOMEMLIMIT=230MiB",
        "GOMEMLIMIT=900MiB",
        "GOMEMLIMIT=",
        "GOMEMLIMIT=off",
        "GOMEMLIMIT=230Mi",
        "GOMEMLIMIT =5",
        "XGOMEMLIMIT=5",
        "A=GOMEMLIMIT=5MiB",
        "A=1",
        "B=x=y",
        "A",
        "",
        " ",
        "=",
        "A=1;GOMEMLIMIT=2",
        "gomemlimit=1",
        "A=\u{a0}",
        "\u{b}GOMEMLIMIT=1MiB",
        "日=本",
        "A=\"q,GOMEMLIMIT=1\"",
    ]);
    let separator = select(vec![",", ", ", ",,", ",\n", " ", "\u{a0},", ",\u{b}"]);
    let end = select(vec!["", "", ",", ", ", " ,\t", "\u{a0}", "\n"]);
    let list = (vec((entry, separator), 0..4), end).prop_map(|(parts, end)| {
        let mut list = String::new();
        for (at, (entry, separator)) in parts.iter().enumerate() {
            list += if at == 0 { "" } else { separator };
            list += entry;
        }
        Value::from(list + end)
    });
    prop_oneof![
        8 => list,
        2 => "[A-Bb_1=, \t\u{a0}\u{b}:\"-]{0,24}".prop_map(Value::from),
        1 => weird().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn secret_lists() -> impl Strategy<Value = Value> {
    select(vec!["GOMEMLIMIT=sec", "GOMEMLIMIT=sec:key", "GOMEMLIMIT=a:b:c", "A=x,GOMEMLIMIT=y", "A=x", "", ","])
        .prop_map(Value::from)
}

fn spec() -> impl Strategy<Value = Value> {
    let grace = select(vec![
        None,
        Some(Value::Null),
        Some(json!(0)),
        Some(json!(29)),
        Some(json!(30)),
        Some(json!(30)),
        Some(json!(45)),
        Some(json!(60)),
        Some(json!(90)),
    ]);
    let constraint = json!([{ "maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway" }]);
    let constraints = select(vec![None, None, Some(Value::Null), Some(json!([])), Some(constraint)]);
    let containers = vec(container(), 1..4).prop_map(|list| Some(Value::from(list)));
    let init_containers = prop_oneof![
        5 => Just(None),
        1 => Just(Some(Value::Null)),
        2 => vec(container(), 0..3).prop_map(|list| Some(Value::from(list))),
    ];
    (grace, constraints, containers, init_containers, any::<bool>()).prop_map(
        |(grace, constraints, containers, init_containers, host)| {
            object([
                ("terminationGracePeriodSeconds", grace),
                ("topologySpreadConstraints", constraints),
                ("containers", containers),
                ("initContainers", init_containers),
                ("hostNetwork", Some(json!(host))),
            ])
        },
    )
}

fn container() -> impl Strategy<Value = Value> {
    let name = prop_oneof![5 => Just("app"), 1 => Just("daprd"), 1 => Just("other")];
    let number = select(vec![3500, 3501, 9090, 50001, 50002, 8080, 0, -1, 70000, i64::MAX]);
    let port = (number, select(vec![None, Some(json!("TCP")), Some(json!("UDP")), Some(Value::Null)]))
        .prop_map(|(number, protocol)| object([("containerPort", Some(json!(number))), ("protocol", protocol)]));
    let ports = prop_oneof![
        4 => Just(None),
        1 => Just(Some(Value::Null)),
        4 => vec(port.clone(), 0..4).prop_map(|list| Some(Value::from(list))),
        1 => vec(port, 10..40).prop_map(|list| Some(Value::from(list))),
    ];
    let variable = (
        select(vec!["GOMEMLIMIT", "A", "NAMESPACE", ""]),
        select(vec![
            None,
            Some(json!("230MiB")),
            Some(json!("900MiB")),
            Some(json!("x")),
            Some(json!("")),
            Some(Value::Null),
        ]),
        select(vec![None, None, None, Some(Value::Null), Some(json!({ "secretKeyRef": { "name": "s" } }))]),
    )
        .prop_map(|(name, value, from)| object([("name", Some(json!(name))), ("value", value), ("valueFrom", from)]));
    let env = prop_oneof![
        2 => Just(None),
        1 => Just(Some(Value::Null)),
        4 => vec(variable, 0..3).prop_map(|list| Some(Value::from(list))),
    ];
    let bounds = || {
        let some = (weighted(0.5, quantities()), weighted(0.5, quantities())).prop_map(|(cpu, memory)| {
            Some(object([("cpu", cpu), ("memory", memory), ("ephemeral-storage", Some(json!("1Gi")))]))
        });
        prop_oneof![1 => Just(None), 1 => Just(Some(Value::Null)), 4 => some]
    };
    let resources = prop_oneof![
        1 => Just(None),
        1 => Just(Some(Value::Null)),
        4 => (bounds(), bounds()).prop_map(|(limits, requests)| Some(object([("limits", limits), ("requests", requests)]))),
    ];
    (name, ports, env, resources).prop_map(|(name, ports, env, resources)| {
        object([
            ("name", Some(json!(name))),
            ("image", Some(json!("r/x:1"))),
            ("ports", ports),
            ("env", env),
            ("resources", resources),
        ])
    })
}

/// A map of those pairs that are there.
fn object<'k>(pairs: impl IntoIterator<Item = (&'k str, Option<Value>)>) -> Value {
    let present = pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::from(present.collect::<Map<_, _>>())
}
