//! What a finding comes to: by its level, or by what the webhook would do.

use super::Check;
use crate::admission::{Effect, effect};
use crate::json::Value;
use crate::policy::{DAPR_GROUP, DEFAULT_NAMESPACE, Judged, Kind, ObjectKind, Phase};
use crate::report::Severity;

impl Check {
    /// What a finding of an object comes to.
    pub(super) fn severity(&self, judged: &Judged, kind: ObjectKind<'_>, object: &Value) -> Severity {
        let Some(mode) = self.mode else {
            return if judged.finding.advisory { Severity::Warn } else { judged.level.into() };
        };
        let owners = object["metadata"]["ownerReferences"].as_array().unwrap_or_default();
        let controller = owners.iter().find(|owner| owner["controller"] == Value::Bool(true));
        if !is_asked(kind, controller) {
            return Severity::Note;
        }
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or(DEFAULT_NAMESPACE);
        let owned_pods = self.engine.policies().for_namespace(namespace).owned_pods;
        // A file shows a pod before the mutating webhook has mended it, as a workload's template does.
        match effect(judged, Phase::Template, controller.is_some(), owned_pods, mode) {
            Effect::Denied => Severity::Deny,
            Effect::Warned | Effect::Unapplied => Severity::Warn,
            Effect::Edited | Effect::Recorded => Severity::Note,
        }
    }
}

/// Whether the webhook judges objects of that kind and owner: a workload whose owner is judged itself it leaves alone.
fn is_asked(kind: ObjectKind<'_>, controller: Option<&Value>) -> bool {
    let text = |owner: &Value, field: &str| owner[field].as_str().unwrap_or_default().to_owned();
    let judged = |owner: &Value| Kind::is_judged(&text(owner, "apiVersion"), &text(owner, "kind"));
    match Kind::find(kind.group, kind.version, kind.kind) {
        Some(Kind::Pod) => true,
        Some(_) => !controller.is_some_and(judged),
        None => kind.group == DAPR_GROUP,
    }
}
