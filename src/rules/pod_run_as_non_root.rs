//! No container of the pod runs as root.

use serde_json::json;

use crate::dapr::pod::{Container, SIDECAR_CONTAINER, SecurityContext};
use crate::policy::{Check, Edit, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "pod-run-as-non-root",
    title: "The pod's containers do not run as root",
    source: Source::Reference("securityContext: runAsNonRoot: true"),
    why: "A process that is root in its container is root on the node once it gets out. daprd itself refuses to be.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: [{name: app}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {securityContext: {runAsNonRoot: true}, containers: [{name: app}]}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.sidecar().is_none() {
        return Vec::new();
    }
    let spec = &subject.pod.spec;
    let pod = spec.security_context.as_ref();
    let containers = spec.init_containers.iter().chain(&spec.containers);
    let may_be_root: Vec<&str> = containers
        .filter(|container| &*container.name != SIDECAR_CONTAINER && !is_safe(pod, container))
        .map(|container| &*container.name)
        .collect();
    if may_be_root.is_empty() {
        return Vec::new();
    }
    let at = subject.at("/spec/securityContext/runAsNonRoot");
    let finding = Finding::new(
        at.clone(),
        format!("nothing keeps {} from running as root", may_be_root.join(", ")),
        "whoever breaks out of the container is root on the node",
        "write runAsNonRoot: true, and let the image name a user that is not root",
    );
    let edit = match pod.and_then(|pod| pod.run_as_non_root) {
        None => Some(Edit::Add { at, value: json!(true) }),
        Some(false) => Some(Edit::Replace { at, value: json!(true) }),
        // Then it is a container that says otherwise, for a reason that only its owner knows.
        Some(true) => None,
    };
    vec![finding.suggested(edit.into_iter().collect())]
}

/// Whether the kubelet keeps a container from being root, or its user is another.
fn is_safe(pod: Option<&SecurityContext<'_>>, container: &Container<'_>) -> bool {
    let own = container.security_context.as_ref();
    let guarded = own.and_then(|own| own.run_as_non_root).or(pod.and_then(|pod| pod.run_as_non_root));
    let user = own.and_then(|own| own.run_as_user).or(pod.and_then(|pod| pod.run_as_user));
    guarded == Some(true) || user.is_some_and(|user| user != 0)
}
