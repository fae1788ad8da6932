//! A namespace with apps says how calls are retried.

use crate::policy::{Check, Evaluation, Fix, Inventory, Level, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "namespace-resiliency",
    title: "A namespace with apps has a Resiliency",
    source: Source::Reference("Namespace Organization: Resiliency policies"),
    why: "Timeouts, retries and circuit breakers stand in a Resiliency. Without one a call to an app or a broker that hangs \
          hangs too.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: staging, namespace: staging}, spec: {
        policies: {}, targets: {}}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop, namespace: shop}, spec: {
        policies: {}, targets: {}}}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    inventory.lacking_in_namespaces(
        "Resiliency",
        "the Resiliencies of these apps",
        "calls have no timeout and no circuit breaker, and only Dapr's built-in retries",
        "create a Resiliency in the namespace with timeouts, retries and circuit breakers for its targets",
    )
}
