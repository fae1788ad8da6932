//! What a pod rule looks at: the pod, where it stands, and what is known around it.

use super::exemptions::Covering;
use super::kind::Kind;
use super::pointer::escape_into;
use super::role::{ROLE_ANNOTATION, Role};
use super::rule::{Level, Rule};
use super::settings::Policy;
use super::sidecar::Sidecar;
use crate::dapr::injection::{self, Injection, predict};
use crate::dapr::pod::{Container, Metadata, Pod, SIDECAR_CONTAINER};
use crate::dapr::{Annotations, DAPR_PREFIX, Version, boolean, keys};

/// A pod or a pod template under review.
#[derive(Debug)]
pub struct PodSubject<'a> {
    /// The pod, or the template read as one.
    pub pod: &'a Pod<'a>,
    /// Where it stands: what is known of it by now.
    pub phase: Phase,
    /// JSON pointer of the pod in the object under review: empty for a pod, `/spec/template` for a Deployment.
    pub base: &'static str,
    /// What controls the pod, or will control the pods of this template.
    pub controller: Option<Controller>,
    /// The metadata of the workload itself, of whose pods this is the template.
    pub workload: Option<&'a Metadata<'a>>,
    /// The policy that counts in its namespace.
    pub policy: &'a Policy,
    /// What the app is.
    pub role: Role,
    /// What Dapr's injector makes of it.
    pub injection: Injection<'a>,
    exempt: Covering<'a>,
}

/// Where a pod stands on its way into the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A workload's template: no pod yet, our edits and Dapr's are still to come.
    Template,
    /// A pod on its way through the mutating webhooks.
    Incoming,
    /// The pod as it will be stored.
    Final,
}

/// What controls a pod, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// `apps/v1` ReplicaSet, of a Deployment or not.
    ReplicaSet,
    /// `apps/v1` StatefulSet.
    StatefulSet,
    /// `apps/v1` DaemonSet.
    DaemonSet,
    /// `batch/v1` Job.
    Job,
    /// Anything else: an operator's own kind.
    Other,
}

impl Controller {
    /// Reads the controller's API version and kind.
    #[must_use]
    pub fn from_kind(api_version: &str, kind: &str) -> Self {
        match (api_version, kind) {
            ("apps/v1", "ReplicaSet") => Self::ReplicaSet,
            ("apps/v1", "StatefulSet") => Self::StatefulSet,
            ("apps/v1", "DaemonSet") => Self::DaemonSet,
            ("batch/v1", "Job") => Self::Job,
            _ => Self::Other,
        }
    }
}

impl<'a> PodSubject<'a> {
    /// A pod itself.
    #[must_use]
    pub fn pod(pod: &'a Pod<'a>, phase: Phase, policy: &'a Policy) -> Self {
        let controller = pod.controller().map(|owner| Controller::from_kind(&owner.api_version, &owner.kind));
        Self::new(pod, phase, policy).controlled_by(controller)
    }

    /// The template of a workload of that kind and with that metadata of its own.
    #[must_use]
    pub fn template(pod: &'a Pod<'a>, kind: Kind, workload: &'a Metadata<'a>, policy: &'a Policy) -> Self {
        let subject = Self::new(pod, Phase::Template, policy).controlled_by(Some(kind.controller()));
        Self { base: kind.base(), workload: Some(workload), ..subject }
    }

    fn new(pod: &'a Pod<'a>, phase: Phase, policy: &'a Policy) -> Self {
        let declared = pod.annotation(ROLE_ANNOTATION).and_then(Role::from_annotation);
        let role = declared.or_else(|| policy.matched_role(pod)).unwrap_or_default();
        Self {
            pod,
            phase,
            base: "",
            controller: None,
            workload: None,
            policy,
            role,
            injection: predict(pod, policy.dapr_version),
            exempt: Covering::default(),
        }
    }

    fn controlled_by(self, controller: Option<Controller>) -> Self {
        Self { controller, ..self }
    }

    /// The same subject, with what exempts it.
    #[must_use]
    pub fn exempted_by(mut self, exemptions: Covering<'a>) -> Self {
        self.exempt = exemptions;
        self
    }

    /// What a rule does with this subject: its level by the policy, and nothing where an exemption names it.
    #[must_use]
    pub fn level(&self, rule: &Rule) -> Level {
        if self.exempt.name(rule) { Level::Off } else { self.policy.level(rule) }
    }

