//! How the objects of an inventory refer to each other: who scales whom, whose budget is whose, who loads which Component.

use std::collections::BTreeMap;

use super::app::App;
use super::finding::Finding;
use super::inventory::{Evaluation, Inventory, Member};
use super::manifest::DEFAULT_NAMESPACE;
use super::object::DAPR_GROUP;
use super::pointer::escape;
use super::selector::selects;
use crate::dapr::boolean;
use crate::dapr::control_plane::Service;
use crate::json::Value;

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

    /// What there is to say of every namespace with apps that has no object of that kind of Dapr's: what becomes of it, and
    /// what to do.
    pub fn lacking_in_namespaces(
        &self,
        kind: &str,
        needs: &'static str,
        consequence: &'static str,
        advice: &'static str,
    ) -> Evaluation {
        let mut evaluation = Evaluation::default();
        for apps in self.apps_by_namespace().into_values() {
            let Some(&(index, app, _)) = apps.first() else { continue };
            if self.beside(DAPR_GROUP, kind, app).next().is_some() {
                continue;
            }
            if !self.shows(DAPR_GROUP, kind) {
                evaluation.needs(None, needs);
                return evaluation;
            }
            let problem = format!("the namespace {} has no {kind} (apps in it: {})", app.home(), apps.len());
            evaluation.find(index, Finding::new("/metadata/name".to_owned(), problem, consequence, advice));
        }
        evaluation
    }

    /// The members of a kind that may be in the same namespace as this one, with their indexes.
    pub fn beside(&self, group: &str, kind: &str, member: &Member) -> impl Iterator<Item = (usize, &Member)> {
        self.index.beside(group, kind, &member.namespace).map(|index| (index, &self.members[index]))
    }

    /// Whether there is any object that scales workloads (see [`Inventory::shows`]).
    #[must_use]
    pub fn shows_scalers(&self) -> bool {
        SCALERS.iter().any(|(group, kind)| self.shows(group, kind))
    }

    /// What scales a workload.
    #[must_use]
    pub fn scaler(&self, workload: &Member) -> Option<(usize, &Member)> {
        let scalers = self.index.scalers(&workload.name).iter().map(|&index| (index, &self.members[index]));
        scalers.filter(|(_, scaler)| scaler.beside(workload)).find(|(_, scaler)| {
            // KEDA takes a Deployment where no kind is written.
            scaler.text("/spec/scaleTargetRef/kind").unwrap_or("Deployment") == workload.kind
        })
    }

    /// The PodDisruptionBudgets that select a workload's pods.
    pub fn budgets<'i>(&'i self, workload: &'i Member) -> impl Iterator<Item = (usize, &'i Member)> {
        let budgets = self.beside("policy", "PodDisruptionBudget", workload);
        budgets.filter(|(_, budget)| workload.is_selected_by(budget.get("/spec/selector")))
    }

    /// Whether objects of a kind are kept beside this member: in files, one of them shows it; a cluster shows all.
    #[must_use]
    pub fn shows_beside(&self, group: &str, kind: &str, member: &Member) -> bool {
        self.is_whole() || self.beside(group, kind, member).next().is_some()
    }

    /// The Components that keep actors, of all namespaces.
    #[must_use]
    pub fn actor_state_stores(&self) -> Vec<&Member> {
        self.of(DAPR_GROUP, "Component")
            .map(|(_, member)| member)
            .filter(|member| member.is_actor_state_store())
            .collect()
    }

    /// The workloads of Dapr's control plane, wherever they are.
    pub fn control_plane(&self) -> impl Iterator<Item = (usize, &Member, Service)> {
        let workloads = self.members.iter().enumerate().filter(|(_, member)| member.group == "apps");
        workloads
            .filter(|(_, member)| !member.is_controlled())
            .filter_map(|(index, member)| Some((index, member, Service::of_label(member.pod_label("app")?)?)))
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
        let pod = self.value.pointer(self.base?)?;
        pod.pointer(pointer).filter(|value| !value.is_null())
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
        self.in_pod("/spec/containers").and_then(Value::as_array).unwrap_or_default()
    }

    /// Whether a label selector selects its pods.
    #[must_use]
    pub fn is_selected_by(&self, selector: Option<&Value>) -> bool {
        self.base.is_some() && selects(selector, |key| self.pod_label(key))
    }

    /// Whether the sidecar of an app loads this Component: one of its namespace that names the app, or nobody.
    #[must_use]
    pub fn is_loaded_by(&self, member: &Self, app: &App) -> bool {
        let scopes = self.items("/scopes");
        let named = |scope: &Value| scope.as_str().is_some_and(|id| app.app_id.as_deref() == Some(id));
        self.beside(member) && (scopes.is_empty() || scopes.iter().any(named))
    }

    /// Whether it is a Component that keeps actors (`pkg/runtime/processor/state/state.go`): a state store with the mark.
    fn is_actor_state_store(&self) -> bool {
        let marks = |item: &Value| {
            let named = item["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("actorStateStore"));
            let value = &item["value"];
            named && (*value == true || value.as_str().is_some_and(boolean::truthy))
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
