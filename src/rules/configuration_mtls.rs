//! Sidecars talk to each other through mTLS.

use crate::dapr::duration;
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-mtls",
    title: "Sidecars talk to each other through mTLS",
    source: Source::Dapr("kubernetes-production.md: mTLS"),
    why: "Without mTLS calls between apps are in the clear, and an access control list cannot tell who calls.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: daprsystem}, spec: {mtls: {
        enabled: false, sentryAddress: 'dapr-sentry:443', controlPlaneTrustDomain: cluster.local}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: daprsystem}, spec: {mtls: {
        enabled: true, sentryAddress: 'dapr-sentry:443', controlPlaneTrustDomain: cluster.local}}}",
};

/// The Configuration that the control plane itself reads; of any other, mtls is not read.
pub(super) const CONTROL_PLANE: &str = "daprsystem";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(mtls) = subject.get("/spec/mtls") else { return Vec::new() };
    if subject.name() != CONTROL_PLANE {
        let problem = format!("mtls is not read from {}", Quoted(subject.name()));
        let advice = format!("leave it out: the one that counts is {CONTROL_PLANE}, in the control plane's namespace");
        return vec![Finding::new("/spec/mtls".to_owned(), problem, "it has no effect", advice)];
    }
    let off = (mtls["enabled"] == Value::Bool(false)).then(|| {
        let consequence = "calls between apps are in the clear, and anybody can claim to be any app";
        Finding::new("/spec/mtls/enabled".to_owned(), "mTLS is off", consequence, "write true")
    });
    let times = ["workloadCertTTL", "allowedClockSkew"];
    off.into_iter().chain(times.iter().filter_map(|field| time(mtls, field))).collect()
}

fn time(mtls: &Value, field: &str) -> Option<Finding> {
    let text = mtls[field].as_str().filter(|text| !text.is_empty())?;
    duration::parse(text).err()?;
    let problem = format!("{} is no duration", Quoted(text));
    Some(Finding::new(
        format!("/spec/mtls/{field}"),
        problem,
        "sentry does not start",
        "write a number with its unit, like 24h",
    ))
}
