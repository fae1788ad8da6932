//! The pod as Dapr's injector and the rules read it: a typed view, borrowed from the request's bytes.
//!
//! Only the fields that somebody reads are here; everything else (`managedFields`, most of a volume, status) is skipped
//! without being built. A workload's `spec.template` has the same shape, so it is read by the same type. What is
//! marked `unless_mending` or `of_sidecar` may be skipped as well (see `partly`).

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::command::{Any, Command, Health};
use super::pairs::{Annotations, Labels};
use super::partly::{of_sidecar, unless_mending};
use super::text::{Text, null_as_default, quantity};

/// The container name by which Dapr, and we, recognise a sidecar that is there already
/// (`pkg/injector/patcher/sidecar_patcher.go`: it looks at nothing else).
pub const SIDECAR_CONTAINER: &str = "daprd";

/// A pod, or a workload's pod template.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Pod<'a> {
    /// Name, labels, annotations, owners.
    #[serde(default, borrow, deserialize_with = "null_as_default")]
    pub metadata: Metadata<'a>,
    /// Containers and the scheduling fields that rules read. The API server knows no pod without.
    #[serde(borrow)]
    pub spec: PodSpec<'a>,
}

/// `ObjectMeta`, as far as rules read it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata<'a> {
    /// Empty in a template, and for pods that a controller names by `generateName`.
    #[serde(default, borrow)]
    pub name: Text<'a>,
    /// The prefix from which the API server makes a name after admission.
    #[serde(default, borrow)]
    pub generate_name: Text<'a>,
    /// `None` when absent or `null`.
    #[serde(default, borrow)]
    pub labels: Option<Labels<'a>>,
    /// Only those that somebody reads (see [`Annotations`]); `None` when the map is absent or `null`.
    #[serde(default, borrow)]
    pub annotations: Option<Annotations<'a>>,
    /// At most one of them is the controller.
    #[serde(default, borrow, deserialize_with = "null_as_default")]
    pub owner_references: Vec<OwnerReference<'a>>,
    /// Set while the object waits for its finalizers.
    #[serde(default)]
    pub deletion_timestamp: Option<IgnoredAny>,
}

/// Who owns an object.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerReference<'a> {
    /// `apps/v1`, `batch/v1`, or a custom group.
    #[serde(default, borrow)]
    pub api_version: Text<'a>,
    /// `ReplicaSet`, `StatefulSet`, `Job`, …
    #[serde(default, borrow)]
    pub kind: Text<'a>,
    /// In the namespace of the object.
    #[serde(default, borrow)]
    pub name: Text<'a>,
    /// Whether this owner manages the object.
    #[serde(default)]
    pub controller: Option<bool>,
}

/// `PodSpec`, as far as rules read it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSpec<'a> {
    /// The app's containers, and `daprd` when it is there already.
    #[serde(default, borrow, deserialize_with = "null_as_default")]
    pub containers: Vec<Container<'a>>,
    /// Init containers, and a native `daprd` when it is there already.
    #[serde(default, borrow, deserialize_with = "null_as_default")]
    pub init_containers: Vec<Container<'a>>,
    /// Seconds between SIGTERM and SIGKILL. The API server fills in 30.
    #[serde(default)]
    pub termination_grace_period_seconds: Option<i64>,
    /// Only their number matters: any constraint is the user's own word.
    #[serde(default)]
    pub topology_spread_constraints: Option<Vec<IgnoredAny>>,
    /// Their names.
    #[serde(default, borrow, deserialize_with = "unless_mending")]
    pub volumes: Vec<Volume<'a>>,
    /// What counts for every container that says nothing else.
    #[serde(default, borrow, deserialize_with = "unless_mending")]
    pub security_context: Option<SecurityContext<'a>>,
    /// Empty in a template that names none; the API server fills in `default`.
    #[serde(default, borrow, deserialize_with = "unless_mending")]
    pub service_account_name: Text<'a>,
    /// Where it is `None` the service account says whether its token is mounted, and by default it is.
    #[serde(default, deserialize_with = "unless_mending")]
    pub automount_service_account_token: Option<bool>,
    /// Whether the pod lives in the node's own network.
    #[serde(default, deserialize_with = "unless_mending")]
    pub host_network: bool,
    /// `Always` when absent.
    #[serde(default, borrow, deserialize_with = "unless_mending")]
    pub restart_policy: Text<'a>,
}

/// A volume, as far as rules read it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Volume<'a> {
    /// Unique in the pod.
    #[serde(default, borrow)]
    pub name: Text<'a>,
}

/// `PodSecurityContext` and `SecurityContext`, as far as rules read them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityContext<'a> {
    /// The user that processes run as; `None`: the image's own.
    #[serde(default)]
    pub run_as_user: Option<i64>,
    /// Whether the kubelet refuses to start a container as root.
    #[serde(default)]
    pub run_as_non_root: Option<bool>,
    /// `None` when absent or `null`.
    #[serde(default, borrow)]
    pub seccomp_profile: Option<SeccompProfile<'a>>,
}

/// Which system calls are allowed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct SeccompProfile<'a> {
    /// `RuntimeDefault`, `Localhost` or `Unconfined`.
    #[serde(default, borrow, rename = "type")]
    pub kind: Text<'a>,
}

