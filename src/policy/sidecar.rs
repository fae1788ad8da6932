//! The sidecar as rules see it: the one place where its quantities and its GOMEMLIMIT are read and written.
//!
//! Before Dapr's injector has run that place is the pod's annotations. Once a `daprd` container is there, Dapr reads
//! them no more, so it is that container alone.

use serde_json::json;

use super::finding::Edit;
use super::subject::PodSubject;
use crate::dapr::gomemlimit::{self, GOMEMLIMIT, Limit};
use crate::dapr::injection::Place;
use crate::dapr::pod::{Container, Quantities};
use crate::dapr::{Quantity, env, keys};

/// The sidecar of a pod, there already or to be.
#[derive(Clone, Copy, Debug)]
pub struct Sidecar<'a> {
    subject: &'a PodSubject<'a>,
    place: Option<Place>,
}

/// One of the four quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// `dapr.io/sidecar-cpu-request`
    CpuRequest,
    /// `dapr.io/sidecar-cpu-limit`
    CpuLimit,
    /// `dapr.io/sidecar-memory-request`
    MemoryRequest,
    /// `dapr.io/sidecar-memory-limit`
    MemoryLimit,
}

/// What is written for a quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given<'a> {
    /// Nothing.
    Absent,
    /// An empty annotation: Dapr reads it as not given, and it is the user's own all the same.
    Empty,
    /// A quantity.
    Amount(&'a str, Quantity),
    /// Something that Dapr cannot parse, whereupon it drops all four.
    Unparsable(&'a str),
}

/// What is written for GOMEMLIMIT; where it is written twice the later one counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SoftLimit<'a> {
    /// Nothing.
    Absent,
    /// It comes from a Secret or a field, unseen.
    Elsewhere,
    /// A literal value.
    Written(&'a str),
}

impl Slot {
    /// All four, in the order in which Dapr's documentation lists them.
    pub const ALL: [Self; 4] = [Self::CpuRequest, Self::CpuLimit, Self::MemoryRequest, Self::MemoryLimit];

    /// The annotation that Dapr's injector reads.
    #[must_use]
    pub fn annotation(self) -> &'static str {
        match self {
            Self::CpuRequest => keys::CPU_REQUEST,
            Self::CpuLimit => keys::CPU_LIMIT,
            Self::MemoryRequest => keys::MEMORY_REQUEST,
            Self::MemoryLimit => keys::MEMORY_LIMIT,
        }
    }

    /// For messages.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::CpuRequest => "CPU request",
            Self::CpuLimit => "CPU limit",
            Self::MemoryRequest => "memory request",
            Self::MemoryLimit => "memory limit",
        }
    }

    /// Where it stands below a container.
    fn container_path(self) -> &'static str {
        match self {
            Self::CpuRequest => "resources/requests/cpu",
            Self::CpuLimit => "resources/limits/cpu",
            Self::MemoryRequest => "resources/requests/memory",
            Self::MemoryLimit => "resources/limits/memory",
        }
    }

    fn of_container<'c>(self, container: &'c Container<'_>) -> Option<&'c str> {
        let resources = container.resources.as_ref()?;
        let cpu = |quantities: &'c Option<Quantities<'_>>| quantities.as_ref()?.cpu.as_deref();
        let memory = |quantities: &'c Option<Quantities<'_>>| quantities.as_ref()?.memory.as_deref();
        match self {
            Self::CpuRequest => cpu(&resources.requests),
            Self::CpuLimit => cpu(&resources.limits),
            Self::MemoryRequest => memory(&resources.requests),
            Self::MemoryLimit => memory(&resources.limits),
        }
    }
}

impl<'a> Sidecar<'a> {
    pub(super) fn to_be(subject: &'a PodSubject<'a>) -> Self {
        Self { subject, place: None }
    }

    pub(super) fn there(subject: &'a PodSubject<'a>, place: Place) -> Self {
        Self { subject, place: Some(place) }
    }

