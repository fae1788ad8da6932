//! A number of replicas is one that counts.

use crate::dapr::helm::Values;
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "helm-replicas",
    title: "A number of replicas is one that counts",
    source: Source::Dapr("charts/dapr/charts/*/templates: replicas"),
    why: "With global.ha.enabled the number of replicas comes from global.ha.replicaCount, and each chart's \
          own is not read; without it, it is the other way round.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{global: {ha: {enabled: true}}, dapr_sentry: {replicaCount: 5}}",
    good: "{global: {ha: {enabled: true, replicaCount: 5}}}",
};

/// The charts that have a number of their own.
const OWN: [&str; 3] = ["dapr_operator", "dapr_sentry", "dapr_sidecar_injector"];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(values) = Values::of(subject.value) else { return Vec::new() };
    let scaled_to_zero = values.is_on("/dapr_placement/scaleZero").then(|| {
        let consequence = "no actor and no workflow can be placed";
        Finding::new(values.at("/dapr_placement/scaleZero"), "placement has no replica", consequence, "leave it out")
    });
    let own = OWN.iter().filter_map(|chart| match values.is_on("/global/ha/enabled") {
        true => overridden(&values, chart),
        false => too_few(&values, chart),
    });
    own.chain(scaled_to_zero).collect()
}

fn overridden(values: &Values<'_>, chart: &str) -> Option<Finding> {
    let at = format!("/{chart}/replicaCount");
    let own = values.get(&at)?.as_i64()?;
    let counts = values.get("/global/ha/replicaCount").and_then(Value::as_i64).unwrap_or(3);
    let problem = format!("{own} is not read, since global.ha.enabled is true");
    let consequence = format!("there are {counts} replicas");
    (own != counts).then(|| Finding::new(values.at(&at), problem, consequence, "write global.ha.replicaCount instead"))
}

/// One is what the chart gives, and what `helm-high-availability` is about.
fn too_few(values: &Values<'_>, chart: &str) -> Option<Finding> {
    let at = format!("/{chart}/replicaCount");
    let own = values.get(&at)?.as_i64().filter(|own| *own < 3)?;
    let problem = format!("{own} replicas are too few");
    Some(Finding::new(values.at(&at), problem, "a drained node can take them all", "write 3"))
}
