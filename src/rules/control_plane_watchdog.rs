//! Somebody notices a pod that was left without its sidecar.

use crate::dapr::control_plane::{Service, WEBHOOKS, flag};
use crate::json::Value;
use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Member, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-watchdog",
    title: "Where Dapr's webhook fails open, the operator's watchdog mends what it missed",
    source: Source::Dapr("pkg/operator/watchdog.go; docs: operations/hosting/kubernetes/kubernetes-production.md"),
    why: "With failurePolicy Ignore, the chart's default, a pod that is created while the injector is away starts without a \
          sidecar and stays so. The watchdog deletes such pods so that they are made again.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {
        name: dapr-sidecar-injector}, webhooks: [{name: sidecar-injector.dapr.io, failurePolicy: Ignore}]}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-operator}, spec: {template: {metadata: {
        labels: {app: dapr-operator}}, spec: {containers: [{name: dapr-operator, args: [--watch-interval, "0"]}]}}}}"#,
    good: r"{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {
        name: dapr-sidecar-injector}, webhooks: [{name: sidecar-injector.dapr.io, failurePolicy: Ignore}]}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-operator}, spec: {template: {metadata: {
        labels: {app: dapr-operator}}, spec: {containers: [{name: dapr-operator, args: [--watch-interval, 10m]}]}}}}",
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let webhooks = inventory.of("admissionregistration.k8s.io", "MutatingWebhookConfiguration");
    let webhooks = webhooks.map(|(_, configuration)| configuration).find(|webhooks| webhooks.name == WEBHOOKS);
    let operator = inventory.control_plane().find(|(_, _, service)| *service == Service::Operator);
    match (webhooks, operator) {
        (Some(webhooks), _) if !fails_open(webhooks) => {}
        (_, Some((_, operator, _))) if watches(operator) => {}
        (Some(_), Some((index, operator, _))) => evaluation.find(index, unwatched(operator)),
        (Some(_), None) => evaluation.needs(None, "the Deployment of Dapr's operator"),
        (None, _) => evaluation.needs(None, format!("the MutatingWebhookConfiguration {WEBHOOKS}")),
    }
    evaluation
}

fn fails_open(webhooks: &Member) -> bool {
    webhooks.items("/webhooks").iter().any(|webhook| webhook["failurePolicy"] == "Ignore")
}

fn arguments(operator: &Member) -> (usize, Option<&Value>) {
    let containers = operator.containers();
    let own = Service::Operator.container(containers);
    (own, containers.get(own).map(|container| &container["args"]))
}

/// Whether the operator looks again and again: `once` is only at its start.
fn watches(operator: &Member) -> bool {
    let interval = arguments(operator).1.and_then(|arguments| flag(arguments, "watch-interval"));
    !matches!(interval, None | Some("" | "0" | "0s" | "once"))
}

fn unwatched(operator: &Member) -> Finding {
    let at = operator.at_pod(&format!("/spec/containers/{}/args", arguments(operator).0)).unwrap_or_default();
    Finding::new(
        at,
        "the watchdog is off, and the injector's webhook fails open",
        "a pod that is created while the injector is away stays without a sidecar, and nobody notices",
        "set dapr_operator.watchInterval, such as 10m, in the chart's values",
    )
}
