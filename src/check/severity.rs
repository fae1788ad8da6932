//! What a finding comes to: by its level, or by what the webhook would do.

use serde_json::Value;

use super::Check;
use crate::admission::{Effect, effect};
use crate::policy::{DAPR_GROUP, DEFAULT_NAMESPACE, Judged, Kind, ObjectKind, Phase};
use crate::report::Severity;

impl Check {
    /// What a finding of an object comes to.
    pub(super) fn severity(&self, judged: &Judged, kind: ObjectKind<'_>, object: &Value) -> Severity {
        let Some(mode) = self.mode else {
            return if judged.finding.advisory { Severity::Warn } else { judged.level.into() };
        };
        // What the webhook is never asked about it neither refuses nor warns of.
        let asked = Kind::find(kind.group, kind.version, kind.kind).is_some() || kind.group == DAPR_GROUP;
        if !asked {
            return Severity::Note;
        }
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or(DEFAULT_NAMESPACE);
        let owned_pods = self.engine.policies().for_namespace(namespace).owned_pods;
        let owners = object["metadata"]["ownerReferences"].as_array().map(Vec::as_slice).unwrap_or_default();
        let owned = owners.iter().any(|owner| owner["controller"] == Value::Bool(true));
        // A file shows a pod before the mutating webhook has mended it, as a workload's template does.
        match effect(judged, Phase::Template, owned, owned_pods, mode) {
            Effect::Denied => Severity::Deny,
            Effect::Warned | Effect::Unapplied => Severity::Warn,
            Effect::Edited | Effect::Recorded => Severity::Note,
        }
    }
}
