//! How the objects of an inventory refer to each other: who scales whom, whose budget is whose, who sees which Component.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::inventory::{App, Inventory, Member};
use super::manifest::DEFAULT_NAMESPACE;
use super::object::DAPR_GROUP;
use super::pointer::escape;
use super::selector::selects;
use crate::dapr::boolean;
use crate::dapr::control_plane::Service;

/// The kinds that scale a workload, by group and kind.
const SCALERS: [(&str, &str); 2] = [("autoscaling", "HorizontalPodAutoscaler"), ("keda.sh", "ScaledObject")];

impl Inventory {
    /// The apps whose number of replicas somebody chooses: Deployments and StatefulSets.
    pub fn replicated_apps(&self) -> impl Iterator<Item = (usize, &Member, &App)> {
        self.apps().filter(|(_, member, _)| member.group == "apps" && member.kind != "DaemonSet")
    }

    /// The apps by namespace, as [`Member::home`] has it.
    #[must_use]
    pub fn apps_by_namespace(&self) -> BTreeMap<&str, Vec<(usize, &Member, &App)>> {
        let mut namespaces: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for app in self.apps() {
            namespaces.entry(app.1.home()).or_default().push(app);
        }
        namespaces
    }

    /// The namespaces with apps and without any object of a kind: of each, its first app, and how many it has.
    pub fn namespaces_without<'i>(
        &'i self,
        group: &'i str,
        kind: &'i str,
    ) -> impl Iterator<Item = (usize, &'i Member, usize)> {
        let namespaces = self.apps_by_namespace().into_values();
        let first = namespaces.filter_map(|apps| apps.first().map(|(index, app, _)| (*index, *app, apps.len())));
        first.filter(move |(_, app, _)| !self.of(group, kind).any(|(_, other)| other.beside(app)))
    }

    /// Every app-id beside this member, also of pods that something unknown here has made.
    #[must_use]
    pub fn app_ids_beside(&self, member: &Member) -> BTreeSet<&str> {
        let apps = self.members.iter().filter(|other| other.beside(member));
        apps.filter_map(|other| other.app.as_ref()?.app_id.as_deref()).collect()
    }

    /// Whether there is any object that scales workloads (see [`Inventory::shows`]).
    #[must_use]
    pub fn shows_scalers(&self) -> bool {
        SCALERS.iter().any(|(group, kind)| self.shows(group, kind))
    }

    /// What scales a workload.
    #[must_use]
    pub fn scaler(&self, workload: &Member) -> Option<(usize, &Member)> {
        let scalers = SCALERS.iter().flat_map(|(group, kind)| self.of(group, kind));
        scalers.filter(|(_, scaler)| scaler.beside(workload)).find(|(_, scaler)| {
            // KEDA takes a Deployment where no kind is written.
            let kind = scaler.text("/spec/scaleTargetRef/kind").unwrap_or("Deployment");
            kind == workload.kind && scaler.text("/spec/scaleTargetRef/name") == Some(&workload.name)
        })
    }

    /// The PodDisruptionBudgets that select a workload's pods.
    pub fn budgets<'i>(&'i self, workload: &'i Member) -> impl Iterator<Item = (usize, &'i Member)> {
        let budgets = self.of("policy", "PodDisruptionBudget").filter(|(_, budget)| budget.beside(workload));
        budgets.filter(|(_, budget)| workload.is_selected_by(budget.get("/spec/selector")))
    }

    /// Whether objects of a kind are kept beside this member: in files, one of them shows it; a cluster shows all.
    #[must_use]
    pub fn shows_beside(&self, group: &str, kind: &str, member: &Member) -> bool {
        self.is_whole() || self.of(group, kind).any(|(_, other)| other.beside(member))
    }

    /// The Components that an app's sidecar loads: those of its namespace that name it, or nobody.
    pub fn components<'i>(&'i self, member: &'i Member, app: &'i App) -> impl Iterator<Item = (usize, &'i Member)> {
        let beside = self.of(DAPR_GROUP, "Component").filter(|(_, component)| component.beside(member));
        beside.filter(|(_, component)| {
            let scopes = component.items("/scopes");
            scopes.is_empty() || scopes.iter().any(|scope| scope.as_str().is_some_and(|id| app.has_id(id)))
        })
    }

    /// The workloads of Dapr's control plane, wherever they are.
    pub fn control_plane(&self) -> impl Iterator<Item = (usize, &Member, Service)> {
        let workloads = self.members.iter().enumerate().filter(|(_, member)| member.group == "apps");
        workloads
            .filter(|(_, member)| !member.is_controlled())
            .filter_map(|(index, member)| Some((index, member, Service::of_label(member.pod_label("app")?)?)))
    }
}

impl App {
    fn has_id(&self, id: &str) -> bool {
        self.app_id.as_deref() == Some(id)
    }
}

impl Member {
    /// The namespace that it is in, or that kubectl would put it into.
    #[must_use]
    pub fn home(&self) -> &str {
        if self.namespace.is_empty() { DEFAULT_NAMESPACE } else { &self.namespace }
    }

    /// Whether both may be in one namespace: a manifest without one goes wherever it is sent.
    #[must_use]
    pub fn beside(&self, other: &Self) -> bool {
        self.namespace == other.namespace || self.namespace.is_empty() || other.namespace.is_empty()
    }

    /// What is at a JSON pointer in its pod or pod template, like `/spec/containers`.
    #[must_use]
    pub fn in_pod(&self, pointer: &str) -> Option<&Value> {
        self.get(&self.at_pod(pointer)?)
    }

    /// The whole pointer of a place in its pod or pod template.
    #[must_use]
    pub fn at_pod(&self, pointer: &str) -> Option<String> {
        Some(format!("{}{pointer}", self.base?))
    }

    /// The whole pointer of an annotation of its pods.
    #[must_use]
    pub fn at_annotation(&self, key: &str) -> String {
        format!("{}/metadata/annotations/{}", self.base.unwrap_or_default(), escape(key))
    }

    /// A label of its pods.
    #[must_use]
    pub fn pod_label(&self, key: &str) -> Option<&str> {
        self.in_pod("/metadata/labels")?.get(key)?.as_str()
    }

    /// An annotation of its pods.
    #[must_use]
    pub fn pod_annotation(&self, key: &str) -> Option<&str> {
        self.in_pod("/metadata/annotations")?.get(key)?.as_str()
    }

    /// Its containers, as far as an inventory keeps them.
    #[must_use]
    pub fn containers(&self) -> &[Value] {
        self.in_pod("/spec/containers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a label selector selects its pods.
    #[must_use]
    pub fn is_selected_by(&self, selector: Option<&Value>) -> bool {
        self.base.is_some() && selects(selector, |key| self.pod_label(key))
    }

    /// Whether it is a Component that keeps actors (`pkg/runtime/processor/state/state.go`): a state store with the mark.
    #[must_use]
    pub fn is_actor_state_store(&self) -> bool {
        let marks = |item: &Value| {
            let named = item["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("actorStateStore"));
            let value = &item["value"];
            named && (value == true || value.as_str().is_some_and(boolean::truthy))
        };
        let store = self.text("/spec/type").is_some_and(|kind| kind.starts_with("state."));
        store && self.items("/spec/metadata").iter().any(marks)
    }

    /// `spec.replicas`, where it is written.
    #[must_use]
    pub fn replicas(&self) -> Option<i64> {
        self.get("/spec/replicas")?.as_i64()
    }
}
