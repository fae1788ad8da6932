//! An app that is sent messages is asked for its health first.

use crate::dapr::{boolean, keys};
use crate::policy::{Check, DAPR_GROUP, Evaluation, Finding, Fix, Inventory, Level, Member, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-health-check",
    title: "An app with a Subscription has app health checks",
    source: Source::Dapr("docs: operations/resiliency/health-checks/app-health.md"),
    why: "Without app health checks daprd goes on handing messages to an app that hangs, and they fail one after the other. \
          With them it stops until the app is well again. Subscriptions that an app makes itself are not to be seen here.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080"}}, spec: {containers: []}}}}
---
{apiVersion: dapr.io/v2alpha1, kind: Subscription, metadata: {name: orders}, spec: {pubsubname: broker, topic: orders,
        routes: {default: /orders}}, scopes: [order]}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/app-port: "8080",
        dapr.io/enable-app-health-check: "true"}}, spec: {containers: []}}}}
---
{apiVersion: dapr.io/v2alpha1, kind: Subscription, metadata: {name: orders}, spec: {pubsubname: broker, topic: orders,
        routes: {default: /orders}}, scopes: [order]}"#,
};

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (index, member, app) in inventory.apps().filter(|(_, member, _)| !is_checked(member)) {
        if !inventory.shows(DAPR_GROUP, "Subscription") {
            evaluation.needs(None, "the Subscriptions of these apps");
            return evaluation;
        }
        let Some(app_id) = &app.app_id else { continue };
        let mut beside = inventory.beside(DAPR_GROUP, "Subscription", member);
        // One without scopes goes to every app, and is meant for none in particular.
        let named =
            beside.find(|(_, subscription)| subscription.items("/scopes").iter().any(|scope| scope == app_id.as_str()));
        let Some((_, subscription)) = named else { continue };
        let finding = Finding::new(
            member.at_annotation(keys::ENABLE_APP_HEALTH_CHECK),
            format!("it has the Subscription {}, and no app health checks", subscription.name),
            "daprd goes on handing messages to the app while it hangs",
            "write \"true\", with the path of a health endpoint in dapr.io/app-health-check-path",
        );
        evaluation.find(index, finding);
    }
    evaluation
}

fn is_checked(app: &Member) -> bool {
    app.pod_annotation(keys::ENABLE_APP_HEALTH_CHECK).is_some_and(boolean::truthy)
}
