//! What the pods of an object are to Dapr: one of its apps, a part of its control plane, or nothing.

use serde::Deserialize as _;

use super::kind::Kind;
use super::role::Role;
use super::settings::Policy;
use super::sidecar::{Given, Slot};
use super::subject::PodSubject;
use crate::dapr::control_plane::Service;
use crate::dapr::keys;
use crate::dapr::pod::{Metadata, Pod};
use crate::json::Value;

/// What a workload's pods are to Dapr.
#[derive(Debug)]
pub struct App {
    /// `dapr.io/app-id`, where it is given.
    pub app_id: Option<String>,
    /// What the app is.
    pub role: Role,
    /// `dapr.io/config`: the Configuration that it names.
    pub config: Option<String>,
    /// Whether the sidecar asks for CPU: a limit counts, as the API server makes a request of it.
    pub requests_cpu: bool,
    /// The same for memory.
    pub requests_memory: bool,
}

impl App {
    /// What the pods of an object are; `None` where Dapr gives them no sidecar.
    pub(super) fn of(value: &Value, kind: Kind, policy: &Policy) -> Option<Self> {
        let pod = Pod::deserialize(value.pointer(kind.base())?).ok()?;
        let metadata = Metadata::deserialize(value.get("metadata")?).ok()?;
        let subject = PodSubject::template(&pod, kind, &metadata, policy);
        let sidecar = subject.sidecar()?;
        // Of four quantities with one that does not parse, Dapr drops all.
        let dropped = Slot::ALL.iter().any(|slot| matches!(sidecar.given(*slot), Given::Unparsable(_)));
        let asks = |slots: [Slot; 2]| {
            !dropped
                && slots
                    .iter()
                    .any(|slot| matches!(sidecar.given(*slot), Given::Amount(_, amount) if !amount.is_zero()))
        };
        Some(Self {
            app_id: pod.annotation(keys::APP_ID).filter(|id| !id.is_empty()).map(str::to_owned),
            role: subject.role,
            config: pod.annotation(keys::CONFIG).filter(|name| !name.is_empty()).map(str::to_owned),
            requests_cpu: asks([Slot::CpuRequest, Slot::CpuLimit]),
            requests_memory: asks([Slot::MemoryRequest, Slot::MemoryLimit]),
        })
    }
}

/// Whether its pods are Dapr's own, by their label.
pub(super) fn is_control_plane(value: &Value, kind: Kind) -> bool {
    let labels = value.pointer(kind.base()).and_then(|pod| pod.get("metadata")?.get("labels"));
    labels.and_then(|labels| Service::of_label(labels["app"].as_str()?)).is_some()
}
