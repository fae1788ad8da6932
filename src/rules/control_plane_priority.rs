//! The control plane goes last when a node runs short.

use crate::dapr::control_plane::Service;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-priority",
    title: "The services of the control plane have a priority class",
    source: Source::Dapr("docs: operations/hosting/kubernetes/kubernetes-production.md: global.priorityClassName"),
    why: "Without one the control plane ranks with every app. A large app that is scheduled may push it off its node, and with \
          it the sidecars of all others.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(GroupKind::CONTROL_PLANE, check),
    bad: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: []}}}}",
    good: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {priorityClassName: system-cluster-critical, containers: []}}}}",
};

const AT: &str = "/spec/template/spec/priorityClassName";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let written = subject.text(AT).is_some_and(|name| !name.is_empty());
    if Service::of(subject.value).is_none() || written {
        return Vec::new();
    }
    let finding = Finding::new(
        AT.to_owned(),
        "it has no priority class",
        "apps may push it off a node that is full",
        "set global.priorityClassName: system-cluster-critical in the chart's values",
    );
    vec![finding]
}