/// A container, as far as rules read it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Container<'a> {
    /// Unique in the pod.
    #[serde(default, borrow)]
    pub name: Text<'a>,
    /// Declared ports.
    #[serde(default, borrow, deserialize_with = "unless_mending")]
    pub ports: Vec<ContainerPort<'a>>,
    /// `None` when absent or `null`.
    #[serde(default, borrow, deserialize_with = "of_sidecar")]
    pub env: Option<Vec<EnvVar<'a>>>,
    /// `None` when absent or `null`.
    #[serde(default, borrow, deserialize_with = "of_sidecar")]
    pub resources: Option<Resources<'a>>,
    /// Empty when absent.
    #[serde(default, borrow, deserialize_with = "unless_mending")]
    pub image: Text<'a>,
    /// Whether variables come from whole ConfigMaps or Secrets, unseen.
    #[serde(default, deserialize_with = "unless_mending")]
    pub env_from: Any,
    /// What it runs in place of the image's entry point.
    #[serde(default, deserialize_with = "unless_mending")]
    pub command: Command,
    /// The arguments of what it runs.
    #[serde(default, deserialize_with = "unless_mending")]
    pub args: Command,
    /// Whether it lives.
    #[serde(default, deserialize_with = "unless_mending")]
    pub liveness_probe: Option<Handler>,
    /// Whether it may be called.
    #[serde(default, deserialize_with = "unless_mending")]
    pub readiness_probe: Option<Handler>,
    /// Whether it has started.
    #[serde(default, deserialize_with = "unless_mending")]
    pub startup_probe: Option<Handler>,
    /// What it does at its beginning and before its end.
    #[serde(default, deserialize_with = "unless_mending")]
    pub lifecycle: Lifecycle,
    /// What differs from the pod's.
    #[serde(default, borrow, deserialize_with = "unless_mending")]
    pub security_context: Option<SecurityContext<'a>>,
}

/// The hooks of a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lifecycle {
    /// Runs when the container was started.
    #[serde(default, deserialize_with = "null_as_default")]
    pub post_start: Handler,
    /// Runs before SIGTERM, inside the grace period.
    #[serde(default, deserialize_with = "null_as_default")]
    pub pre_stop: Handler,
}

/// What a probe or a hook does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handler {
    /// Runs a command in the container.
    #[serde(default, deserialize_with = "null_as_default")]
    pub exec: Exec,
    /// Asks over HTTP.
    #[serde(default, deserialize_with = "null_as_default")]
    pub http_get: HttpGet,
    /// Of a hook: waits.
    #[serde(default, deserialize_with = "null_as_default")]
    pub sleep: Sleep,
}

/// Runs a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Exec {
    /// Without a shell.
    #[serde(default)]
    pub command: Command,
}

/// Asks over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct HttpGet {
    /// Which of daprd's health endpoints its path is.
    #[serde(default, rename = "path")]
    pub health: Health,
}

/// Waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Sleep {
    /// How long.
    #[serde(default, deserialize_with = "null_as_default")]
    pub seconds: i64,
}

impl Handler {
    /// Which of daprd's health endpoints it asks.
    #[must_use]
    pub fn health(&self) -> Health {
        self.http_get.health.max(self.exec.command.health)
    }

    /// The seconds that it plainly waits.
    #[must_use]
    pub fn sleeps(&self) -> i64 {
        i64::from(self.exec.command.sleeps).max(self.sleep.seconds)
    }
}

/// A declared port.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPort<'a> {
    /// The port number, in the pod's own network.
    #[serde(default)]
    pub container_port: i64,
    /// `TCP` when absent.
    #[serde(default, borrow)]
    pub protocol: Option<Text<'a>>,
}

/// An environment variable.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvVar<'a> {
    /// Its name; of two with the same name the later one counts.
    #[serde(default, borrow)]
    pub name: Text<'a>,
    /// Its literal value.
    #[serde(default, borrow)]
    pub value: Option<Text<'a>>,
    /// Present when the value comes from elsewhere (a Secret, a field).
    #[serde(default)]
    pub value_from: Option<IgnoredAny>,
}

/// A container's resources.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Resources<'a> {
    /// `None` when absent or `null`.
    #[serde(default, borrow)]
    pub requests: Option<Quantities<'a>>,
    /// `None` when absent or `null`.
    #[serde(default, borrow)]
    pub limits: Option<Quantities<'a>>,
}

/// CPU and memory as written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Quantities<'a> {
    /// For example `300m`.
    #[serde(default, borrow, deserialize_with = "quantity")]
    pub cpu: Option<Text<'a>>,
    /// For example `256Mi`.
    #[serde(default, borrow, deserialize_with = "quantity")]
    pub memory: Option<Text<'a>>,
}

impl<'a> Pod<'a> {
    /// Whether a container is called as Dapr calls its sidecar.
    #[must_use]
    pub fn has_sidecar(&self) -> bool {
        let mut all = self.spec.containers.iter().chain(&self.spec.init_containers);
        all.any(|container| &*container.name == SIDECAR_CONTAINER)
    }

    /// The value of an annotation that rules read.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata.annotations.as_ref()?.get(key)
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata.labels.as_ref()?.get(key)
    }

    /// The owner that manages this pod, if one does.
    #[must_use]
    pub fn controller(&self) -> Option<&OwnerReference<'a>> {
        self.metadata.controller()
    }
}

impl<'a> Metadata<'a> {
    /// The owner with `controller: true`.
    #[must_use]
    pub fn controller(&self) -> Option<&OwnerReference<'a>> {
        self.owner_references.iter().find(|owner| owner.controller == Some(true))
    }
}
