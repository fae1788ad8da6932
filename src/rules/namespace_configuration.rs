//! A namespace with apps has a Configuration for them.

use crate::policy::{Check, Evaluation, Fix, Inventory, Level, Rule, Source};

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
    inventory.lacking_in_namespaces(
        "Configuration",
        "the Configurations of these apps",
        "its sidecars run on Dapr's defaults: nothing is traced, and every app may call every other",
        "create a Configuration in the namespace, and name it by dapr.io/config",
    )
}
