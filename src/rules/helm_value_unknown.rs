//! Every value for the Dapr chart is one that it reads.

use super::dapr_resource_refused::pointer;
use crate::dapr::helm::{self, Values};
use crate::dapr::schema::{Fault, FaultKind};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "helm-value-unknown",
    title: "Every value for the Dapr chart is one that it reads",
    source: Source::Dapr("charts/dapr/values.yaml, charts/dapr/charts/*/values.yaml"),
    why: "Helm passes any value to any chart, and Dapr's chart has no schema: a value that it does not know \
          has no effect, in silence. What was to be highly available is not.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{dapr_placement: {replicaCount: 3}}",
    good: "{dapr_placement: {ha: true}}",
};

/// Values that are often written and do not exist, and what does what was meant. `*` is the chart of a service.
const MEANT: [(&str, &str); 12] = [
    ("dapr_placement.replicaCount", "write global.ha.enabled: true, which makes it three"),
    ("dapr_scheduler.replicaCount", "leave it out: the scheduler always has three replicas"),
    ("dapr_scheduler.volumeClaimTemplates", "write dapr_scheduler.cluster.storageSize and storageClassName"),
    ("*.podDisruptionBudget", "write global.ha.enabled: true; global.ha.disruption says how many may be missing"),
    ("*.pdb", "write global.ha.enabled: true; global.ha.disruption says how many may be missing"),
    (
        "*.affinity",
        "write global.ha.enabled: true; global.ha.topologyKey and podAntiAffinityPolicy say how replicas spread",
    ),
    (
        "*.topologySpreadConstraints",
        "write global.ha.enabled: true; global.ha.topologyKey says over what replicas spread",
    ),
    ("*.nodeSelector", "write global.nodeSelector, which is for all of the control plane"),
    ("*.tolerations", "write global.tolerations, which are for all of the control plane"),
    ("*.priorityClassName", "write global.priorityClassName, which is for all of the control plane"),
    ("global.logLevel", "write logLevel for each: dapr_operator.logLevel and so on; for sidecars it is an annotation"),
    ("global.replicaCount", "write global.ha.enabled: true and global.ha.replicaCount"),
];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(values) = Values::of(subject.value) else { return Vec::new() };
    let faults = helm::keys().faults(values.all(), subject.version());
    faults.iter().filter_map(|fault| finding(subject, &values, fault)).collect()
}

fn finding(subject: &ObjectSubject<'_>, values: &Values<'_>, fault: &Fault<'_>) -> Option<Finding> {
    let at = values.at(&pointer(&fault.path));
    let (problem, advice) = match &fault.kind {
        FaultKind::Later(since) => (
            format!("the chart of Dapr {} has no {}, which came with {since}", subject.version(), fault.path.join(".")),
            "leave it out, or name the Dapr version that is installed in the policy".to_owned(),
        ),
        FaultKind::Unknown(siblings) => {
            let key = fault.path.last()?;
            let near = || closest(key, siblings.keys().map(String::as_str)).map(|near| format!("did you mean {near}?"));
            let advice = meant(&fault.path).map(str::to_owned).or_else(near).unwrap_or("leave it out".to_owned());
            (format!("the chart has no {}", fault.path.join(".")), advice)
        }
        _ => return None,
    };
    Some(Finding::new(at, problem, "Helm passes it on, and nothing reads it", advice).of_the_key().advisory())
}

fn meant(path: &[String]) -> Option<&'static str> {
    let [first, second] = path else { return None };
    let of_service = helm::SERVICES.iter().any(|(chart, _)| chart == first);
    MEANT.iter().find_map(|(key, advice)| {
        let (chart, name) = key.split_once('.')?;
        (name == second && (chart == first || chart == "*" && of_service)).then_some(*advice)
    })
}
