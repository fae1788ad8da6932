//! A namespace with apps has a Configuration for them.

use crate::policy::{Check, DAPR_GROUP, Evaluation, Finding, Fix, Inventory, Level, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "namespace-configuration",
    title: "A namespace with apps has a Configuration",
    source: Source::Reference("Namespace Organization: Dapr Configurations"),
    why: "Tracing, access control, API allow lists and the cardinality of metrics stand in a Configuration. Without one every \
          sidecar runs on the defaults: all APIs open to all apps, and nothing traced.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: daprsystem, namespace: dapr-system}, spec: {}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop, namespace: shop}, spec: {}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (index, app, apps) in inventory.namespaces_without(DAPR_GROUP, "Configuration") {
        if !inventory.shows(DAPR_GROUP, "Configuration") {
            evaluation.needs(None, "the Configurations of these apps");
            return evaluation;
        }
        let finding = Finding::new(
            "/metadata/name".to_owned(),
            format!("the namespace {} has no Configuration (apps in it: {apps})", app.home()),
            "its sidecars run on Dapr's defaults: nothing is traced, and every app may call every other",
            "create a Configuration in the namespace, and name it by dapr.io/config",
        );
        evaluation.find(index, finding);
    }
    evaluation
}
