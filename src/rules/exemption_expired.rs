//! An exemption that is still there still counts.

use jiff::Timestamp;

use crate::policy::{Check, EXEMPTION_KIND, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "exemption-expired",
    title: "No exemption has expired",
    source: Source::Preflight("exemptions have an expiry"),
    why: "An exemption ends by itself, and what it covered counts again. One that is left behind tells its readers that \
          something is settled which is not.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::new("dapr-preflight.io", EXEMPTION_KIND)], check),
    bad: r#"{apiVersion: dapr-preflight.io/v1alpha1, kind: PreflightExemption, metadata: {name: order, namespace: shop},
        spec: {rules: [sidecar-resources], appIds: [order], reason: limits are measured, owner: team-order,
               expires: "1970-01-01T00:00:00Z"}}"#,
    good: r#"{apiVersion: dapr-preflight.io/v1alpha1, kind: PreflightExemption, metadata: {name: order, namespace: shop},
        spec: {rules: [sidecar-resources], appIds: [order], reason: limits are measured, owner: team-order,
               expires: "2099-03-31T00:00:00Z"}}"#,
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    const EXPIRES: &str = "/spec/expires";
    let expires = subject.text(EXPIRES).and_then(|text| text.parse::<Timestamp>().ok());
    let (Some(expires), Some(now)) = (expires, subject.now) else { return Vec::new() };
    if now < expires {
        return Vec::new();
    }
    let owner = subject.text("/spec/owner").unwrap_or("its owner");
    vec![Finding::new(
        EXPIRES.to_owned(),
        format!("the exemption has expired, at {expires}"),
        "it exempts nothing any more",
        format!("remove it, or agree with {owner} on another day"),
    )]
}