    /// Whether Dapr has anything to do with it: any `dapr.io/` annotation, also one that was meant for the template and
    /// stands on the workload itself, unless the template plainly says that Dapr stays out.
    #[must_use]
    pub fn concerns_dapr(&self) -> bool {
        let off = self.pod.annotation(keys::ENABLED).is_some_and(boolean::plainly_false);
        let own = [Some(&self.pod.metadata), self.workload].into_iter().flatten();
        let mut annotations = own.flat_map(|metadata| metadata.annotations.iter().flat_map(Annotations::iter));
        !off && annotations.any(|(key, _)| key.starts_with(DAPR_PREFIX))
    }

    /// The app's own containers, each with its index: neither `daprd` nor what `dapr.io/pluggable-components` names.
    pub fn app_containers(&self) -> impl Iterator<Item = (usize, &'a Container<'a>)> + use<'a> {
        let pod: &'a Pod<'a> = self.pod;
        let components = pod.annotation(keys::PLUGGABLE_COMPONENTS).unwrap_or_default();
        pod.spec.containers.iter().enumerate().filter(move |(_, container)| {
            let name = &*container.name;
            name != SIDECAR_CONTAINER && !components.split(',').any(|component| component == name)
        })
    }

    /// The sidecar, if Dapr gives this pod one, or would but for a refusal.
    #[must_use]
    pub fn sidecar(&'a self) -> Option<Sidecar<'a>> {
        match &self.injection {
            Injection::NotEnabled => None,
            Injection::AlreadyInjected(place) => Some(Sidecar::there(self, *place)),
            Injection::Refused(_) | Injection::Injected(_) => Some(Sidecar::to_be(self)),
        }
    }

    /// What the annotations ask of Dapr, if Dapr gives this pod a sidecar, or would but for a refusal. A `daprd` that
    /// somebody wrote by hand, without the label that Dapr's injector leaves, was asked nothing.
    #[must_use]
    pub fn asked(&self) -> Option<injection::Sidecar<'a>> {
        match self.injection {
            Injection::NotEnabled => None,
            Injection::AlreadyInjected(_) if self.pod.label(keys::SIDECAR_INJECTED) != Some("true") => None,
            _ => Some(injection::Sidecar::of(self.pod, self.version())),
        }
    }

    /// The annotations that count: Dapr's, as long as the injector still reads them. Once a `daprd` container is there,
    /// its resources and environment are its own, and the annotations for these are past.
    pub fn dapr_annotations(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let past = match self.injection {
            Injection::AlreadyInjected(_) => ["dapr.io/sidecar-", keys::ENV].as_slice(),
            _ => &[],
        };
        let pod: &'a Pod<'a> = self.pod;
        let all = pod.metadata.annotations.iter().flat_map(Annotations::iter);
        all.filter(|(key, _)| key.starts_with(DAPR_PREFIX))
            .filter(move |(key, _)| !past.iter().any(|past| key.starts_with(past)))
    }

    /// Whether the pods will have volumes that are not to be seen here: a StatefulSet's template does not show its claims.
    #[must_use]
    pub fn may_get_volumes(&self) -> bool {
        self.phase == Phase::Template && self.controller == Some(Controller::StatefulSet)
    }

    /// The Dapr version that the policy names.
    #[must_use]
    pub fn version(&self) -> Version {
        self.policy.dapr_version
    }

    /// Whether another rule runs here too.
    #[must_use]
    pub fn runs(&self, rule: &Rule) -> bool {
        self.level(rule) != Level::Off
    }

    /// A text that is written only where somebody reads it: of a pod on its way in, only the edits are looked at.
    #[must_use]
    pub fn say(&self, text: impl FnOnce() -> String) -> String {
        if self.phase == Phase::Incoming { String::new() } else { text() }
    }

    /// JSON pointer of a place in the pod, like `/spec/containers`.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// JSON pointer of an annotation of the pod.
    #[must_use]
    pub fn at_annotation(&self, key: &str) -> String {
        const ANNOTATIONS: &str = "/metadata/annotations/";
        let mut pointer = String::with_capacity(self.base.len() + ANNOTATIONS.len() + key.len() + 2);
        pointer.push_str(self.base);
        pointer.push_str(ANNOTATIONS);
        escape_into(&mut pointer, key);
        pointer
    }
}
