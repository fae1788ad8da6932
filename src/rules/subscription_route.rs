//! Every message of a Subscription has somewhere to go.

use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "subscription-route",
    title: "Every message of a Subscription has somewhere to go",
    source: Source::Dapr("pkg/runtime/processor/subscriptions.go"),
    why: "Messages that match no rule are dropped, in silence, where there is no default; and the old form of \
          a Subscription knows but one route.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Subscription")], check),
    bad: "{apiVersion: dapr.io/v2alpha1, kind: Subscription, metadata: {name: orders}, spec: {pubsubname: queue,
        topic: orders, routes: {rules: [{match: event.type == 'new', path: /new}]}}, scopes: [shop]}",
    good: "{apiVersion: dapr.io/v2alpha1, kind: Subscription, metadata: {name: orders}, spec: {pubsubname: queue,
        topic: orders, routes: {rules: [{match: event.type == 'new', path: /new}], default: /other}}, scopes: [shop]}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    if subject.api_version() == "v1alpha1" {
        let consequence = "it is converted at every read, and cannot have rules";
        let advice = "write dapr.io/v2alpha1, and routes: {default: ...} instead of route";
        return vec![Finding::new("/apiVersion".to_owned(), "this is the old form", consequence, advice)];
    }
    let default = subject.text("/spec/routes/default").unwrap_or_default();
    let unconditional = |rule: &Value| rule["match"].as_str().is_some_and(|text| text.trim().is_empty());
    if !default.is_empty() || subject.items("/spec/routes/rules").any(|(_, rule)| unconditional(rule)) {
        return Vec::new();
    }
    let consequence = match subject.items("/spec/routes/rules").next() {
        Some(_) => "messages that match no rule are dropped, in silence",
        None => "every message is dropped, in silence",
    };
    let advice = "write the path for all other messages";
    vec![Finding::new("/spec/routes/default".to_owned(), "there is no default route", consequence, advice)]
}
