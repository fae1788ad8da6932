//! A namespace with apps says who may reach them.

use crate::json::Value;
use crate::policy::{App, Check, Evaluation, Finding, Fix, Inventory, Level, Member, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "namespace-network-policy",
    title: "NetworkPolicies keep other namespaces from an app",
    source: Source::Reference("checklist: NetworkPolicy restricts cross-namespace access"),
    why: "Without one any pod of the cluster reaches the app's port past its sidecar, and the sidecar's metadata API, which \
          asks for no token.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        labels: {app: order}, annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: shop, namespace: shop}, spec: {
        podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{podSelector: {}}]}]}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        labels: {app: order}, annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: shop, namespace: shop}, spec: {
        podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}}"#,
};

const GROUP: &str = "networking.k8s.io";
const KIND: &str = "NetworkPolicy";
/// Policies of network plugins, whose languages are not read here.
const FOREIGN: &[(&str, &str)] = &[
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("cilium.io", "CiliumNetworkPolicy"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("crd.projectcalico.org", KIND),
    ("projectcalico.org", "GlobalNetworkPolicy"),
    ("projectcalico.org", KIND),
];

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for apps in inventory.apps_by_namespace().into_values() {
        let Some(&(index, first, _)) = apps.first() else { continue };
        let foreign = FOREIGN.iter().any(|(group, kind)| inventory.of(group, kind).next().is_some());
        let policies: Vec<_> = inventory.beside(GROUP, KIND, first).collect();
        if foreign {
            evaluation.needs(index, "a reader of Cilium's or Calico's own policies, which this is not");
        } else if policies.is_empty() && !inventory.shows(GROUP, KIND) {
            evaluation.needs(None, "the NetworkPolicies of these apps");
            return evaluation;
        } else if policies.is_empty() {
            let problem = format!("the namespace {} has no NetworkPolicy (apps in it: {})", first.home(), apps.len());
            evaluation.find(index, open("/metadata/name".to_owned(), problem));
        } else {
            judge(&mut evaluation, &apps, &policies);
        }
    }
    evaluation
}

/// Each app that no policy selects, and each policy of theirs that lets every namespace in.
fn judge(evaluation: &mut Evaluation, apps: &[(usize, &Member, &App)], policies: &[(usize, &Member)]) {
    for (index, app, _) in apps {
        if !policies.iter().any(|(_, policy)| is_ingress(policy) && app.is_selected_by(policy.get("/spec/podSelector")))
        {
            let at = app.at_pod("/metadata/labels").unwrap_or_default();
            evaluation.find(*index, open(at, "no NetworkPolicy for ingress selects its pods"));
        }
    }
    for (index, policy) in policies {
        let selector = policy.get("/spec/podSelector");
        if !apps.iter().any(|(_, app, _)| app.is_selected_by(selector)) {
            continue;
        }
        for (nth, _) in policy.items("/spec/ingress").iter().enumerate().filter(|(_, rule)| admits_everyone(rule)) {
            evaluation.find(*index, open(format!("/spec/ingress/{nth}"), "this rule lets every namespace in"));
        }
    }
}

/// Without types a policy is one for ingress.
fn is_ingress(policy: &Member) -> bool {
    let types = policy.items("/spec/policyTypes");
    types.is_empty() || types.iter().any(|kind| kind == "Ingress")
}

/// From nobody in particular, or from every namespace, to any port.
fn admits_everyone(rule: &Value) -> bool {
    let everyone = |peer: &Value| {
        let namespaces = &peer["namespaceSelector"];
        namespaces.as_object().is_some_and(crate::json::Map::is_empty) && peer["podSelector"].is_null()
    };
    let from = rule["from"].as_array().unwrap_or_default();
    let ports = rule["ports"].as_array().is_some_and(|ports| !ports.is_empty());
    !ports && (from.is_empty() || from.iter().any(everyone))
}

fn open(at: String, problem: impl Into<String>) -> Finding {
    Finding::new(
        at,
        problem,
        "every pod of the cluster reaches the app past its sidecar, and the sidecar's metadata API",
        "add a NetworkPolicy that selects the pods and lets in only their own namespace, the control plane and who calls them",
    )
}
