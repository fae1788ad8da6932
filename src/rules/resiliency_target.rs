//! Every target of a Resiliency names policies that there are.

use crate::dapr::resiliency::BUILT_IN_RETRIES;
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "resiliency-target",
    title: "Every target of a Resiliency names policies that there are",
    source: Source::Dapr("pkg/resiliency/resiliency.go: EndpointPolicy"),
    why: "A target that names a policy which does not exist has none, and nobody is told: calls are not \
          retried, and wait without an end.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Resiliency")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop}, spec: {
        policies: {retries: {often: {policy: constant, maxRetries: 3}}}, targets: {apps: {order: {retry: oftn}}}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop}, spec: {
        policies: {retries: {often: {policy: constant, maxRetries: 3}}}, targets: {apps: {order: {retry: often}}}}}",
};

/// The field of a target, and where its policies are.
const FIELDS: [(&str, &str); 3] =
    [("timeout", "timeouts"), ("retry", "retries"), ("circuitBreaker", "circuitBreakers")];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let direct = ["apps", "actors"].iter().flat_map(|kind| subject.entries(&format!("/spec/targets/{kind}")));
    let direct = direct.map(|(at, _, target)| (at, target));
    let components = subject.entries("/spec/targets/components").flat_map(|(at, _, target)| {
        ["inbound", "outbound"].map(|direction| (format!("{at}/{direction}"), &target[direction]))
    });
    let targets = direct.chain(components);
    targets.flat_map(|(at, target)| FIELDS.map(|field| unknown(subject, &at, target, field))).flatten().collect()
}

/// Another Resiliency of the namespace may have it, so that this is advice.
fn unknown(subject: &ObjectSubject<'_>, at: &str, target: &Value, (field, of): (&str, &str)) -> Option<Finding> {
    let name = target[field].as_str().filter(|name| !name.is_empty())?;
    let written = subject.entries(&format!("/spec/policies/{of}"));
    let mut names: Vec<_> = written.map(|(_, name, _)| name.into_owned()).collect();
    if of == "retries" {
        names.extend(BUILT_IN_RETRIES.map(str::to_owned));
    }
    if names.iter().any(|known| known == name) {
        return None;
    }
    let advice = match closest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("write it below policies.{of}"),
    };
    let problem = format!("{} is none of the {of} here", Quoted(name));
    let consequence = "unless another Resiliency has it, nothing is done here, in silence";
    Some(Finding::new(format!("{at}/{field}"), problem, consequence, advice).advisory())
}
