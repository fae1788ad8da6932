//! Everything that Dapr, the API server or daprd would hold against a pod's annotations, taken together.

use super::annotation::BadValue;
use super::annotations::lookup;
use super::gomemlimit::{self, GOMEMLIMIT};
use super::injection::{Injection, Sidecar, predict};
use super::judge::{Verdict, judge};
use super::pod::Pod;
use super::quantity::Quantity;
use super::version::Version;
use super::{app_id, boolean, keys};

/// What is wrong with one annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The annotation's key.
    pub key: &'static str,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// The problems of a pod that this version of Dapr would inject, or refuse. Any other pod has none: Dapr does not read its
/// annotations.
#[must_use]
pub fn problems(pod: &Pod<'_>, version: Version) -> Vec<Problem> {
    match predict(pod, version) {
        Injection::NotEnabled | Injection::AlreadyInjected(_) => Vec::new(),
        Injection::Refused(_) => {
            let verdict = certain(BadValue::Denied, app_id::ACCEPTED, "Dapr refuses the pod");
            vec![Problem { key: keys::APP_ID, verdict }]
        }
        Injection::Injected(sidecar) => of_sidecar(pod, &sidecar, version),
    }
}

fn of_sidecar(pod: &Pod<'_>, sidecar: &Sidecar<'_>, version: Version) -> Vec<Problem> {
    let resources = sidecar.resources();
    let mut problems: Vec<Problem> = pod
        .metadata
        .annotations
        .iter()
        .flat_map(|annotations| &annotations.0)
        // Of a key that is there twice only the last value counts.
        .filter(|(key, value)| pod.annotation(key) == Some(&**value))
        .filter_map(|(key, value)| {
            let annotation = lookup(key).filter(|found| found.only_with.is_none_or(|gate| is_on(pod, gate)))?;
            Some(Problem { key: annotation.key, verdict: judge(annotation, value, version)? })
        })
        // With one quantity unreadable Dapr sets none, so a negative one harms nobody.
        .filter(|problem| resources.is_ok() || !QUANTITIES.contains(&problem.key) || !problem.verdict.certain)
        .collect();
    if let Ok(resources) = resources {
        problems.extend(request_above_limit(keys::CPU_REQUEST, resources.cpu_request, resources.cpu_limit));
        problems.extend(request_above_limit(keys::MEMORY_REQUEST, resources.memory_request, resources.memory_limit));
    }
    problems.extend(malformed_gomemlimit(sidecar));
    problems.extend(health_timeout_above_interval(sidecar));
    problems
}

const QUANTITIES: [&str; 4] = [keys::CPU_REQUEST, keys::CPU_LIMIT, keys::MEMORY_REQUEST, keys::MEMORY_LIMIT];

fn request_above_limit(key: &'static str, request: Option<Quantity>, limit: Option<Quantity>) -> Option<Problem> {
    (request? > limit?).then(|| Problem {
        key,
        verdict: certain(BadValue::ApiServerRejects, "a request up to the limit", "the API server refuses the pod"),
    })
}

/// A value from a Secret would win, and is not known here.
fn malformed_gomemlimit(sidecar: &Sidecar<'_>) -> Option<Problem> {
    let from_secret = sidecar.secret_env().any(|entry| entry.name == GOMEMLIMIT && entry.secret_key().is_some());
    let malformed = !from_secret && gomemlimit::parse(sidecar.env_value(GOMEMLIMIT)?).is_err();
    malformed.then(|| Problem {
        key: keys::ENV,
        verdict: certain(
            BadValue::Crash,
            "for GOMEMLIMIT a whole number of B, KiB, MiB, GiB or TiB, such as 230MiB, or off",
            "daprd aborts at start: malformed GOMEMLIMIT",
        ),
    })
}

/// `pkg/runtime/config.go`: daprd takes 5 s and 500 ms for what is not above zero.
fn health_timeout_above_interval(sidecar: &Sidecar<'_>) -> Option<Problem> {
    let positive = |key, default| match sidecar.number(key, default) {
        number if number > 0 => i64::from(number),
        _ => i64::from(default),
    };
    let interval = positive(keys::APP_HEALTH_PROBE_INTERVAL, 5) * 1000;
    let timeout = positive(keys::APP_HEALTH_PROBE_TIMEOUT, 500);
    (sidecar.is_on(keys::ENABLE_APP_HEALTH_CHECK) && timeout > interval).then(|| Problem {
        key: keys::APP_HEALTH_PROBE_TIMEOUT,
        verdict: certain(
            BadValue::Crash,
            "milliseconds, not more than the interval, which is in seconds",
            "daprd exits at start: the timeout is longer than the interval",
        ),
    })
}

fn is_on(pod: &Pod<'_>, key: &str) -> bool {
    pod.annotation(key).is_some_and(boolean::truthy)
}

fn certain(outcome: BadValue, accepted: &'static str, consequence: &'static str) -> Verdict {
    Verdict { outcome, certain: true, accepted, consequence }
}
