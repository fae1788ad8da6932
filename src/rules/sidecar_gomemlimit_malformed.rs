//! A GOMEMLIMIT is one that Go can read.

use crate::dapr::gomemlimit;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, Rule, SoftLimit, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-gomemlimit-malformed",
    title: "The sidecar's GOMEMLIMIT is one that Go can read",
    source: Source::Dapr("Go's runtime/mgcpacer.go: readGOMEMLIMIT"),
    why: "Go's runtime aborts over a GOMEMLIMIT that it cannot read, so daprd never starts. It knows MiB and not Mi, \
          and a trailing comma in dapr.io/env is part of the value.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/env: GOMEMLIMIT=230Mi}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/env: GOMEMLIMIT=230MiB}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.sidecar() else { return Vec::new() };
    let SoftLimit::Written(text) = sidecar.gomemlimit() else { return Vec::new() };
    if gomemlimit::parse(text).is_ok() {
        return Vec::new();
    }
    let finding = Finding::new(
        sidecar.at_env(),
        format!("GOMEMLIMIT={} is malformed", Quoted(text)),
        "daprd aborts when it starts: \"malformed GOMEMLIMIT\"",
        "write a whole number and B, KiB, MiB, GiB or TiB, like 230MiB, or off",
    );
    vec![finding.certain()]
}
