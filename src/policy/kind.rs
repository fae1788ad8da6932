//! The kinds that have pods, and where each keeps its pod template.

use super::subject::Controller;

/// A kind that has pods.
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

impl Kind {
    /// The kind of that group, version and name, if it has pods. The API server converts to the registered versions.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_its_own_root_and_a_workload_keeps_its_template_below_it() {
        assert_eq!(Kind::Pod.base(), "");
        assert_eq!(Kind::Deployment.base(), "/spec/template");
        assert_eq!(Kind::CronJob.base(), "/spec/jobTemplate/spec/template");
    }
}
