//! Everything together: the objects of some files, or of a cluster. What one object cannot say alone is asked here.

use std::borrow::Cow;

use super::app::{App, is_control_plane};
use super::finding::Finding;
use super::index::Index;
use super::kind::Kind;
use super::manifest::{DEFAULT_NAMESPACE, ObjectKind};
use super::object::{DAPR_GROUP, GroupKind};
use super::policies::Policies;
use super::profile::Profile;
use super::slim::slim;
use crate::json::Value;

/// Where the objects come from, which decides what their absence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Some manifests: what is not among them may be elsewhere.
    Files,
    /// All objects of a cluster that a rule reads: what is not among them is not there.
    Cluster,
}

/// The objects that rules compare with each other.
#[derive(Debug)]
pub struct Inventory {
    /// Where they come from.
    pub scope: Scope,
    /// In the order in which they were added.
    pub members: Vec<Member>,
    pub(super) index: Index,
}

/// One object of an inventory, without what no rule reads.
#[derive(Debug)]
pub struct Member {
    /// Its API group.
    pub group: String,
    /// Its kind.
    pub kind: String,
    /// Empty where the manifest names none.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// The object; of a Secret no values.
    pub value: Value,
    /// JSON pointer of its pod or pod template, if its kind has one.
    pub base: Option<&'static str>,
    /// The Dapr app that its pods are, if they are one.
    pub app: Option<App>,
    /// Whose numbers count in its namespace.
    pub profile: Profile,
    controlled: bool,
}

/// What a rule has to say of an inventory. Neither list filled: all that could be seen is as it should be.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// Faults, each with the index of the member that has it.
    pub found: Vec<(usize, Finding)>,
    /// What could not be judged, which is no success.
    pub not_evaluated: Vec<NotEvaluated>,
}

/// Something that a rule could not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEvaluated {
    /// The member that could not be judged; none where it is the whole inventory.
    pub member: Option<usize>,
    /// What would be needed to judge it, like `the HorizontalPodAutoscalers of these apps`.
    pub needs: Cow<'static, str>,
}

/// The kinds, besides workloads and Dapr's own, that rules compare. Everything else is let go of at once.
const COMPARED: &[GroupKind] = &[
    GroupKind::new("", "Node"),
    GroupKind::new("", "Secret"),
    GroupKind::new("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    GroupKind::new("autoscaling", "HorizontalPodAutoscaler"),
    GroupKind::new("bitnami.com", "SealedSecret"),
    GroupKind::new("cilium.io", "CiliumClusterwideNetworkPolicy"),
    GroupKind::new("cilium.io", "CiliumNetworkPolicy"),
    GroupKind::new("crd.projectcalico.org", "GlobalNetworkPolicy"),
    GroupKind::new("crd.projectcalico.org", "NetworkPolicy"),
    GroupKind::new("external-secrets.io", "ExternalSecret"),
    GroupKind::new("keda.sh", "ScaledObject"),
    GroupKind::new("networking.k8s.io", "NetworkPolicy"),
    GroupKind::new("policy", "PodDisruptionBudget"),
    GroupKind::new("projectcalico.org", "GlobalNetworkPolicy"),
    GroupKind::new("projectcalico.org", "NetworkPolicy"),
];

impl Inventory {
    /// An empty one.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self { scope, members: Vec::new(), index: Index::default() }
    }

    /// Whether any rule compares objects of that group and kind.
    #[must_use]
    pub fn wants(group: &str, kind: &str) -> bool {
        Kind::find(group, "v1", kind).is_some()
            || group == DAPR_GROUP
            || COMPARED.iter().any(|compared| compared.covers(group, kind))
    }

    /// Adds an object; its index among the members, or `None` where no rule would read it.
    pub fn add(&mut self, value: Value, policies: &Policies) -> Option<usize> {
        Member::of(value, policies).map(|member| self.push(member))
    }

    /// Adds a member; its index.
    pub fn push(&mut self, member: Member) -> usize {
        let index = self.members.len();
        self.index.add(&member.group, &member.kind, &member.namespace, index);
        if let Some(workload) = member.text("/spec/scaleTargetRef/name") {
            self.index.add_scaler(workload, index);
        }
        self.members.push(member);
        index
    }

    /// The members of a kind, with their indexes.
    pub fn of(&self, group: &str, kind: &str) -> impl Iterator<Item = (usize, &Member)> {
        self.index.of(group, kind).iter().map(|&index| (index, &self.members[index]))
    }

    /// The members whose pods are Dapr apps, with their indexes. What a listed workload makes (a ReplicaSet, a pod) is
    /// not listed again.
    pub fn apps(&self) -> impl Iterator<Item = (usize, &Member, &App)> {
        let all = self.members.iter().enumerate();
        all.filter_map(|(index, member)| Some((index, member, member.app.as_ref()?)))
            .filter(|(_, member, _)| !member.is_controlled())
    }

    /// Whether what is not here is nowhere.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.scope == Scope::Cluster
    }

    /// Whether there is any object of a kind. In files, one shows that objects of this kind are kept here, so that a
    /// missing one is missing; in a cluster, none shows the same.
    #[must_use]
    pub fn shows(&self, group: &str, kind: &str) -> bool {
        self.is_whole() || self.of(group, kind).next().is_some()
    }
}

