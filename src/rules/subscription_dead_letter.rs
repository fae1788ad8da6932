//! A Subscription has a dead letter topic.

use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "subscription-dead-letter",
    title: "A Subscription has a dead letter topic",
    source: Source::Dapr("pkg/runtime/subscription; developing-applications/building-blocks/pubsub/pubsub-deadletter.md"),
    why: "A message that the app cannot process is delivered again until the broker gives up, and is then \
          lost; with a dead letter topic it is kept and seen.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Subscription")], check),
    bad: "{apiVersion: dapr.io/v2alpha1, kind: Subscription, metadata: {name: orders},
        spec: {pubsubname: queue, topic: orders, routes: {default: /orders}}, scopes: [shop]}",
    good: "{apiVersion: dapr.io/v2alpha1, kind: Subscription, metadata: {name: orders},
        spec: {pubsubname: queue, topic: orders, routes: {default: /orders}, deadLetterTopic: orders-dead}, scopes: [shop]}",
};

const TOPIC: &str = "/spec/deadLetterTopic";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let topic = subject.text("/spec/topic").unwrap_or_default();
    let (problem, consequence) = match subject.text(TOPIC).unwrap_or_default() {
        "" => ("there is no dead letter topic", "a message that fails is tried again and again, or lost"),
        dead if dead == topic => {
            ("the dead letter topic is the topic itself", "a message that fails comes back, for ever")
        }
        _ => return Vec::new(),
    };
    let advice = format!("write a topic of its own, like {topic}-dead, and watch it");
    vec![Finding::new(TOPIC.to_owned(), problem, consequence, advice)]
}
