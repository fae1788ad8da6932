//! An object under review, read by its kind.

use serde::Deserialize;

use crate::dapr::pod::{Metadata, Pod};
use crate::policy::Kind;

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

/// Reads an object of that kind.
pub(super) fn read<'de, D: serde::Deserializer<'de>>(kind: Kind, deserializer: D) -> Result<Object<'de>, D::Error> {
    match kind {
        Kind::Pod => Pod::deserialize(deserializer).map(Object::Pod),
        Kind::CronJob => CronJob::deserialize(deserializer)
            .map(|CronJob { metadata, spec }| (metadata, spec.job_template.spec.template))
            .map(|(metadata, template)| Object::Workload { metadata, template }),
        _ => Workload::deserialize(deserializer)
            .map(|Workload { metadata, spec }| Object::Workload { metadata, template: spec.template }),
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
    fn the_metadata_of_a_workload_is_its_own_and_not_its_templates() {
        let text = r#"{"metadata": {"generateName": "order-"}, "spec": {"containers": [], "template":
            {"metadata": {"generateName": "pod-"}, "spec": {"containers": []}}}}"#;
        let read = |kind: Kind| read(kind, &mut Reader::new(text)).unwrap();
        for kind in [Kind::Pod, Kind::Deployment] {
            assert_eq!(&*read(kind).metadata().generate_name, "order-");
            assert_eq!(&*read(kind).into_metadata().generate_name, "order-");
        }
    }
}