impl Member {
    /// What is compared of an object, or `None` where no rule would read it.
    #[must_use]
    pub fn of(mut value: Value, policies: &Policies) -> Option<Self> {
        let ObjectKind { group, version, kind } = ObjectKind::of(&value)?;
        if !Inventory::wants(group, kind) || is_copy(&value, kind) {
            return None;
        }
        let namespace = text(&value, "/metadata/namespace").unwrap_or_default().to_owned();
        let name = text(&value, "/metadata/name").unwrap_or_default().to_owned();
        let policy = policies.for_namespace(if namespace.is_empty() { DEFAULT_NAMESPACE } else { &namespace });
        let with_pods = Kind::find(group, version, kind);
        let app = with_pods.and_then(|kind| App::of(&value, kind, policy));
        if app.is_none() && with_pods.is_some_and(|kind| !is_control_plane(&value, kind)) {
            return None;
        }
        let (group, kind) = (group.to_owned(), kind.to_owned());
        slim(&mut value, &kind, with_pods);
        let (base, profile) = (with_pods.map(Kind::base), policy.profile);
        let controlled = owners(&value).any(|owner| owner["controller"] == true);
        Some(Self { group, kind, namespace, name, value, base, app, profile, controlled })
    }

    /// What is at a JSON pointer; `null` counts as nothing.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.value.pointer(pointer).filter(|value| !value.is_null())
    }

    /// The string at a JSON pointer.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        text(&self.value, pointer)
    }

    /// The list at a JSON pointer; empty where there is none.
    #[must_use]
    pub fn items(&self, pointer: &str) -> &[Value] {
        self.get(pointer).and_then(Value::as_array).unwrap_or_default()
    }

    /// Whether another object made this one, so that whatever is wrong with it is that one's.
    #[must_use]
    pub fn is_controlled(&self) -> bool {
        self.controlled
    }
}

impl Evaluation {
    /// Adds a fault of a member.
    pub fn find(&mut self, member: usize, finding: Finding) {
        self.found.push((member, finding));
    }

    /// Adds what would be needed to judge a member, or the whole inventory.
    pub fn needs(&mut self, member: impl Into<Option<usize>>, needs: impl Into<Cow<'static, str>>) {
        self.not_evaluated.push(NotEvaluated { member: member.into(), needs: needs.into() });
    }
}

/// Whether it is a ReplicaSet or a Job whose workload is judged itself. A pod is where the versions of sidecars are seen.
fn is_copy(value: &Value, kind: &str) -> bool {
    let judged = |owner: &Value| {
        let text = |pointer| text(owner, pointer).unwrap_or_default();
        Kind::is_judged(text("/apiVersion"), text("/kind"))
    };
    kind != "Pod" && owners(value).filter(|owner| owner["controller"] == true).any(judged)
}

fn owners(value: &Value) -> impl Iterator<Item = &Value> {
    value.pointer("/metadata/ownerReferences").and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    fn deployment(owner: Value) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "order", "namespace": "shop", "ownerReferences": owner, "managedFields": [{}] },
            "spec": { "template": {
                "metadata": { "labels": { "app": "order" }, "annotations": {
                    "dapr.io/enabled": "true", "dapr.io/app-id": "order", "dapr.io/config": "shop",
                    "dapr.io/sidecar-cpu-limit": "1", "dapr.io/sidecar-memory-limit": "",
                } },
                "spec": { "containers": [] },
            } },
        })
    }

    #[test]
    fn a_workload_is_an_app_once_and_not_again_as_what_it_makes() {
        let mut inventory = Inventory::new(Scope::Files);
        let policies = Policies::default();
        inventory.add(deployment(Value::Null), &policies).unwrap();
        inventory.add(deployment(json!([{ "kind": "Rollout", "controller": true }])), &policies).unwrap();
        let judged = json!([{ "apiVersion": "apps/v1", "kind": "Deployment", "controller": true }]);
        assert_eq!(inventory.add(deployment(judged), &policies), None);
        let [(index, member, app)] = inventory.apps().collect::<Vec<_>>()[..] else { panic!("one app") };
        assert_eq!((index, &*member.name, &*member.namespace), (0, "order", "shop"));
        assert_eq!(
            (app.app_id.as_deref(), app.config.as_deref(), member.base),
            (Some("order"), Some("shop"), Some("/spec/template"))
        );
        assert_eq!((app.requests_cpu, app.requests_memory), (true, false));
        assert_eq!(member.get("/metadata/managedFields"), None);
    }

    #[test]
    fn a_secret_is_kept_without_its_values_and_what_nobody_compares_is_not_kept() {
        let mut inventory = Inventory::new(Scope::Files);
        let secret =
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s" }, "data": { "token": "aGk=" } });
        let kept = inventory.add(secret, &Policies::default()).unwrap();
        assert_eq!(inventory.members[kept].value["data"], json!({ "token": null }));
        let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "s" } });
        assert_eq!(inventory.add(map, &Policies::default()), None);
    }

    #[test]
    fn in_files_a_kind_is_shown_by_one_of_its_objects_and_in_a_cluster_always() {
        let mut inventory = Inventory::new(Scope::Files);
        assert!(!inventory.shows("policy", "PodDisruptionBudget"));
        let budget = json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": { "name": "b" } });
        inventory.add(budget, &Policies::default());
        assert!(inventory.shows("policy", "PodDisruptionBudget"));
        assert!(Inventory::new(Scope::Cluster).shows("policy", "PodDisruptionBudget"));
    }
}
