//! A Subscription names the apps that it is for.

use super::component_scoped::unscoped;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "subscription-scoped",
    title: "A Subscription names the apps that it is for",
    source: Source::Dapr("pkg/runtime/processor/subscriptions.go: scopeFilterSubscriptions"),
    why: "Without scopes every app of the namespace that has the broker subscribes to the topic, and gets \
          messages at a path that it may not have.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Subscription")], check),
    bad: "{apiVersion: dapr.io/v2alpha1, kind: Subscription, metadata: {name: orders},
        spec: {pubsubname: queue, topic: orders, routes: {default: /orders}}}",
    good: "{apiVersion: dapr.io/v2alpha1, kind: Subscription, metadata: {name: orders},
        spec: {pubsubname: queue, topic: orders, routes: {default: /orders}}, scopes: [shop]}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    unscoped(subject, "every app of the namespace that has the broker subscribes to the topic")
}
