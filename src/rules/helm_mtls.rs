//! The control plane switches mTLS on.

use crate::dapr::duration;
use crate::dapr::helm::Values;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "helm-mtls",
    title: "The control plane switches mTLS on",
    source: Source::Dapr("kubernetes-production.md: mTLS"),
    why: "Without mTLS calls between apps are in the clear, and an access control list cannot tell who calls.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{global: {mtls: {enabled: false}}}",
    good: "{global: {mtls: {enabled: true}}}",
};

const MTLS: &str = "/global/mtls";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(values) = Values::of(subject.value) else { return Vec::new() };
    let switch = format!("{MTLS}/enabled");
    let off = values.is_off(&switch).then(|| {
        let consequence = "calls between apps are in the clear, and anybody can claim to be any app";
        Finding::new(values.at(&switch), "mTLS is off", consequence, "write true, or leave it out")
    });
    let times = ["workloadCertTTL", "allowedClockSkew"].into_iter().filter_map(|field| time(&values, field));
    off.into_iter().chain(times).collect()
}

fn time(values: &Values<'_>, field: &str) -> Option<Finding> {
    let pointer = format!("{MTLS}/{field}");
    let text = values.text(&pointer).filter(|text| !text.is_empty())?;
    duration::parse(text).err()?;
    let problem = format!("{} is no duration", Quoted(text));
    Some(Finding::new(values.at(&pointer), problem, "sentry does not start", "write a number with its unit, like 24h"))
}
