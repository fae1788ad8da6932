//! A Dapr resource under review: a Component, a Configuration, and what else the group `dapr.io` has.
//!
//! It is read whole, in a pass of its own over the body: resources change a few times a day, pods are made all the time,
//! and what a pod's review costs is not to depend on them. Never mutated.

use jiff::Timestamp;
use serde::Deserialize;

use super::decide::Verdict;
use super::decision::{Effect, Outcome};
use super::request::Request;
use crate::dapr::pod::Metadata;
use crate::json::Value;
use crate::policy::{DAPR_GROUP, Engine, Identity, Judged, Level, Mode, ObjectSubject, Stage};

/// Everything that rules read, and nothing else: what stands beside these says nothing of what daprd does.
const READ: [&str; 3] = ["spec", "scopes", "auth"];

/// A Dapr resource, as it is to be and as it was.
#[derive(Debug)]
pub(super) struct Resource {
    pub metadata: Metadata<'static>,
    object: Value,
    old: Option<Value>,
}

#[derive(Deserialize)]
struct Review {
    request: Objects,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Objects {
    #[serde(default)]
    object: Option<Value>,
    #[serde(default)]
    old_object: Option<Value>,
}

impl Resource {
    /// Whether a request is about a Dapr resource that is judged.
    pub fn is_in(request: &Request<'_>, stage: Stage) -> bool {
        stage == Stage::Validate
            && &*request.kind.group == DAPR_GROUP
            && request.sub_resource.is_empty()
            && matches!(&*request.operation, "CREATE" | "UPDATE")
    }

    /// Reads it from a review's body; `None` where the review has no object.
    pub fn read(body: &[u8]) -> Result<Option<Self>, serde_json::Error> {
        let Review { request } = serde_json::from_slice(body)?;
        let Some(object) = request.object else { return Ok(None) };
        let metadata = object
            .get("metadata")
            .map(serde_json::Value::from)
            .map(Metadata::deserialize)
            .transpose()?
            .unwrap_or_default();
        Ok(Some(Self { metadata, object, old: request.old_object }))
    }

    /// On UPDATE only where something changed that rules read, of an object that is not on its way out (its finalizers
    /// could not be removed).
    fn is_due(&self) -> bool {
        let changed = |old: &Value| READ.iter().any(|field| old.get(field) != self.object.get(field));
        self.old.as_ref().is_none_or(changed) && self.metadata.deletion_timestamp.is_none()
    }
}

/// Refuses, warns or records.
pub(super) fn decide(
    request: &Request<'_>,
    resource: &Resource,
    mode: Mode,
    engine: &Engine,
    now: Timestamp,
) -> Verdict {
    if !resource.is_due() {
        return Verdict::new(Outcome::Skipped);
    }
    let exempt = engine.exemptions().covering(&request.namespace, now, || identity(request, resource));
    let policy = engine.policies().for_namespace(&request.namespace);
    let subject = ObjectSubject::new(&request.kind.group, &request.kind.kind, &resource.object, policy);
    let judged = engine.judge_object(&subject.exempted_by(exempt)).into_iter().map(|judged| {
        let effect = effect(&judged, mode);
        (judged, effect)
    });
    Verdict::of(judged.collect())
}

/// Who it is, as an exemption may name it.
fn identity<'a>(request: &'a Request<'_>, resource: &'a Resource) -> Identity<'a> {
    let name = if request.name.is_empty() { &resource.metadata.name } else { &request.name };
    Identity { app_id: None, objects: vec![(&*request.kind.kind, &**name)] }
}

/// What one finding does to a resource. No controller makes one from a template that was accepted long ago, so that a
/// person reads the answer, and any finding of a rule at level `deny` may refuse it.
fn effect(judged: &Judged, mode: Mode) -> Effect {
    match (mode, judged.level) {
        (Mode::Audit, _) => Effect::Recorded,
        (Mode::Enforce, Level::Deny) if !judged.finding.advisory => Effect::Denied,
        _ => Effect::Warned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dapr::Text;

    #[test]
    fn an_exemption_can_name_it_by_kind_and_name() {
        let body = br#"{"request": {"object": {"metadata": {"name": "store"}}}}"#;
        let resource = Resource::read(body).unwrap().unwrap();
        let mut request = Request::default();
        request.kind.kind = Text::from("Component");
        assert_eq!(identity(&request, &resource).objects, [("Component", "store")]);
        request.name = Text::from("other");
        assert_eq!(identity(&request, &resource).objects, [("Component", "other")]);
    }
}
