//! An injector that is down does not keep other pods from starting.

use crate::dapr::helm::Values;
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "helm-failure-policy",
    title: "An injector that is down does not keep other pods from starting",
    source: Source::Dapr("charts/dapr/charts/dapr_sidecar_injector/templates: failurePolicy"),
    why: "With failure policy Fail and no selector no pod of the cluster starts while the injector is down: \
          neither those without Dapr nor the injector's own.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{dapr_sidecar_injector: {webhookFailurePolicy: Fail}}",
    good: "{dapr_sidecar_injector: {webhookFailurePolicy: Fail, namespaceSelector: {matchLabels: {dapr: 'on'}}}}",
};

const POLICY: &str = "/dapr_sidecar_injector/webhookFailurePolicy";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(values) = Values::of(subject.value) else { return Vec::new() };
    let selects = |field: &str| {
        let selector = values.get(&format!("/dapr_sidecar_injector/{field}")).and_then(Value::as_object);
        selector.is_some_and(|selector| !selector.is_empty())
    };
    let finding = match values.text(POLICY) {
        Some("Fail") if !selects("namespaceSelector") && !selects("objectSelector") => Finding::new(
            values.at(POLICY),
            "the injector is asked about every pod, and must answer",
            "no pod of the cluster starts while it is down",
            "select the namespaces with apps in dapr_sidecar_injector.namespaceSelector, or write Ignore",
        ),
        None | Some("Fail" | "Ignore" | "") => return Vec::new(),
        Some(other) => Finding::new(
            values.at(POLICY),
            format!("{} is no failure policy", Quoted(other)),
            "the API server refuses the webhook, and with it the release",
            "write Fail or Ignore",
        ),
    };
    vec![finding]
}
