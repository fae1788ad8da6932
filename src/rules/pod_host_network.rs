//! The pod has a network of its own.

use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "pod-host-network",
    title: "The pod does not live in the node's network",
    source: Source::Kubernetes("concepts/security/pod-security-standards: Host Namespaces"),
    why: "In the node's network daprd's ports are the node's: a second such pod fails to listen, and whatever reaches \
          the node reaches daprd's unprotected port 3501.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {hostNetwork: true, containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.sidecar().is_none() || !subject.pod.spec.host_network {
        return Vec::new();
    }
    vec![Finding::new(
        subject.at("/spec/hostNetwork"),
        "the pod lives in the node's network",
        "daprd's ports are the node's: two such pods on a node collide, and others reach daprd",
        "leave hostNetwork out",
    )]
}
