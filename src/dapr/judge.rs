//! What becomes of one annotation's value: driven by the table, looking at nothing but the value.
//!
//! What follows from several annotations together, such as a request above its limit, the rules say.

use super::annotation::{Annotation, BadValue, Kind};
use super::quantity::Quantity;
use super::version::Version;
use super::{app_id, boolean, csv, duration, env, integer, names, words};

/// Since this version the Scheduler's addresses are a flag, which daprd parses; before it they were a variable
/// (`pkg/injector/patcher/sidecar_container.go`).
const SCHEDULER_FLAG: Version = Version::new(1, 17, 0);

/// The judgement on a value that is not fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What becomes of it.
    pub outcome: BadValue,
    /// Dapr or the API server refuses the pod, or daprd exits at start; never only perhaps.
    pub certain: bool,
    /// What would be accepted, in a phrase.
    pub accepted: &'static str,
    /// What happens, in a sentence without its end.
    pub consequence: &'static str,
}

/// Judges a value as far as it can be judged alone. `None`: it is fine.
#[must_use]
pub fn judge(annotation: &Annotation, value: &str, version: Version) -> Option<Verdict> {
    if !annotation.known_to(version) {
        return Some(verdict(annotation, BadValue::NotRead, "this version of Dapr does not know the annotation"));
    }
    if value.is_empty() && version < Version::OLDEST {
        return None;
    }
    let (outcome, consequence) = fate(annotation, value, version)?;
    Some(verdict(annotation, outcome, consequence))
}

fn verdict(annotation: &Annotation, outcome: BadValue, consequence: &'static str) -> Verdict {
    Verdict { outcome, certain: outcome.is_certain(), accepted: annotation.kind.accepted(), consequence }
}

impl BadValue {
    /// Whether it means that the pod is refused or that daprd exits at start.
    #[must_use]
    pub fn is_certain(self) -> bool {
        matches!(self, Self::Denied | Self::ApiServerRejects | Self::Crash)
    }
}

