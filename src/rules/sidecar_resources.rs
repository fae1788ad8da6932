//! A sidecar has a CPU and a memory request and limit.

use crate::dapr::Quantity;
use crate::policy::{
    Amount, Check, Edit, Finding, Fix, Given, Level, PodSubject, Quoted, Rule, Sidecar, SidecarResources, Slot, Source,
};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-resources",
    title: "The sidecar has CPU and memory requests and limits",
    source: Source::Reference("All sidecar resource limits set (CPU + memory)"),
    why: "Dapr gives its sidecar no resources of its own. Without them it can take the node's memory from everybody, \
          an autoscaler cannot compute utilisation, and one value that does not parse drops all four in silence.",
    level: Level::Deny,
    fix: Fix::Safe,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-cpu-request: 500m}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-cpu-request: 500m,
        dapr.io/sidecar-cpu-limit: 500m, dapr.io/sidecar-memory-request: 128Mi,
        dapr.io/sidecar-memory-limit: 256Mi}}, spec: {containers: []}}"#,
};

/// What is written and what is missing.
struct Plan<'a> {
    /// Slots with a value that does not parse: Dapr drops all four, so nothing is added.
    unparsable: Vec<(Slot, &'a str)>,
    /// Slots that the user left empty: not given, and not ours to fill.
    empty: Vec<Slot>,
    /// What would be added.
    add: Vec<(Slot, Size<'a>)>,
    /// A default memory limit that stays away, since the user's own GOMEMLIMIT would not be below it.
    withheld: Option<Size<'a>>,
}

/// A quantity of the user's or the policy's.
#[derive(Clone, Copy)]
pub(super) struct Size<'a> {
    pub text: &'a str,
    pub quantity: Quantity,
}

impl<'a> From<&'a Amount> for Size<'a> {
    fn from(amount: &'a Amount) -> Self {
        Self { text: &amount.text, quantity: amount.quantity }
    }
}

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.sidecar() else { return Vec::new() };
    let plan = plan(subject, &sidecar);
    let mut findings: Vec<_> = plan.unparsable.iter().map(|(slot, text)| unparsable(&sidecar, *slot, text)).collect();
    findings.extend(plan.empty.iter().map(|slot| empty(&sidecar, *slot, subject)));
    findings.extend(plan.withheld.map(|limit| withheld(&sidecar, limit)));
    if !plan.add.is_empty() {
        findings.push(missing(subject, &sidecar, &plan.add));
    }
    findings
}

/// The memory limit that the sidecar will have: what is written, else what this rule adds where it runs. A limit of 0 is
/// none to Kubernetes.
pub(super) fn effective_memory_limit<'a>(subject: &PodSubject<'a>, sidecar: &Sidecar<'a>) -> Option<Size<'a>> {
    let plan = plan(subject, sidecar);
    if !plan.unparsable.is_empty() {
        return None;
    }
    match sidecar.given(Slot::MemoryLimit) {
        Given::Amount(text, quantity) if quantity > Quantity::ZERO => Some(Size { text, quantity }),
        Given::Absent if subject.runs(&RULE) => {
            plan.add.into_iter().find(|(slot, _)| *slot == Slot::MemoryLimit).map(|(_, size)| size)
        }
        _ => None,
    }
}

fn plan<'a>(subject: &PodSubject<'a>, sidecar: &Sidecar<'a>) -> Plan<'a> {
    let given = Slot::ALL.map(|slot| (slot, sidecar.given(slot)));
    let mut plan = Plan { unparsable: Vec::new(), empty: Vec::new(), add: Vec::new(), withheld: None };
    for (slot, given) in given {
        match given {
            Given::Unparsable(text) => plan.unparsable.push((slot, text)),
            Given::Empty => plan.empty.push(slot),
            Given::Absent | Given::Amount(..) => {}
        }
    }
    let [(_, cpu_request), (_, cpu_limit), (_, memory_request), (_, memory_limit)] = given;
    if !plan.unparsable.is_empty() {
        return plan;
    }
    let defaults: &SidecarResources = subject.policy.resources.get(subject.role);
    let cpu = (Slot::CpuRequest, &defaults.cpu_request, Slot::CpuLimit, &defaults.cpu_limit);
    let memory = (Slot::MemoryRequest, &defaults.memory_request, Slot::MemoryLimit, &defaults.memory_limit);
    complete(&mut plan.add, cpu, cpu_request, cpu_limit);
    complete(&mut plan.add, memory, memory_request, memory_limit);
    if let Some(soft) = sidecar.gomemlimit_bytes() {
        let defeated =
            |(slot, limit): &mut (Slot, Size<'_>)| *slot == Slot::MemoryLimit && limit.quantity.bytes_floor() <= soft;
        plan.withheld = plan.add.extract_if(.., defeated).map(|(_, limit)| limit).next();
    }
    plan
}

/// Adds what is missing of a request and its limit; a default that clashes with the user's value becomes that value.
fn complete<'a>(
    add: &mut Vec<(Slot, Size<'a>)>,
    (request_slot, default_request, limit_slot, default_limit): (Slot, &'a Amount, Slot, &'a Amount),
    request: Given<'a>,
    limit: Given<'a>,
) {
    let size = |given: Given<'a>| match given {
        Given::Amount(text, quantity) => Some(Size { text, quantity }),
        _ => None,
    };
    let (request_given, limit_given) = (size(request), size(limit));
    if [request_given, limit_given].into_iter().flatten().any(|size| size.quantity < Quantity::ZERO) {
        return;
    }
    if request == Given::Absent {
        let clash = limit_given.filter(|limit| limit.quantity < default_request.quantity);
        add.push((request_slot, clash.unwrap_or(default_request.into())));
    }
    if limit == Given::Absent {
        let clash = request_given.filter(|request| request.quantity > default_limit.quantity);
        add.push((limit_slot, clash.unwrap_or(default_limit.into())));
    }
}

