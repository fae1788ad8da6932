//! The control plane logs JSON.

use crate::dapr::helm::Values;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "helm-log-as-json",
    title: "The control plane logs JSON",
    source: Source::Dapr("kubernetes-production.md: global.logAsJson"),
    why: "Lines of JSON can be searched by field; lines of text have to be taken apart again, differently in \
          every version.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{global: {ha: {enabled: true}}}",
    good: "{global: {ha: {enabled: true}, logAsJson: true}}",
};

const SWITCH: &str = "/global/logAsJson";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let values = Values::of(subject.value).filter(|values| !values.is_on(SWITCH));
    let finding = |values: Values<'_>| {
        let consequence = "its lines cannot be searched by field";
        Finding::new(values.at(SWITCH), "the control plane logs plain text", consequence, "write true")
    };
    values.map(finding).into_iter().collect()
}
