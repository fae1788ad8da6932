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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::annotations::ANNOTATIONS;
    use super::*;

    /// The keys, short, of what is certainly wrong with a pod that is fine but for these annotations.
    fn wrong(annotations: &[(&str, &str)]) -> Vec<&'static str> {
        let mut all = json!({ "dapr.io/enabled": "true", "dapr.io/app-id": "order" });
        for (key, value) in annotations {
            all[format!("dapr.io/{key}")] = json!(value);
        }
        let text = json!({ "metadata": { "annotations": all } }).to_string();
        let pod: Pod<'_> = serde_json::from_str(&text).unwrap();
        let found = problems(&pod, Version::NEWEST).into_iter().filter(|problem| problem.verdict.certain);
        found.map(|problem| problem.key.trim_start_matches("dapr.io/")).collect()
    }

    #[test]
    fn a_request_above_its_limit_is_refused() {
        let (request, limit) = (("sidecar-memory-request", "1Gi"), ("sidecar-memory-limit", "1G"));
        assert_eq!(wrong(&[request, limit]), ["sidecar-memory-request"]);
        assert!(wrong(&[request]).is_empty());
        assert!(wrong(&[request, limit, ("sidecar-cpu-limit", "1K")]).is_empty());
    }

    #[test]
    fn a_negative_quantity_is_refused_unless_dapr_drops_all_four() {
        assert_eq!(wrong(&[("sidecar-cpu-limit", "-1")]), ["sidecar-cpu-limit"]);
        assert!(wrong(&[("sidecar-cpu-limit", "-1"), ("sidecar-memory-limit", "1 Gi")]).is_empty());
    }

    #[test]
    fn the_last_gomemlimit_counts_and_one_from_a_secret_is_not_known() {
        assert_eq!(wrong(&[("env", "GOMEMLIMIT=900Mi")]), ["env"]);
        assert!(wrong(&[("env", "GOMEMLIMIT=900Mi,GOMEMLIMIT=900MiB")]).is_empty());
        assert!(wrong(&[("env", "X=GOMEMLIMIT")]).is_empty());
        assert!(wrong(&[("env", "GOMEMLIMIT=900Mi"), ("env-from-secret", "GOMEMLIMIT=s:k")]).is_empty());
        assert_eq!(wrong(&[("env", "GOMEMLIMIT=900Mi"), ("env-from-secret", "GOMEMLIMIT=s:k:x")]), ["env"]);
    }

    #[test]
    fn health_checks_are_looked_at_only_when_they_are_on() {
        let slow = [("app-health-probe-timeout", "6000"), ("app-health-threshold", "-10")];
        assert!(wrong(&slow).is_empty());
        let on = [slow[0], slow[1], ("enable-app-health-check", "true")];
        assert_eq!(wrong(&on), ["app-health-threshold", "app-health-probe-timeout"]);
        assert!(wrong(&[slow[0], ("app-health-probe-interval", "6"), on[2]]).is_empty());
        assert_eq!(wrong(&[("debug-port", "0"), ("enable-debug", "1")]), ["debug-port"]);
    }

    #[test]
    fn of_a_pod_that_is_refused_only_the_app_id_is_told() {
        assert_eq!(wrong(&[("app-id", "Order"), ("log-level", "trace")]), ["app-id"]);
        assert!(wrong(&[("enabled", "false"), ("app-id", "Order")]).is_empty());
    }

    proptest! {
        #[test]
        fn any_annotations_are_judged(values in prop::collection::vec((0..ANNOTATIONS.len(), any::<String>()), 0..6)) {
            let pairs: Vec<_> = values.iter().map(|(index, value)| (&ANNOTATIONS[*index].key[8..], &**value)).collect();
            let _ = wrong(&pairs);
        }
    }
}
