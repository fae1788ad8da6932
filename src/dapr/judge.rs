//! What becomes of one annotation's value: driven by the table, looking at nothing but the value.
//!
//! What follows from several annotations together is in [`super::problems`].

use super::annotation::{Annotation, BadValue, Kind};
use super::quantity::Quantity;
use super::version::Version;
use super::{app_id, boolean, csv, duration, env, integer, names, words};

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
        Kind::Csv => {
            csv::fields(value).err().map(|_| (BadValue::Crash, "daprd exits at start: it cannot read the list"))
        }
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
        Kind::AppPort if kept > 65535 => Some((BadValue::Stuck, "daprd waits for ever for an app on that port")),
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
