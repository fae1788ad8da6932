//! One manifest and everything that can be said of it alone: what `check` judges, object by object.

use jiff::Timestamp;
use serde::Deserialize as _;

use super::engine::{Engine, Judged};
use super::exemption::Identity;
use super::kind::Kind;
use super::object::{GroupKind, ObjectSubject};
use super::subject::{Phase, PodSubject};
use crate::dapr::keys;
use crate::dapr::pod::{Metadata, Pod};
use crate::json::Value;

/// The namespace that counts for a manifest that names none: where kubectl would put it.
pub const DEFAULT_NAMESPACE: &str = "default";

/// A manifest's API group, version and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectKind<'a> {
    /// Like `apps`; empty for Kubernetes' own first kinds.
    pub group: &'a str,
    /// Like `v1`.
    pub version: &'a str,
    /// Like `Deployment`.
    pub kind: &'a str,
}

impl<'a> ObjectKind<'a> {
    /// What a document says it is; `None` for one that is no Kubernetes object.
    #[must_use]
    pub fn of(document: &'a Value) -> Option<Self> {
        let api_version = document["apiVersion"].as_str()?;
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Some(Self { group, version, kind: document["kind"].as_str()? })
    }

    /// Values for Dapr's chart, which have no kind of their own.
    #[must_use]
    pub fn dapr_chart_values() -> Self {
        let GroupKind { group, kind } = GroupKind::DAPR_CHART_VALUES;
        Self { group, version: "", kind }
    }
}

impl Engine {
    /// Everything that rules on pods and on whole objects find in a manifest. A pod is judged as it is sent, a workload
    /// through its template. `now` is what exemptions expire by.
    ///
    /// # Errors
    /// What keeps the API server from reading it too: a field of another type.
    pub fn judge_manifest(
        &self,
        kind: ObjectKind<'_>,
        object: &Value,
        now: Timestamp,
    ) -> Result<Vec<Judged>, serde_json::Error> {
        self.judge_written(kind, object, object, now)
    }

    /// The same of a manifest in a file, where its author wrote `true` or `8080` for a string: `object` has what the API
    /// server would see, and refuse, and `written` the text, so that rules on pods have their say nevertheless.
    ///
    /// # Errors
    /// As [`judge_manifest`](Self::judge_manifest), for `written`.
    pub fn judge_written(
        &self,
        kind: ObjectKind<'_>,
        object: &Value,
        written: &Value,
        now: Timestamp,
    ) -> Result<Vec<Judged>, serde_json::Error> {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or(DEFAULT_NAMESPACE);
        let policy = self.policies().for_namespace(namespace);
        let metadata: Metadata<'_> =
            written.get("metadata").map(Metadata::deserialize).transpose()?.unwrap_or_default();
        let pod_kind = Kind::find(kind.group, kind.version, kind.kind);
        // A patch of a workload need not have a template.
        let template = pod_kind.and_then(|kind| written.pointer(kind.base())).filter(|template| !template.is_null());
        let pod = template.map(Pod::deserialize).transpose()?;

        let identity = || {
            let own = (kind.kind, &*metadata.name);
            let owner = metadata.controller().map(|owner| (&*owner.kind, &*owner.name));
            Identity {
                app_id: pod.as_ref().and_then(|pod| pod.annotation(keys::APP_ID)),
                objects: [Some(own), owner].into_iter().flatten().filter(|(_, name)| !name.is_empty()).collect(),
            }
        };
        let exempt = self.exemptions().covering(namespace, now, identity);
        let mut judged = Vec::new();
        if let (Some(kind), Some(pod)) = (pod_kind, &pod) {
            let subject = match kind {
                Kind::Pod => PodSubject::pod(pod, Phase::Template, policy),
                kind => PodSubject::template(pod, kind, &metadata, policy),
            };
            if subject.concerns_dapr() {
                judged = self.judge(&subject.exempted_by(exempt.clone()));
            }
        }
        judged.extend(
            self.judge_object(&ObjectSubject::new(kind.group, kind.kind, object, policy).exempted_by(exempt).at(now)),
        );
        Ok(judged)
    }
}
