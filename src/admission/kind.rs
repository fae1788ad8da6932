//! The kinds that have rules, and where each keeps its pod template.

use serde::Deserialize;

use crate::dapr::pod::{Metadata, Pod};
use crate::policy::Controller;

/// A kind that has rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `v1` Pod.
    Pod,
    /// `apps/v1` Deployment.
    Deployment,
    /// `apps/v1` StatefulSet.
    StatefulSet,
    /// `apps/v1` DaemonSet.
    DaemonSet,
    /// `apps/v1` ReplicaSet.
    ReplicaSet,
    /// `batch/v1` Job.
    Job,
    /// `batch/v1` CronJob.
    CronJob,
}

/// An object under review.
#[derive(Clone, Debug, PartialEq)]
pub enum Object<'a> {
    /// A pod.
    Pod(Pod<'a>),
    /// A workload: its own metadata, and its template read as a pod.
    Workload {
        /// Of the workload itself.
        metadata: Metadata<'a>,
        /// Of its pods to be.
        template: Pod<'a>,
    },
}

impl Kind {
    /// The kind of that group, version and name, if it has rules. The API server converts to the registered versions.
    #[must_use]
    pub fn find(group: &str, version: &str, kind: &str) -> Option<Self> {
        match (group, version, kind) {
            ("", "v1", "Pod") => Some(Self::Pod),
            ("apps", "v1", "Deployment") => Some(Self::Deployment),
            ("apps", "v1", "StatefulSet") => Some(Self::StatefulSet),
            ("apps", "v1", "DaemonSet") => Some(Self::DaemonSet),
            ("apps", "v1", "ReplicaSet") => Some(Self::ReplicaSet),
            ("batch", "v1", "Job") => Some(Self::Job),
            ("batch", "v1", "CronJob") => Some(Self::CronJob),
            _ => None,
        }
    }

    /// Whether the owner of that API version and kind is itself judged, so that what it owns need not be.
    #[must_use]
    pub fn is_judged(api_version: &str, kind: &str) -> bool {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self::find(group, version, kind).is_some()
    }

    /// JSON pointer of the pod in an object of this kind.
    #[must_use]
    pub fn base(self) -> &'static str {
        match self {
            Self::Pod => "",
            Self::CronJob => "/spec/jobTemplate/spec/template",
            _ => "/spec/template",
        }
    }

    /// What will own the pods of this workload.
    #[must_use]
    pub fn controller(self) -> Controller {
        match self {
            Self::Pod => Controller::Other,
            Self::Deployment | Self::ReplicaSet => Controller::ReplicaSet,
            Self::StatefulSet => Controller::StatefulSet,
            Self::DaemonSet => Controller::DaemonSet,
            Self::Job | Self::CronJob => Controller::Job,
        }
    }

    /// Reads an object of this kind.
    pub(super) fn read<'de, D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Object<'de>, D::Error> {
        match self {
            Self::Pod => Pod::deserialize(deserializer).map(Object::Pod),
            Self::CronJob => CronJob::deserialize(deserializer)
                .map(|CronJob { metadata, spec }| (metadata, spec.job_template.spec.template))
                .map(|(metadata, template)| Object::Workload { metadata, template }),
            _ => Workload::deserialize(deserializer)
                .map(|Workload { metadata, spec }| Object::Workload { metadata, template: spec.template }),
        }
    }
}

impl<'a> Object<'a> {
    /// The metadata of the object itself.
    pub(super) fn metadata(&self) -> &Metadata<'a> {
        match self {
            Self::Pod(pod) => &pod.metadata,
            Self::Workload { metadata, .. } => metadata,
        }
    }

    pub(super) fn into_metadata(self) -> Metadata<'a> {
        match self {
            Self::Pod(pod) => pod.metadata,
            Self::Workload { metadata, .. } => metadata,
        }
    }
}

#[derive(Deserialize)]
struct Workload<'a> {
    #[serde(default, borrow)]
    metadata: Metadata<'a>,
    #[serde(default, borrow)]
    spec: Spec<'a>,
}

#[derive(Default, Deserialize)]
struct Spec<'a> {
    #[serde(default, borrow)]
    template: Pod<'a>,
}

#[derive(Deserialize)]
struct CronJob<'a> {
    #[serde(default, borrow)]
    metadata: Metadata<'a>,
    #[serde(default, borrow)]
    spec: CronJobSpec<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CronJobSpec<'a> {
    #[serde(default, borrow)]
    job_template: JobTemplate<'a>,
}

#[derive(Default, Deserialize)]
struct JobTemplate<'a> {
    #[serde(default, borrow)]
    spec: Spec<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Reader;

    #[test]
    fn a_pod_is_its_own_root_and_a_workload_keeps_its_template_below_it() {
        assert_eq!(Kind::Pod.base(), "");
        assert_eq!(Kind::Deployment.base(), "/spec/template");
        assert_eq!(Kind::CronJob.base(), "/spec/jobTemplate/spec/template");
    }

    #[test]
    fn the_metadata_of_a_workload_is_its_own_and_not_its_templates() {
        let text = r#"{"metadata": {"generateName": "order-"}, "spec": {"containers": [], "template":
            {"metadata": {"generateName": "pod-"}, "spec": {"containers": []}}}}"#;
        let read = |kind: Kind| kind.read(&mut Reader::new(text)).unwrap();
        for kind in [Kind::Pod, Kind::Deployment] {
            assert_eq!(&*read(kind).metadata().generate_name, "order-");
            assert_eq!(&*read(kind).into_metadata().generate_name, "order-");
        }
    }
}