fn missing(subject: &PodSubject<'_>, sidecar: &Sidecar<'_>, add: &[(Slot, Size<'_>)]) -> Finding {
    let words = || add.iter().map(|(slot, _)| slot.words()).collect::<Vec<_>>().join(", no ");
    let edit = |(slot, size): &(Slot, Size<'_>)| Edit::Add { at: sidecar.at(*slot), value: size.text.into() };
    Finding::new(
        sidecar.at(add[0].0),
        subject.say(|| match add.len() {
            4 => "the sidecar has no resources".to_owned(),
            _ => format!("the sidecar has no {}", words()),
        }),
        "nothing keeps it from starving the app or the node",
        subject.say(|| format!("write {}", lines(sidecar, add))),
    )
    .safe(add.iter().map(edit).collect())
}

/// What to write, short enough for a warning: `dapr.io/sidecar-cpu-request "100m", -cpu-limit "300m"`.
fn lines(sidecar: &Sidecar<'_>, add: &[(Slot, Size<'_>)]) -> String {
    let line = |(index, (slot, size)): (usize, &(Slot, Size<'_>))| match (sidecar.is_there(), index) {
        (true, _) => format!("{} {}", slot.words(), size.text),
        (false, 0) => format!("{} \"{}\"", slot.annotation(), size.text),
        (false, _) => format!("{} \"{}\"", slot.annotation().trim_start_matches("dapr.io/sidecar"), size.text),
    };
    add.iter().enumerate().map(line).collect::<Vec<_>>().join(", ")
}

fn unparsable(sidecar: &Sidecar<'_>, slot: Slot, text: &str) -> Finding {
    Finding::new(
        sidecar.at(slot),
        format!("{} is no quantity", Quoted(text)),
        "Dapr drops all four sidecar resources, with a line in the injector's log only",
        format!("write a {} like {}", slot.words(), example(slot)),
    )
}

fn empty(sidecar: &Sidecar<'_>, slot: Slot, subject: &PodSubject<'_>) -> Finding {
    let defaults = subject.policy.resources.get(subject.role);
    let default = match slot {
        Slot::CpuRequest => &defaults.cpu_request,
        Slot::CpuLimit => &defaults.cpu_limit,
        Slot::MemoryRequest => &defaults.memory_request,
        Slot::MemoryLimit => &defaults.memory_limit,
    };
    Finding::new(
        sidecar.at(slot),
        format!("the {} is empty", slot.words()),
        "Dapr reads it as not given, and sets none",
        format!("write \"{}\", or leave the annotation out", default.text),
    )
}

fn withheld(sidecar: &Sidecar<'_>, limit: Size<'_>) -> Finding {
    Finding::new(
        sidecar.at(Slot::MemoryLimit),
        format!("the sidecar has no memory limit, and its GOMEMLIMIT would not be below the default of {}", limit.text),
        "the kernel would kill daprd before Go's garbage collector feels any pressure, so none is added",
        "write a memory limit above GOMEMLIMIT, or leave GOMEMLIMIT out",
    )
}

fn example(slot: Slot) -> &'static str {
    match slot {
        Slot::CpuRequest | Slot::CpuLimit => "\"100m\" or \"0.5\"",
        Slot::MemoryRequest | Slot::MemoryLimit => "\"128Mi\" or \"1Gi\"",
    }
}