type Fate = Option<(BadValue, &'static str)>;

fn fate(annotation: &Annotation, value: &str, version: Version) -> Fate {
    match annotation.kind {
        Kind::Enabled => enabled(value, version),
        Kind::Bool => boolean(annotation, value),
        Kind::AppId => app_id(value),
        Kind::AppPort | Kind::Port | Kind::Probe | Kind::Number | Kind::Number32 => number(annotation.kind, value),
        Kind::Duration | Kind::PositiveDuration => duration(annotation.kind, value),
        Kind::Quantity => quantity(value),
        Kind::ByteSize => byte_size(value),
        Kind::LogLevel => word(value, &words::LOG_LEVELS),
        Kind::AppProtocol if value.is_empty() => None,
        Kind::AppProtocol => word(value, &words::APP_PROTOCOLS),
        Kind::SeccompProfile => seccomp(value),
        Kind::InitEndpoints => init_endpoints(value),
        Kind::Csv => list(value),
        Kind::Addresses if version < SCHEDULER_FLAG => None,
        Kind::Addresses => list(value.trim_matches(['"', '\'']).trim()),
        Kind::Env => env_names(value, version),
        Kind::EnvFromSecret => secret_env(value, version),
        Kind::Mounts => mounts(value),
        Kind::SecretName => secret_name(value),
        Kind::Image => image(value),
        Kind::Text => None,
    }
}

fn enabled(value: &str, version: Version) -> Fate {
    let meant = boolean::enabled(value, version) || boolean::plainly_false(value) || value.is_empty();
    (!meant).then_some((BadValue::Ignored, "the pod gets no sidecar"))
}

/// An empty value is fine where it changes nothing.
fn boolean(annotation: &Annotation, value: &str) -> Fate {
    let harmless = value.is_empty() && annotation.default == Some("false");
    let meant = boolean::truthy(value) || boolean::plainly_false(value) || harmless;
    (!meant).then_some((BadValue::ReadAsFalse, "Dapr takes it for false"))
}

/// An empty value is judged with the pod, whose name stands in for it.
fn app_id(value: &str) -> Fate {
    match app_id::check(value) {
        _ if value.is_empty() => None,
        Err(_) => Some((BadValue::Denied, "Dapr refuses the pod")),
        Ok(()) if !app_id::is_label_value(value) => {
            Some((BadValue::ApiServerRejects, "Dapr makes a label of it, and the API server refuses the pod"))
        }
        Ok(()) => None,
    }
}

fn number(kind: Kind, value: &str) -> Fate {
    let Some(number) = integer::parse(value) else {
        return Some((BadValue::Ignored, "Dapr ignores it and uses the default"));
    };
    if kind == Kind::Number {
        return integer::crashes_daprd(number)
            .then_some((BadValue::Crash, "daprd exits at start: it cannot read the number"));
    }
    let kept = integer::wrapped(number);
    let port = (1..=65535).contains(&kept);
    match kind {
        Kind::Port if !port => Some((BadValue::ApiServerRejects, "the API server refuses the pod for that port")),
        Kind::Probe if kept < 0 => Some((BadValue::ApiServerRejects, "the API server refuses the pod for that probe")),
        Kind::Number32 if integer::crashes_daprd(kept.into()) => {
            Some((BadValue::Crash, "daprd exits at start: it cannot read the number"))
        }
        Kind::AppPort if kept > 65535 => Some((BadValue::Stuck, "daprd waits forever for an app on that port")),
        _ if number != i64::from(kept) => Some((BadValue::Wraps, "Dapr keeps its lower 32 bits only: another number")),
        Kind::AppPort if kept < 0 => Some((BadValue::Ignored, "Dapr takes it for no port, and never calls the app")),
        Kind::Number32 if kept <= 0 => Some((BadValue::Ignored, "daprd uses the default")),
        _ => None,
    }
}

fn duration(kind: Kind, value: &str) -> Fate {
    const CRASH: Fate = Some((BadValue::Crash, "daprd exits at start: it cannot use the duration"));
    let Ok(nanoseconds) = duration::parse(value) else {
        return CRASH;
    };
    let too_small = kind == Kind::PositiveDuration && nanoseconds <= 0;
    if integer::gets_second_dash(value) || too_small { CRASH } else { None }
}

/// Empty means not given. A negative one is refused only when the other three parse.
fn quantity(value: &str) -> Fate {
    match Quantity::parse(value) {
        _ if value.is_empty() => None,
        Err(_) => Some((BadValue::ResourcesDropped, "Dapr drops all four resources, and the sidecar runs without any")),
        Ok(quantity) if quantity.is_negative() => {
            Some((BadValue::ApiServerRejects, "the API server refuses the pod for negative resources"))
        }
        Ok(_) => None,
    }
}

/// `cmd/daprd/options/options.go: getQuantityBytes`. Empty means not given.
fn byte_size(value: &str) -> Fate {
    let read = Quantity::parse(value).ok().filter(|size| size.is_zero() || size.as_int64().is_some());
    let fine = value.is_empty() || (read.is_some() && !integer::gets_second_dash(value));
    (!fine).then_some((BadValue::Crash, "daprd exits at start: it cannot read the size"))
}

fn word(value: &str, words: &[&str]) -> Fate {
    (!words::is_one_of_in_any_case(value, words)).then_some((BadValue::Crash, "daprd exits at start"))
}

fn seccomp(value: &str) -> Fate {
    let fine = value.is_empty() || words::SECCOMP_PROFILES.contains(&value);
    (!fine).then_some((BadValue::ApiServerRejects, "the API server refuses the pod"))
}

fn init_endpoints(value: &str) -> Fate {
    let fine = csv::fields(value).is_ok_and(|fields| {
        let endpoint = |field: &str| field.is_empty() || words::is_one_of_in_any_case(field, &words::INIT_ENDPOINTS);
        fields.iter().all(|field| endpoint(field.trim()))
    });
    (!fine).then_some((BadValue::Crash, "daprd exits at start"))
}

fn list(value: &str) -> Fate {
    csv::fields(value).err().map(|_| (BadValue::Crash, "daprd exits at start: it cannot read the list"))
}

fn env_names(list: &str, version: Version) -> Fate {
    env::entries(list, version)
        .any(|entry| !names::is_env_name(entry.name))
        .then_some((BadValue::ApiServerRejects, "the API server refuses the pod for a variable's name"))
}

/// A name that sets no variable, for its reference has too many colons, troubles nobody.
fn secret_env(list: &str, version: Version) -> Fate {
    let mut skipped = None;
    for entry in env::entries(list, version) {
        let Some(reference) = entry.secret_key() else {
            skipped = Some((BadValue::FragmentSkipped, "Dapr skips the variable whose Secret it cannot read"));
            continue;
        };
        if !names::is_env_name(entry.name) {
            return Some((BadValue::ApiServerRejects, "the API server refuses the pod for a variable's name"));
        }
        if !names::is_subdomain(reference.secret) || !names::is_secret_key(reference.key) {
            return Some((
                BadValue::ApiServerRejects,
                "the API server refuses the pod for the name or key of a Secret",
            ));
        }
    }
    skipped
}

/// `pkg/injector/patcher/sidecar_volumes.go`: exactly one colon, blanks around the pair do not matter.
fn mounts(list: &str) -> Fate {
    let bad = |pair: &str| pair.matches(':').count() != 1;
    (!list.is_empty() && list.split(',').any(bad)).then_some((BadValue::FragmentSkipped, "Dapr skips that mount"))
}

fn secret_name(value: &str) -> Fate {
    let fine = value.is_empty() || names::is_subdomain(value);
    (!fine).then_some((BadValue::ApiServerRejects, "no Secret can have that name, and the API server refuses the pod"))
}

fn image(value: &str) -> Fate {
    let fine = !value.is_empty() && value.trim() == value;
    (!fine).then_some((BadValue::ApiServerRejects, "the API server refuses the pod for that image"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::super::annotations::{ANNOTATIONS, lookup};
    use super::*;

    const NEW: Version = Version::new(1, 18, 3);

    /// Values that are bad for one kind or another.
    const VALUES: [&str; 20] = [
        "",
        " ",
        "x",
        "-1",
        "-10",
        "0",
        "65536",
        "4294967297",
        "tru",
        "true",
        "1.5Mi",
        "abc",
        "-5s",
        "a\"b",
        "=x",
        "A=b:c:d",
        "A=B",
        "v:/p:ro",
        "A b",
        "a-",
    ];

    fn outcome(key: &str, value: &str, version: Version) -> Option<BadValue> {
        judge(lookup(key).unwrap(), value, version).map(|verdict| verdict.outcome)
    }

    #[test]
    fn the_tables_gravest_consequence_is_one_that_happens_and_none_is_graver() {
        for annotation in &ANNOTATIONS {
            let outcomes: HashSet<BadValue> = VALUES
                .iter()
                .filter_map(|value| judge(annotation, value, NEW))
                .map(|verdict| verdict.outcome)
                .collect();
            let harmless = annotation.bad == BadValue::NotChecked;
            assert!(
                harmless == outcomes.is_empty() && (harmless || outcomes.contains(&annotation.bad)),
                "{}",
                annotation.key
            );
            assert!(
                annotation.bad.is_certain() || !outcomes.iter().any(|outcome| outcome.is_certain()),
                "{}",
                annotation.key
            );
        }
    }

    #[test]
    fn every_default_is_fine() {
        for annotation in &ANNOTATIONS {
            for default in [annotation.default, annotation.former_default].into_iter().flatten() {
                assert_eq!(judge(annotation, default, NEW), None, "{} {default}", annotation.key);
            }
        }
    }

    #[test]
    fn a_version_does_not_read_what_came_later() {
        let native = "dapr.io/enable-native-sidecar";
        assert_eq!(outcome(native, "true", Version::newest_of(1, 17)), Some(BadValue::NotRead));
        assert_eq!(outcome(native, "true", NEW), None);
    }

    #[test]
    fn an_empty_value_was_no_value_before_1_15() {
        assert_eq!(outcome("dapr.io/log-level", "", Version::newest_of(1, 14)), None);
        assert_eq!(outcome("dapr.io/log-level", "", Version::OLDEST), Some(BadValue::Crash));
    }

    #[test]
    fn quotes_around_addresses_are_taken_off_and_others_kill_daprd() {
        let key = "dapr.io/scheduler-host-address";
        assert_eq!(outcome(key, "\"a:1,b:2\"", NEW), None);
        assert_eq!(outcome(key, "a\"b", NEW), Some(BadValue::Crash));
        assert_eq!(outcome(key, "a\"b", Version::newest_of(1, 16)), None);
    }

    #[test]
    fn a_size_that_go_holds_as_a_fraction_kills_daprd() {
        for size in ["4.5Mi", "4.0Mi", "1.0", "1000m", "-10", "x", " 1", "1000000000000000000"] {
            assert_eq!(outcome("dapr.io/max-body-size", size, NEW), Some(BadValue::Crash), "{size}");
        }
        for size in ["", "4Mi", "1.5k", "1e3", "-1", "0.0", "-"] {
            assert_eq!(outcome("dapr.io/max-body-size", size, NEW), None, "{size}");
        }
    }

    proptest! {
        #[test]
        fn any_value_of_any_annotation_is_judged(value in any::<String>(), index in 0..ANNOTATIONS.len()) {
            let _ = judge(&ANNOTATIONS[index], &value, NEW);
        }

        #[test]
        fn any_value_like_one_is_judged(value in "[-+0-9a-zA-Z.,:=\"\n µ]{0,12}", index in 0..ANNOTATIONS.len()) {
            let _ = judge(&ANNOTATIONS[index], &value, Version::OLDEST);
        }
    }
}