    /// Whether the container is in the pod already.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.place.is_some()
    }

    /// What is written for a quantity.
    #[must_use]
    pub fn given(&self, slot: Slot) -> Given<'a> {
        let text = match self.container() {
            Some(container) => slot.of_container(container),
            None => self.subject.pod.annotation(slot.annotation()),
        };
        match text.map(|text| (text, Quantity::parse(text))) {
            None => Given::Absent,
            Some(("", _)) => Given::Empty,
            Some((text, Ok(quantity))) => Given::Amount(text, quantity),
            Some((text, Err(_))) => Given::Unparsable(text),
        }
    }

    /// JSON pointer of a quantity, written or not.
    #[must_use]
    pub fn at(&self, slot: Slot) -> String {
        match self.place {
            Some(place) => self.at_container(place, slot.container_path()),
            None => self.subject.at_annotation(slot.annotation()),
        }
    }

    /// What is written for GOMEMLIMIT.
    #[must_use]
    pub fn gomemlimit(&self) -> SoftLimit<'a> {
        let pod = self.subject.pod;
        let Some(container) = self.container() else {
            let version = self.subject.version();
            let list = |key| pod.annotation(key).unwrap_or_default();
            let named = |key| env::entries(list(key), version).filter(|entry| entry.name == GOMEMLIMIT);
            if named(keys::ENV_FROM_SECRET).any(|entry| entry.secret_key().is_some()) {
                return SoftLimit::Elsewhere;
            }
            return named(keys::ENV).last().map_or(SoftLimit::Absent, |entry| SoftLimit::Written(entry.value));
        };
        let variables = container.env.as_deref().unwrap_or_default();
        match variables.iter().rev().find(|variable| &*variable.name == GOMEMLIMIT) {
            None => SoftLimit::Absent,
            Some(variable) if variable.value_from.is_some() => SoftLimit::Elsewhere,
            Some(variable) => SoftLimit::Written(variable.value.as_deref().unwrap_or_default()),
        }
    }

    /// GOMEMLIMIT in bytes, where it is written and means something; `off` and empty are without bound.
    #[must_use]
    pub fn gomemlimit_bytes(&self) -> Option<u64> {
        match self.gomemlimit() {
            SoftLimit::Written(text) => gomemlimit::parse(text).ok().map(|limit| match limit {
                Limit::Bytes(bytes) => bytes,
                Limit::Off => u64::MAX,
            }),
            SoftLimit::Absent | SoftLimit::Elsewhere => None,
        }
    }

    /// JSON pointer of the list that holds GOMEMLIMIT, or would.
    #[must_use]
    pub fn at_env(&self) -> String {
        match self.place {
            Some(place) => self.at_container(place, "env"),
            None => self.subject.at_annotation(keys::ENV),
        }
    }

    /// The edit that adds a GOMEMLIMIT.
    #[must_use]
    pub fn add_gomemlimit(&self, value: &str) -> Edit {
        let at = self.at_env();
        let Some(container) = self.container() else {
            let entry = format!("{GOMEMLIMIT}={value}");
            return match self.subject.pod.annotation(keys::ENV) {
                None => Edit::Add { at, value: entry.into() },
                Some(list) => Edit::AppendEntry { at, list: env::append(Some(list), &entry) },
            };
        };
        let variable = json!({ "name": GOMEMLIMIT, "value": value });
        match container.env {
            Some(_) => Edit::Add { at: at + "/-", value: variable },
            None => Edit::Add { at, value: json!([variable]) },
        }
    }

    /// The container, where it is in the pod already.
    #[must_use]
    pub fn container(&self) -> Option<&'a Container<'a>> {
        let spec = &self.subject.pod.spec;
        let place = self.place?;
        let list = if place.list == "containers" { &spec.containers } else { &spec.init_containers };
        list.get(place.index)
    }

    fn at_container(&self, place: Place, path: &str) -> String {
        self.subject.at(&format!("/spec/{}/{}/{path}", place.list, place.index))
    }
}
