//! Dapr's control plane, as its Helm chart renders it (`charts/dapr`): what its workloads are, and which images they run.

use super::Version;
use crate::json::Value;

/// The variable by which the injector's Deployment names the image of all sidecars.
pub const SIDECAR_IMAGE: &str = "SIDECAR_IMAGE";

/// The name of the injector's MutatingWebhookConfiguration, which the chart fixes.
pub const WEBHOOKS: &str = "dapr-sidecar-injector";

/// A workload of the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Hands Components and Configurations to the sidecars.
    Operator,
    /// Puts the sidecar into pods.
    Injector,
    /// The certificate authority.
    Sentry,
    /// Knows which actor is where. Its members elect a leader (Raft).
    Placement,
    /// Keeps jobs, reminders and workflows. Its members hold a database together (etcd).
    Scheduler,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Operator, Self::Injector, Self::Sentry, Self::Placement, Self::Scheduler];

    /// The value of the label `app`, which is also the name of the workload and of its main container.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Operator => "dapr-operator",
            Self::Injector => "dapr-sidecar-injector",
            Self::Sentry => "dapr-sentry",
            Self::Placement => "dapr-placement-server",
            Self::Scheduler => "dapr-scheduler-server",
        }
    }

    /// The service with that label.
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.label() == label)
    }

    /// The service that a Deployment or StatefulSet runs. Its namespace is the release's, and says nothing.
    #[must_use]
    pub fn of(workload: &Value) -> Option<Self> {
        Self::of_label(workload.pointer("/spec/template/metadata/labels/app")?.as_str()?)
    }

    /// Whether more than half of its members must be there.
    #[must_use]
    pub fn needs_majority(self) -> bool {
        matches!(self, Self::Placement | Self::Scheduler)
    }

    /// The index of its own container among those of its pod.
    #[must_use]
    pub fn container(self, containers: &[Value]) -> usize {
        containers.iter().position(|container| container["name"] == self.label()).unwrap_or_default()
    }
}

/// What follows the name of an image: its tag; `None` where there is none, or a digest instead.
#[must_use]
pub fn tag(image: &str) -> Option<&str> {
    let name = image.split('@').next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    last.split_once(':').map(|(_, tag)| tag)
}

/// The version of Dapr in an image's tag: `1.18.2`, also `1.18.2-mariner`.
#[must_use]
pub fn version(image: &str) -> Option<Version> {
    tag(image)?.split('-').next()?.parse().ok()
}

/// The value of a flag, written as one argument or as two: `--etcd-embed=true`, `--watch-interval 0`. A flag without a
/// value is an empty one.
#[must_use]
pub fn flag<'a>(arguments: &'a Value, name: &str) -> Option<&'a str> {
    let texts: Vec<&str> = arguments.as_array()?.iter().filter_map(Value::as_str).collect();
    let (at, rest) = texts.iter().enumerate().find_map(|(at, text)| {
        let rest = text.trim_start_matches('-').strip_prefix(name)?;
        (rest.is_empty() || rest.starts_with('=')).then_some((at, rest))
    })?;
    let following = texts.get(at + 1).filter(|next| !next.starts_with('-'));
    Some(rest.strip_prefix('=').or(following.copied()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    #[test]
    fn a_tag_is_what_follows_the_name_and_no_port_of_a_registry() {
        assert_eq!(tag("ghcr.io/dapr/daprd:1.18.2"), Some("1.18.2"));
        assert_eq!(tag("registry:5000/dapr/daprd"), None);
        assert_eq!(tag("registry:5000/dapr/daprd:edge@sha256:0"), Some("edge"));
        assert_eq!(tag("ghcr.io/dapr/daprd@sha256:0"), None);
        assert_eq!(version("daprd:1.18.2-mariner"), Some(Version::new(1, 18, 2)));
        assert_eq!(version("daprd:edge"), None);
    }

    #[test]
    fn a_flag_is_found_in_one_argument_in_two_and_without_a_value() {
        let arguments = json!(["--log-level", "info", "--etcd-embed=true", "--enable-metrics", "--log-as-json"]);
        assert_eq!(flag(&arguments, "log-level"), Some("info"));
        assert_eq!(flag(&arguments, "etcd-embed"), Some("true"));
        assert_eq!(flag(&arguments, "enable-metrics"), Some(""));
        assert_eq!(flag(&arguments, "log-as-json"), Some(""));
        assert_eq!(flag(&arguments, "etcd"), None);
        assert_eq!(flag(&json!(null), "etcd"), None);
    }
}
