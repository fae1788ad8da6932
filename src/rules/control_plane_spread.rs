//! The replicas of the control plane are on different nodes.

use std::collections::BTreeSet;

use crate::json::Value;
use crate::policy::{Check, Evaluation, Finding, Fix, Inventory, Level, Member, Rule, Source, selects};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-spread",
    title: "The replicas of the control plane are kept on different nodes",
    source: Source::Reference("checklist: Node anti-affinity (spread across nodes)"),
    why: "Three replicas on one node are lost with it. The chart spreads over zones, which spreads nothing where all nodes are \
          in one, and a term without a selector selects no pods.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-operator}, spec: {replicas: 3, template: {metadata: {
        labels: {app: dapr-operator}}, spec: {containers: [], affinity: {podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname}]}}}}}}",
    good: r"{apiVersion: apps/v1, kind: Deployment, metadata: {name: dapr-operator}, spec: {replicas: 3, template: {metadata: {
        labels: {app: dapr-operator}}, spec: {containers: [], affinity: {podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname,
        labelSelector: {matchLabels: {app: dapr-operator}}}]}}}}}}",
};

/// The label that says in which zone a node is.
const ZONE: &str = "topology.kubernetes.io/zone";
const AFFINITY: &str = "/spec/affinity/podAntiAffinity";

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let mut services = inventory.control_plane().peekable();
    if services.peek().is_none() {
        evaluation.needs(None, "the workloads of Dapr's control plane");
    }
    // Of one replica there is nothing to spread.
    for (index, workload, _) in services.filter(|(_, workload, _)| workload.replicas().is_some_and(|count| count > 1)) {
        let terms = terms(workload);
        let spread: Vec<_> = terms.iter().filter(|term| workload.is_selected_by(term.get("labelSelector"))).collect();
        if spread.is_empty() {
            evaluation.find(index, unspread(workload, !terms.is_empty()));
        } else if spread.iter().all(|term| term["topologyKey"] == ZONE) {
            over_zones(&mut evaluation, inventory, index, workload);
        }
        together(&mut evaluation, inventory, index, workload);
    }
    evaluation
}

/// Every term of the anti-affinity, and every spread constraint.
fn terms(workload: &Member) -> Vec<&Value> {
    let list = |pointer: &str| workload.in_pod(pointer).and_then(Value::as_array).into_iter().flatten();
    let required = list("/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution");
    let preferred = list("/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution");
    let preferred = preferred.map(|weighted| &weighted["podAffinityTerm"]);
    required.chain(preferred).chain(list("/spec/topologySpreadConstraints")).collect()
}

fn unspread(workload: &Member, has_terms: bool) -> Finding {
    let problem = match has_terms {
        true => "its anti-affinity and spread constraints select none of its own pods",
        false => "it has neither pod anti-affinity nor a topology spread constraint",
    };
    let advice = "set global.ha.enabled: true and global.ha.topologyKey: kubernetes.io/hostname in the chart's values";
    let at = workload.at_pod(AFFINITY).unwrap_or_default();
    Finding::new(at, problem, "all replicas may be put on one node, and leave with it", advice)
}

/// Zones spread nothing where there is one, or none.
fn over_zones(evaluation: &mut Evaluation, inventory: &Inventory, index: usize, workload: &Member) {
    let nodes: Vec<_> = inventory.of("", "Node").map(|(_, node)| node).collect();
    if nodes.is_empty() {
        evaluation.needs(index, format!("the Nodes, as {} spreads over their zones", workload.name));
        return;
    }
    let zones: BTreeSet<_> =
        nodes.iter().filter_map(|node| node.get("/metadata/labels")?.get(ZONE)?.as_str()).collect();
    if zones.len() > 1 {
        return;
    }
    let problem = format!(
        "it spreads over zones, and the nodes (there are {}) have {}",
        nodes.len(),
        match zones.first() {
            Some(zone) => format!("one, {zone}"),
            None => "none".to_owned(),
        }
    );
    let at = workload.at_pod(AFFINITY).unwrap_or_default();
    let advice = "set global.ha.topologyKey: kubernetes.io/hostname in the chart's values (Dapr 1.17 or newer)";
    evaluation.find(index, Finding::new(at, problem, "all replicas may be put on one node, and leave with it", advice));
}

/// Where the pods really are.
fn together(evaluation: &mut Evaluation, inventory: &Inventory, index: usize, workload: &Member) {
    let selector = workload.get("/spec/selector");
    let pods = inventory.of("", "Pod").filter(|(_, pod)| pod.beside(workload));
    let pods = pods.filter(|(_, pod)| selector.is_some() && selects(selector, |key| pod.pod_label(key)));
    let nodes: Vec<_> = pods.filter_map(|(_, pod)| pod.text("/spec/nodeName")).collect();
    let distinct: BTreeSet<_> = nodes.iter().collect();
    if let (2.., [node]) = (nodes.len(), &distinct.into_iter().collect::<Vec<_>>()[..]) {
        let finding = Finding::new(
            "/metadata/name".to_owned(),
            format!("all of its pods ({}) run on the node {node}", nodes.len()),
            "they are lost with it",
            "restart it (kubectl rollout restart) once its anti-affinity is right",
        );
        evaluation.find(index, finding);
    }
}
