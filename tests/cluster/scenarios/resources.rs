//! Dapr's resources: what we say of them, next to what the API server does with Dapr's own CRDs.

use dapr_preflight::policy::{Check, DAPR_GROUP, Engine, ObjectKind, Policies};
use dapr_preflight::rules::ALL;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Scenario;
use crate::cluster::Cluster;
use crate::namespace::Namespace;

pub const SCENARIOS: &[Scenario] = &[
    ("the API server refuses a Dapr resource exactly where we say that it would", refusals),
    ("what ends daprd passes the schema, so that nobody but us says so", accepted),
    ("the API server drops the fields that we call unknown, and keeps all others", dropped),
];

/// What we say when the API server would refuse an object.
const REFUSES: &str = "the API server refuses the object";

/// Objects that the examples of the rules do not show.
fn more() -> Vec<Value> {
    let component = |spec: Value| object("Component", spec);
    let metadata = json!([{ "name": "a", "value": "b" }]);
    vec![
        component(json!({ "type": "state.redis", "version": "v1" })),
        component(json!({ "version": "v1", "metadata": metadata })),
        component(json!({ "type": "state.redis", "version": 1, "metadata": metadata })),
        component(json!({ "type": null, "version": "v1", "metadata": metadata })),
        component(json!({ "type": "state.redis", "version": "v1", "metadata": [{ "value": "b" }] })),
        component(json!({ "type": "state.redis", "version": "v1", "metadata": { "a": "b" } })),
        component(json!({ "type": "state.redis", "version": "v1", "metadata": metadata, "ignoreErrors": "true" })),
        component(
            json!({ "type": "state.redis", "version": "v1", "metadata": [{ "name": "a", "value": { "b": 1 } }] }),
        ),
        component(json!({ "type": "state.redis", "version": "v1", "metadata": [{ "name": "a", "secretKeyRef": {} }] })),
        component(json!({ "type": "", "version": "", "metadata": [] })),
        object("Configuration", json!({ "mtls": { "enabled": true } })),
        object("Configuration", json!({ "tracing": {} })),
        object("Configuration", json!({ "tracing": { "samplingRate": 1 } })),
        object("Configuration", json!({ "features": [{ "name": "HotReload" }] })),
        object("Configuration", json!({ "workflow": { "maxConcurrentWorkflowInvocations": 1.5 } })),
        object("Resiliency", json!({ "policies": {} })),
        object("Resiliency", json!({ "policies": { "timeouts": { "a": 5 } }, "targets": {} })),
        object("Resiliency", json!({ "policies": { "retries": { "a": { "maxRetries": "3" } } }, "targets": {} })),
        object("HTTPEndpoint", json!({ "baseUrl": "https://a", "clientTLS": { "renegotiation": "Always" } })),
        object("HTTPEndpoint", json!({ "headers": [] })),
        object("MCPServer", json!({ "endpoint": {} })),
        object("MCPServer", json!({ "endpoint": { "sse": { "url": "https://a" }, "stdio": { "command": "a" } } })),
        object("MCPServer", json!({ "endpoint": { "sse": { "url": "" } } })),
        object("WorkflowAccessPolicy", json!({ "rules": [{ "callers": [], "activities": [{ "name": "a" }] }] })),
        object("WorkflowAccessPolicy", json!({ "rules": [{ "callers": [{ "appID": "a" }] }] })),
        object(
            "WorkflowAccessPolicy",
            json!({ "rules": [{ "callers": [{ "appID": "a" }], "workflows": [{ "name": "a", "operations": ["start"] }] }] }),
        ),
    ]
}

fn object(kind: &str, spec: Value) -> Value {
    json!({ "apiVersion": "dapr.io/v1alpha1", "kind": kind, "metadata": { "name": "example" }, "spec": spec })
}

/// Both examples of every rule on Dapr's resources, with whether it is the bad one.
fn examples() -> impl Iterator<Item = (&'static str, bool, Value)> {
    let rules = ALL.iter().filter(|rule| matches!(rule.check, Check::Object(..)));
    let examples = rules.flat_map(|rule| [(rule.id, true, rule.bad), (rule.id, false, rule.good)]);
    let documents = examples.map(|(id, bad, text)| (id, bad, serde_saphyr::from_str::<Value>(text).unwrap()));
    documents
        .filter(|(.., object)| object["apiVersion"].as_str().is_some_and(|version| version.starts_with(DAPR_GROUP)))
}

/// The certain findings: each with what it says would happen.
fn certain(object: &Value) -> Vec<String> {
    let engine = Engine::new(ALL, Policies::default());
    let object = object.clone().into();
    let judged = engine.judge_manifest(ObjectKind::of(&object).unwrap(), &object, Timestamp::UNIX_EPOCH).unwrap();
    let certain = judged.into_iter().filter(|judged| judged.finding.certain);
    certain.map(|judged| judged.finding.consequence.into_owned()).collect()
}

/// Whether the API server takes it, and what it keeps; unknown fields are not complained of, as by most GitOps tools.
fn kept(namespace: &Namespace, object: &Value) -> Option<Value> {
    let arguments = ["create", "--dry-run=server", "--validate=false", "-o", "json", "-f", "-"];
    let said = namespace.kubectl_with(&arguments, &object.to_string());
    said.ok.then(|| serde_json::from_str(&said.stdout).unwrap())
}

fn refusals(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    let objects: Vec<_> = examples().map(|(.., object)| object).chain(more()).collect();
    assert!(objects.len() > 60);
    let mut refused = 0;
    for object in objects {
        let we_say = certain(&object).iter().any(|consequence| consequence == REFUSES);
        assert_eq!(kept(&namespace, &object).is_none(), we_say, "{object:#}");
        refused += usize::from(we_say);
    }
    assert!(refused > 20, "{refused}");
}

fn accepted(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    let ends = |object: &Value| certain(object).iter().any(|consequence| consequence != REFUSES);
    let deadly: Vec<_> = examples().filter(|(_, bad, object)| *bad && ends(object)).collect();
    assert!(deadly.len() >= 6, "{}", deadly.len());
    for (rule, _, object) in deadly {
        assert!(kept(&namespace, &object).is_some(), "{rule}");
    }
}

fn dropped(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    let engine = Engine::new(ALL, Policies::default());
    let mut unknown = 0;
    for (rule, _, object) in examples() {
        let Some(kept) = kept(&namespace, &object) else { continue };
        let ours = object.clone().into();
        let judged = engine.judge_manifest(ObjectKind::of(&ours).unwrap(), &ours, Timestamp::UNIX_EPOCH).unwrap();
        let ours = judged.iter().filter(|judged| judged.rule.id == "dapr-resource-unknown-field");
        let ours: Vec<_> = ours.map(|judged| judged.finding.at.clone()).collect();
        let mut theirs = Vec::new();
        missing("", &object, &kept, &mut theirs);
        assert_eq!(ours, theirs, "{rule}");
        unknown += ours.len();
    }
    assert!(unknown > 0);
}

/// JSON pointers of what is in the one and not in the other.
fn missing(at: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match before {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => return,
    };
    for (key, value) in children {
        let at = format!("{at}/{key}");
        let child = match after {
            Value::Array(list) => key.parse().ok().and_then(|index: usize| list.get(index)),
            other => other.get(&key),
        };
        match child {
            Some(child) => missing(&at, value, child, found),
            None => found.push(at),
        }
    }
}
