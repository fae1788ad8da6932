//! Every policy of a Resiliency is one that Dapr reads.

use crate::dapr::resiliency::{Codes, is_duration};
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "resiliency-policy",
    title: "Every policy of a Resiliency is one that Dapr reads",
    source: Source::Dapr("pkg/resiliency/resiliency.go: decodePolicies"),
    why: "Dapr stops reading a Resiliency at the first value that it does not understand and says so in a log: \
          the policies behind it, in an order that changes, and all targets are dropped.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Resiliency")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop}, spec: {
        policies: {timeouts: {short: 5 seconds}}, targets: {apps: {order: {timeout: short}}}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: shop}, spec: {
        policies: {timeouts: {short: 5s}}, targets: {apps: {order: {timeout: short}}}}}",
};

const POLICIES: &str = "/spec/policies";
const DROPPED: &str = "Dapr drops the rest of this Resiliency, targets and all, with a line in the log";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let timeouts = subject.entries(&format!("{POLICIES}/timeouts"));
    let mut findings: Vec<_> = timeouts.filter_map(|(at, _, value)| duration(at, value.as_str()?)).collect();
    for (at, _, retry) in subject.entries(&format!("{POLICIES}/retries")) {
        let times = ["duration", "maxInterval"].iter().filter_map(|field| optional_duration(&at, retry, field));
        findings.extend(times.chain(policy(&at, retry)).chain(codes(&at, retry)));
    }
    for (at, _, breaker) in subject.entries(&format!("{POLICIES}/circuitBreakers")) {
        let times = ["interval", "timeout"].iter().filter_map(|field| optional_duration(&at, breaker, field));
        findings.extend(times.chain(max_requests(&at, breaker)).chain(trip(&at, breaker)));
    }
    findings
}

fn wrong(at: String, problem: String, advice: impl Into<String>) -> Finding {
    Finding::new(at, problem, DROPPED, advice.into())
}

fn duration(at: String, text: &str) -> Option<Finding> {
    if is_duration(text) {
        return None;
    }
    let advice = "write a number with its unit, like 5s or 500ms; a number alone is milliseconds";
    Some(wrong(at, format!("{} is no duration", Quoted(text)), advice))
}

/// An empty text is not written, for Dapr.
fn optional_duration(at: &str, of: &Value, field: &str) -> Option<Finding> {
    let text = of[field].as_str().filter(|text| !text.is_empty())?;
    duration(format!("{at}/{field}"), text)
}

fn policy(at: &str, retry: &Value) -> Option<Finding> {
    let text = retry["policy"].as_str().filter(|text| !text.is_empty())?;
    let known = ["constant", "exponential"];
    if known.iter().any(|known| text.eq_ignore_ascii_case(known)) {
        return None;
    }
    let advice = match closest(text, known) {
        Some(near) => format!("did you mean {near}?"),
        None => "write constant or exponential".to_owned(),
    };
    Some(wrong(format!("{at}/policy"), format!("{} is no policy", Quoted(text)), advice))
}

fn codes(at: &str, retry: &Value) -> impl Iterator<Item = Finding> {
    let fields = [("httpStatusCodes", Codes::Http, "100 to 599"), ("gRPCStatusCodes", Codes::Grpc, "0 to 16")];
    fields.into_iter().filter_map(move |(field, codes, range)| {
        let pattern = codes.first_wrong(retry["matching"][field].as_str()?)?;
        let advice = format!("write codes of {range} and ranges with commas and no blanks, like 1-2,5");
        Some(wrong(format!("{at}/matching/{field}"), format!("{} is no code", Quoted(pattern)), advice))
    })
}

fn max_requests(at: &str, breaker: &Value) -> Option<Finding> {
    let requests = breaker["maxRequests"].as_i64()?;
    let fits = u32::try_from(requests).is_ok();
    let problem = || format!("{requests} is no number of requests");
    (!fits).then(|| wrong(format!("{at}/maxRequests"), problem(), "write 1 or more"))
}

/// A name that is not among the counts fails each time that it is asked, which counts as no.
fn trip(at: &str, breaker: &Value) -> Option<Finding> {
    const COUNTS: [&str; 5] =
        ["requests", "totalSuccesses", "totalFailures", "consecutiveSuccesses", "consecutiveFailures"];
    let text = breaker["trip"].as_str()?;
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let names = words.filter(|word| word.starts_with(|c: char| c.is_alphabetic()));
    let known = |word: &&str| COUNTS.contains(word) || ["true", "false", "double", "int", "uint"].contains(word);
    let word = names.into_iter().find(|word| !known(word))?;
    let advice = match closest(word, COUNTS) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("write an expression of {}", COUNTS.join(", ")),
    };
    let problem = format!("{} is none of the counts", Quoted(word));
    Some(Finding::new(format!("{at}/trip"), problem, "the circuit breaker never trips", advice).advisory())
}
