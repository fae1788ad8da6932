//! A circuit breaker of an actor says what it breaks.

use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "resiliency-actor-circuit-breaker",
    title: "A circuit breaker of an actor says what it breaks",
    source: Source::Dapr("pkg/resiliency/resiliency.go: decodeTargets"),
    why: "Without a scope that Dapr knows it drops this target and all behind it, with a line in the log.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Resiliency")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop}, spec: {
        policies: {circuitBreakers: {quick: {maxRequests: 1}}}, targets: {actors: {Cart: {circuitBreaker: quick}}}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop}, spec: {
        policies: {circuitBreakers: {quick: {maxRequests: 1}}},
        targets: {actors: {Cart: {circuitBreaker: quick, circuitBreakerScope: type}}}}}",
};

const SCOPES: [&str; 3] = ["type", "id", "both"];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let actors = subject.entries("/spec/targets/actors");
    actors.filter_map(|(at, _, target)| without_scope(&at, target)).collect()
}

fn without_scope(at: &str, target: &Value) -> Option<Finding> {
    target["circuitBreaker"].as_str().filter(|name| !name.is_empty())?;
    let scope = target["circuitBreakerScope"].as_str().unwrap_or_default();
    if SCOPES.contains(&scope) {
        return None;
    }
    let problem = match scope {
        "" => "the circuit breaker has no scope".to_owned(),
        other => format!("{} is no scope", Quoted(other)),
    };
    let consequence = "Dapr drops this target and what it has not read yet, with a line in the log";
    let advice = "write type (all actors of the type), id (each by itself) or both";
    Some(Finding::new(format!("{at}/circuitBreakerScope"), problem, consequence, advice))
}
