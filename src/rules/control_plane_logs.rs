//! The control plane logs in JSON.

use crate::dapr::control_plane::{Service, flag};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-logs",
    title: "The services of the control plane log in JSON",
    source: Source::Reference("global.logAsJson: true"),
    why: "Whoever collects the logs reads fields, and takes a message of several lines apart.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(GroupKind::CONTROL_PLANE, check),
    bad: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: [{name: dapr-sentry, args: [--log-level, info]}]}}}}",
    good: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-sentry}, spec: {template: {metadata: {
        labels: {app: dapr-sentry}}, spec: {containers: [{name: dapr-sentry, args: [--log-level, info, --log-as-json]}]}}}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(service) = Service::of(subject.value) else { return Vec::new() };
    let containers = subject.items("/spec/template/spec/containers");
    let own = containers.filter(|(_, container)| container["name"] == service.label());
    let plain = own.filter(|(_, container)| matches!(flag(&container["args"], "log-as-json"), None | Some("false")));
    let finding = |at: String| {
        Finding::new(
            format!("{at}/args"),
            "--log-as-json is not among the arguments",
            "the logs are lines of text, which collectors cannot search by field",
            "set global.logAsJson: true in the chart's values",
        )
    };
    plain.map(|(at, _)| finding(at)).collect()
}
