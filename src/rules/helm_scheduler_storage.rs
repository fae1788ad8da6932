//! The scheduler keeps its jobs on a disk that is large enough.

use crate::dapr::Quantity;
use crate::dapr::helm::{SCHEDULER_STORAGE, SCHEDULER_STORAGE_SINCE, Values};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "helm-scheduler-storage",
    title: "The scheduler keeps its jobs on a disk that is large enough",
    source: Source::Reference("Persistent storage for Scheduler (etcd)"),
    why: "Every reminder, job and workflow is in the scheduler's etcd: in memory it is lost with the pod, and \
          a volume that is full stops all of it. Its size cannot be changed by a later release.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::DAPR_CHART_VALUES], check),
    bad: "{dapr_scheduler: {cluster: {storageSize: 1Gi}}}",
    good: "{dapr_scheduler: {cluster: {storageSize: 16Gi, storageClassName: fast-ssd}}}",
};

const CLUSTER: &str = "/dapr_scheduler/cluster";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(values) = Values::of(subject.value) else { return Vec::new() };
    let external = values.is_off("/dapr_scheduler/etcdEmbed");
    if external || values.is_off("/global/scheduler/enabled") {
        return Vec::new();
    }
    if values.is_on(&format!("{CLUSTER}/inMemoryStorage")) {
        let at = values.at(&format!("{CLUSTER}/inMemoryStorage"));
        let consequence = "every reminder, job and workflow is lost with the pods";
        return vec![Finding::new(at, "the scheduler keeps its jobs in memory", consequence, "leave it out")];
    }
    [size(subject, &values), class(&values)].into_iter().flatten().collect()
}

fn size(subject: &ObjectSubject<'_>, values: &Values<'_>) -> Option<Finding> {
    let pointer = format!("{CLUSTER}/storageSize");
    let enough = Quantity::parse(SCHEDULER_STORAGE).ok()?;
    let given = values.text(&pointer);
    let small = match given.map(Quantity::parse) {
        Some(Ok(size)) => size < enough,
        Some(Err(_)) => true,
        None => subject.version() < SCHEDULER_STORAGE_SINCE,
    };
    let problem = match given {
        Some(size) => format!("{} is less than {SCHEDULER_STORAGE}", Quoted(size)),
        None => format!("the chart of Dapr {} gives 1Gi", subject.version()),
    };
    let consequence = "a volume that is full stops every reminder, job and workflow; a later release cannot grow it";
    let advice = format!("write {SCHEDULER_STORAGE} or more");
    small.then(|| Finding::new(values.at(&pointer), problem, consequence, advice))
}

fn class(values: &Values<'_>) -> Option<Finding> {
    let pointer = format!("{CLUSTER}/storageClassName");
    if values.text(&pointer).is_some_and(|class| !class.is_empty()) {
        return None;
    }
    let consequence = "etcd is on the default class of the cluster, if there is one, fast or not";
    let advice = "write a class on SSDs that can grow";
    Some(Finding::new(values.at(&pointer), "no storage class is named", consequence, advice))
}
