//! Dapr's dashboard is not in production.

use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-dashboard",
    title: "Dapr's dashboard does not run",
    source: Source::Dapr("github.com/dapr/dashboard: archived with 1.18; out of the chart since 1.11"),
    why: "The dashboard shows every Component and Configuration of the cluster to whoever reaches it, asks for no password, and \
          gets no more fixes.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(GroupKind::CONTROL_PLANE, check),
    bad: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-dashboard}, spec: {template: {metadata: {
        labels: {app: dapr-dashboard}}, spec: {containers: []}}}}",
    good: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: []}}}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    if subject.text("/spec/template/metadata/labels/app") != Some("dapr-dashboard") {
        return Vec::new();
    }
    let finding = Finding::new(
        "/metadata/name".to_owned(),
        "this is Dapr's dashboard",
        "whoever reaches it sees every Component and Configuration of the cluster, and it gets no more fixes",
        "uninstall it: helm uninstall dapr-dashboard",
    );
    vec![finding]
}
