//! What becomes of an object's pods: after our edits, and after Dapr's injector.
//!
//! A workload's pod is made from its template as its controller would make it, with the defaults of the API server that
//! our edits look at.

mod print;

use serde::Deserialize as _;
use serde::de::Error as _;
use serde_json::{Value, json};

use crate::dapr::pod::Pod;
use crate::dapr::twin::{self, Outcome, Settings};
use crate::json;
use crate::policy::{DEFAULT_NAMESPACE, Engine, Kind, Mode, ObjectKind, Phase, PodSubject, patch};

pub use print::print;

/// What becomes of an object's pods.
#[derive(Clone, Debug, PartialEq)]
pub struct Injected {
    /// The pod as it is sent to the API server.
    pub sent: Value,
    /// The pod after our edits and after Dapr; or why Dapr does nothing; or that it refuses.
    pub outcome: Outcome,
}

/// Makes the pod of an object; `None` for a kind that has none.
///
/// # Errors
/// A pod that the API server could not read either: what is wrong with it.
pub fn inject(object: &json::Value, mode: Mode, engine: &Engine) -> Result<Option<Injected>, serde_json::Error> {
    let Some(kind) = kind_of(object) else { return Ok(None) };
    let object = &Value::from(object);
    let pod = sent(object, kind);
    let namespace = text(&object["metadata"]["namespace"]).unwrap_or(DEFAULT_NAMESPACE);
    let policy = engine.policies().for_namespace(namespace);

    let mended = match mode {
        Mode::Enforce => mended(&pod, engine, namespace)?,
        Mode::Warn | Mode::Audit => pod.clone(),
    };
    let version = policy.dapr_version;
    let settings = Settings {
        namespace: namespace.to_owned(),
        image: format!("ghcr.io/dapr/daprd:{version}"),
        trust_anchors: "<trust anchors>".to_owned(),
        ..Settings::default()
    };
    let outcome = match twin::inject(&mended, version, &settings)? {
        Outcome::Injected(after) => Outcome::Injected(without_owner(after)),
        other => other,
    };
    Ok(Some(Injected { sent: without_owner(pod), outcome }))
}

/// The kind, if it has pods.
fn kind_of(object: &json::Value) -> Option<Kind> {
    let ObjectKind { group, version, kind } = ObjectKind::of(object)?;
    Kind::find(group, version, kind)
}

/// The pod as our webhook is sent it.
fn sent(object: &Value, kind: Kind) -> Value {
    let mut pod = object.pointer(kind.base()).cloned().unwrap_or_default();
    if kind != Kind::Pod && pod.is_object() {
        as_its_controller_makes_it(&mut pod, object, kind);
    }
    if pod["spec"].is_object() && pod["spec"]["terminationGracePeriodSeconds"].is_null() {
        pod["spec"]["terminationGracePeriodSeconds"] = json!(30);
    }
    pod
}

fn as_its_controller_makes_it(pod: &mut Value, object: &Value, kind: Kind) {
    let name = text(&object["metadata"]["name"]).unwrap_or_default();
    pod["apiVersion"] = json!("v1");
    pod["kind"] = json!("Pod");
    if !(pod["metadata"].is_object() || pod["metadata"].is_null()) {
        return;
    }
    let metadata = &mut pod["metadata"];
    metadata["namespace"] = object["metadata"]["namespace"].clone();
    let (version, owner, prefix) = match kind {
        Kind::Deployment => ("apps/v1", "ReplicaSet", format!("{name}-<hash>-")),
        Kind::ReplicaSet => ("apps/v1", "ReplicaSet", format!("{name}-")),
        Kind::StatefulSet => ("apps/v1", "StatefulSet", format!("{name}-")),
        Kind::DaemonSet => ("apps/v1", "DaemonSet", format!("{name}-")),
        Kind::Job => ("batch/v1", "Job", format!("{name}-")),
        Kind::CronJob => ("batch/v1", "Job", format!("{name}-<time>-")),
        Kind::Pod => return,
    };
    match kind {
        Kind::StatefulSet => metadata["name"] = json!(format!("{name}-0")),
        _ => metadata["generateName"] = json!(prefix),
    }
    if kind == Kind::Deployment && (metadata["labels"].is_object() || metadata["labels"].is_null()) {
        metadata["labels"]["pod-template-hash"] = json!("<hash>");
    }
    metadata["ownerReferences"] = json!([{ "apiVersion": version, "kind": owner, "name": name, "controller": true }]);
    metadata.as_object_mut().expect("it was indexed by names above").retain(|_, field| !field.is_null());
}

/// The pod with the edits that the webhook makes.
fn mended(pod: &Value, engine: &Engine, namespace: &str) -> Result<Value, serde_json::Error> {
    let view = Pod::deserialize(pod)?;
    let subject = PodSubject::pod(&view, Phase::Incoming, engine.policies().for_namespace(namespace));
    if !subject.concerns_dapr() {
        return Ok(pod.clone());
    }
    let judged = engine.mend(&subject);
    let edits = patch(&subject, judged.iter().flat_map(|judged| &judged.finding.edits));
    let edits: json_patch::Patch = serde_json::from_slice(&edits)?;
    let mut mended = pod.clone();
    json_patch::patch(&mut mended, &edits).map_err(serde_json::Error::custom)?;
    Ok(mended)
}

/// Without the owner, who has no uid here.
fn without_owner(mut pod: Value) -> Value {
    if let Some(metadata) = pod["metadata"].as_object_mut() {
        metadata.remove("ownerReferences");
    }
    pod
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}
