//! An injector that is away does not stop the cluster itself.

use crate::dapr::control_plane::WEBHOOKS;
use crate::json::{Map, Value};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source, selects};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-failure-policy",
    title: "Dapr's webhook fails closed only for namespaces that it can do without",
    source: Source::Dapr("charts/dapr/charts/dapr_sidecar_injector: webhookFailurePolicy, namespaceSelector"),
    why: "With failurePolicy Fail no pod is created while the injector is away, in every namespace that the webhook selects. \
          If kube-system or the injector's own is among them, a cluster that was stopped does not come up again.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::new("admissionregistration.k8s.io", "MutatingWebhookConfiguration")], check),
    bad: r"{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {
        name: dapr-sidecar-injector}, webhooks: [{name: sidecar-injector.dapr.io, failurePolicy: Fail,
        clientConfig: {service: {namespace: dapr-system, name: dapr-sidecar-injector}}}]}",
    good: r"{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {
        name: dapr-sidecar-injector}, webhooks: [{name: sidecar-injector.dapr.io, failurePolicy: Fail,
        clientConfig: {service: {namespace: dapr-system, name: dapr-sidecar-injector}}, namespaceSelector: {
        matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system, dapr-system]}]}}]}",
};

/// The label that every namespace has.
const NAME: &str = "kubernetes.io/metadata.name";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    if subject.name() != WEBHOOKS {
        return Vec::new();
    }
    subject.items("/webhooks").filter_map(|(at, webhook)| judge(&at, webhook)).collect()
}

fn judge(at: &str, webhook: &Value) -> Option<Finding> {
    // The API server writes Fail where nothing is written.
    if webhook["failurePolicy"].as_str().is_some_and(|policy| policy != "Fail") {
        return None;
    }
    let everything = Value::Object(Map::default());
    let selector = webhook.get("namespaceSelector").filter(|selector| !selector.is_null()).unwrap_or(&everything);
    let home = webhook.pointer("/clientConfig/service/namespace").and_then(Value::as_str);
    let selected = ["kube-system"].into_iter().chain(home);
    let selected: Vec<_> =
        selected.filter(|name| selects(Some(selector), |key| (key == NAME).then_some(*name))).collect();
    (!selected.is_empty()).then(|| {
        Finding::new(
            format!("{at}/namespaceSelector"),
            format!("the webhook fails closed, and selects the namespace {}", selected.join(" and ")),
            "while the injector is away no pod is created there, not even its own",
            format!("select namespaces by dapr_sidecar_injector.namespaceSelector, or by {NAME} NotIn those"),
        )
    })
}
