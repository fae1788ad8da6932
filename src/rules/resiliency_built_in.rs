//! What is built in is overridden only where Dapr lets it be.

use crate::dapr::resiliency::{BUILT_IN_RETRIES, FEWEST, PROTECTED};
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "resiliency-built-in",
    title: "What is built in is overridden only where Dapr lets it be",
    source: Source::Dapr("pkg/resiliency/resiliency.go: isProtectedPolicy, isBuiltInPolicy"),
    why: "Dapr has retries of its own. One of them cannot be overridden, the others have at least 3 tries, and \
          a name that is nearly one of them overrides nothing; all of that in silence.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Resiliency")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop}, spec: {
        policies: {retries: {DaprBuiltInServiceRetries: {policy: constant, maxRetries: 0}}}, targets: {}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop}, spec: {
        policies: {retries: {DaprBuiltInServiceRetries: {policy: constant, maxRetries: 5}}}, targets: {}}}",
};

const PREFIX: &str = "DaprBuiltIn";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let retries = subject.entries("/spec/policies/retries");
    retries
        .filter(|(_, name, _)| name.starts_with(PREFIX))
        .filter_map(|(at, name, retry)| {
            if &*name == PROTECTED {
                let consequence = "Dapr keeps its own: 5 tries, a second apart";
                return Some(Finding::new(at, "this policy cannot be overridden", consequence, "leave it out"));
            }
            match BUILT_IN_RETRIES.contains(&&*name) {
                true => too_few(&at, retry),
                false => Some(misspelt(at, &name)),
            }
        })
        .collect()
}

fn too_few(at: &str, retry: &Value) -> Option<Finding> {
    let given = retry["maxRetries"].as_i64();
    if given.is_some_and(|most| most >= FEWEST) {
        return None;
    }
    let problem = match given {
        Some(most) => format!("{most} is less than {FEWEST}"),
        None => "there is no number of tries".to_owned(),
    };
    let advice = format!("write {FEWEST} or more");
    Some(Finding::new(format!("{at}/maxRetries"), problem, "Dapr tries 3 times", advice))
}

fn misspelt(at: String, name: &str) -> Finding {
    let advice = match closest(name, BUILT_IN_RETRIES) {
        Some(near) => format!("did you mean {near}?"),
        None => "give it a name of your own".to_owned(),
    };
    let problem = format!("{} is not built in", Quoted(name));
    Finding::new(at, problem, "it overrides nothing", advice).advisory()
}
