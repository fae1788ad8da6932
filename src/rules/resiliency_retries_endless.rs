//! Retries come to an end.

use crate::dapr::resiliency::BUILT_IN_RETRIES;
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "resiliency-retries-endless",
    title: "Retries come to an end",
    source: Source::Dapr("github.com/dapr/kit retry/retry.go: DefaultConfig"),
    why: "Without maxRetries a constant policy retries for ever: a caller that has long gone away is still \
          served, and a service that comes back is met by all that was ever asked of it.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Resiliency")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop}, spec: {
        policies: {retries: {often: {policy: constant, duration: 1s}}}, targets: {apps: {order: {retry: often}}}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop}, spec: {
        policies: {retries: {often: {policy: constant, duration: 1s, maxRetries: 5}}}, targets: {apps: {order: {retry: often}}}}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let retries = subject.entries("/spec/policies/retries");
    retries.filter_map(|(at, name, retry)| endless(at, &name, retry)).collect()
}

fn endless(at: String, name: &str, retry: &Value) -> Option<Finding> {
    // Of what is built in, Dapr makes three of fewer, and of none.
    let built_in = BUILT_IN_RETRIES.contains(&name);
    // Exponential retries give up after 15 minutes by themselves.
    let exponential = retry["policy"].as_str().is_some_and(|policy| policy.eq_ignore_ascii_case("exponential"));
    let limited = retry["maxRetries"].as_i64().is_some_and(|most| most >= 0);
    if built_in || exponential || limited {
        return None;
    }
    let problem = match retry["maxRetries"].as_i64() {
        Some(most) => format!("{most} is no limit"),
        None => "there is no limit".to_owned(),
    };
    let consequence = "a call that fails is tried again for ever";
    Some(Finding::new(format!("{at}/maxRetries"), problem, consequence, "write how often to try again, like 5"))
}
