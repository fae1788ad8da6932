//! A pod with pluggable components has a volume of its own.

use crate::dapr::injection::Injection;
use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, Phase, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "pluggable-components-volumes",
    title: "A pod with pluggable components keeps the volumes of its sidecar",
    source: Source::Dapr("pkg/injector/patcher/sidecar_components.go: addSharedSocketVolume"),
    why: "In a pod without any volume the injector writes the list of volumes twice, and the socket of the components \
          replaces those that daprd mounts. Most pods have one: the service account's token.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/pluggable-components: store,
        dapr.io/unix-domain-socket-path: /tmp/dapr}},
        spec: {automountServiceAccountToken: false, containers: [{name: app}, {name: store}]}}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/pluggable-components: store,
        dapr.io/unix-domain-socket-path: /tmp/dapr}},
        spec: {automountServiceAccountToken: false, containers: [{name: app}, {name: store}],
        volumes: [{name: scratch, emptyDir: {}}]}}}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let spec = &subject.pod.spec;
    let bare = spec.volumes.is_empty() && spec.automount_service_account_token == Some(false);
    let to_come = matches!(subject.injection, Injection::Injected(_)) && subject.phase == Phase::Template;
    let components = subject.app_containers().count() < spec.containers.len();
    if !(bare && to_come && components && !subject.may_get_volumes()) {
        return Vec::new();
    }
    let finding = Finding::new(
        subject.at_annotation(keys::PLUGGABLE_COMPONENTS),
        "the pod has pluggable components and no volume",
        "the API server refuses the pod: the injector drops a volume that daprd mounts",
        "add any volume to the pod, such as an emptyDir",
    );
    // What daprd mounts otherwise, the token for Sentry, the injector leaves out where it knows of no Sentry.
    let socket = subject.pod.annotation(keys::UNIX_SOCKET).is_some_and(|path| !path.is_empty());
    vec![if socket { finding.certain() } else { finding }]
}
