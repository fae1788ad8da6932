//! From the text of policies to policies: every error says where, what, and what to write instead.

use serde_saphyr::{Location, Spanned};

use super::document::{
    API_VERSION, Document, GraceText, KIND, OwnedPodsText, QuantitiesText, ResourcesText, RoleText, Spec, SpreadText,
};
use super::policies::Policies;
use super::role::{PerRole, Role};
use super::rule::Rule;
use super::settings::{Amount, Glob, Grace, OwnedPods, Policy, RoleMatch, SidecarResources, Spread};
use super::suggest::closest;
use crate::dapr::Version;

/// A policy document that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {problem}")]
pub struct PolicyError {
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
    /// What is wrong and what is accepted.
    pub problem: String,
}

impl PolicyError {
    fn at(location: Location, problem: impl Into<String>) -> Self {
        Self { line: location.line(), column: location.column(), problem: problem.into() }
    }

    fn of<T>(place: &Spanned<T>, problem: impl Into<String>) -> Self {
        Self::at(place.referenced, problem)
    }

    fn from_yaml(error: &serde_saphyr::Error) -> Self {
        use serde_saphyr::Error;
        let problem = match error.without_snippet() {
            Error::SerdeUnknownField { field, expected, .. } => unknown("field", field, expected),
            Error::SerdeUnknownVariant { variant, expected, .. } => unknown("value", variant, expected),
            Error::SerdeMissingField { field, .. } => format!("the field \"{field}\" is missing"),
            Error::DuplicateMappingKey { key: Some(key), .. } => format!("the field \"{key}\" is there twice"),
            other => plain(other),
        };
        Self::at(error.location().unwrap_or(Location::UNKNOWN), problem)
    }
}

/// The library's message in a user's words, and without its own place, which we say first.
fn plain(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    let line = line.rsplit_once(" at line ").map_or(line, |(message, _)| message);
    match line {
        "expected mapping start" => "expected fields below this one, like \"name: value\"".to_owned(),
        "expected sequence start" => "expected a list".to_owned(),
        line if ["invalid u64", "invalid u32", "invalid i64"].iter().any(|number| line.starts_with(number)) => {
            "expected a whole number".to_owned()
        }
        line => line.to_owned(),
    }
}

fn unknown(what: &str, given: &str, accepted: &[&str]) -> String {
    let hint = closest(given, accepted.iter().copied()).map(|name| format!(", did you mean \"{name}\"?"));
    let list = accepted.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    format!("unknown {what} \"{given}\"{} (accepted: {list})", hint.unwrap_or_default())
}

impl Policies {
    /// Reads one or more `PreflightPolicy` documents.
    ///
    /// # Errors
    /// The first mistake, with its line and column. A text without any document is one.
    pub fn parse(text: &str, rules: &[&Rule]) -> Result<Self, PolicyError> {
        let documents: Vec<Spanned<Document>> =
            serde_saphyr::from_multiple(text).map_err(|error| PolicyError::from_yaml(&error))?;
        let first = documents.first().map_or(Location::UNKNOWN, |document| document.referenced);
        if documents.is_empty() {
            return Err(PolicyError { line: 1, column: 1, problem: format!("there is no {KIND} in this document") });
        }
        let mut places: Vec<Spanned<String>> = Vec::new();
        let mut policies = Vec::new();
        for document in documents {
            let (namespaces, policy) = policy(document.value, rules)?;
            policies.push((namespaces.iter().map(|name| name.value.clone()).collect(), policy));
            places.extend(namespaces);
        }
        Self::new(policies).map_err(|error| {
            let second = places.iter().rfind(|place| place.value == error.pattern);
            PolicyError::at(second.map_or(first, |place| place.referenced), error.to_string())
        })
    }
}

/// One policy and the namespaces that it names, from one document.
///
/// # Errors
/// The first mistake, with its line and column.
pub fn parse_policy(text: &str, rules: &[&Rule]) -> Result<(Vec<String>, Policy), PolicyError> {
    let document = serde_saphyr::from_str(text).map_err(|error| PolicyError::from_yaml(&error))?;
    let (namespaces, policy) = policy(document, rules)?;
    Ok((namespaces.into_iter().map(|name| name.value).collect(), policy))
}

/// The policy of one document, and the namespaces that it names.
fn policy(document: Document, rules: &[&Rule]) -> Result<(Vec<Spanned<String>>, Policy), PolicyError> {
    for (given, expected, field) in [(&document.api_version, API_VERSION, "apiVersion"), (&document.kind, KIND, "kind")]
    {
        if given.value != expected {
            return Err(PolicyError::of(given, format!("{field} is \"{}\", expected \"{expected}\"", given.value)));
        }
    }
    let spec = document.spec;
    let namespaces = namespaces(&spec, document.kind.referenced)?;
    let mut policy = Policy { name: document.metadata.name, ..Policy::default() };
    policy.profile = spec.profile;
    policy.resources = spec.profile.resources();
    apply(&mut policy, spec, rules)?;
    Ok((namespaces, policy))
}

fn namespaces(spec: &Spec, document: Location) -> Result<Vec<Spanned<String>>, PolicyError> {
    let Some(list) = &spec.namespaces else { return Ok(vec![Spanned::new("*".to_owned(), document, document)]) };
    let empty = list.value.iter().find(|name| name.value.is_empty()).map(|name| name.referenced);
    match empty.or(list.value.is_empty().then_some(list.referenced)) {
        Some(place) => Err(PolicyError::at(place, "name a namespace, or leave \"namespaces\" out to mean all")),
        None => Ok(list.value.clone()),
    }
}

fn apply(policy: &mut Policy, spec: Spec, rules: &[&Rule]) -> Result<(), PolicyError> {
    if let Some(version) = &spec.dapr.version {
        policy.dapr_version =
            version.value.parse::<Version>().map_err(|error| PolicyError::of(version, error.to_string()))?;
        policy.names_dapr_version = true;
        if policy.dapr_version < Version::OLDEST {
            let problem = format!("Dapr {} is older than {}, the oldest known here", version.value, Version::OLDEST);
            return Err(PolicyError::of(version, problem));
        }
    }
    policy.owned_pods = match spec.owned_pods {
        OwnedPodsText::Certain => OwnedPods::Certain,
        OwnedPodsText::Deny => OwnedPods::Deny,
    };
    for (id, level) in spec.rules {
        if !rules.iter().any(|rule| rule.id == id.value) {
            let hint = closest(&id.value, rules.iter().map(|rule| rule.id));
            let hint = hint.map(|name| format!(", did you mean \"{name}\"?")).unwrap_or_default();
            return Err(PolicyError::of(&id, format!("unknown rule \"{}\"{hint}", id.value)));
        }
        policy.levels.insert(id.value, level);
    }
    let resources: PerRole<_> = spec.sidecar_resources.into();
    let grace: PerRole<_> = spec.termination_grace_period_seconds.into();
    for role in Role::ALL {
        if let Some(given) = resources.get(role) {
            resources_for(policy.resources.get_mut(role), given)?;
        }
        if let Some(given) = grace.get(role) {
            let now = policy.grace.get_mut(role);
            *now = Some(grace_for(*now, given)?);
        }
    }
    if let Some(percent) = spec.gomemlimit.percent {
        policy.gomemlimit_percent = u8::try_from(percent.value)
            .ok()
            .filter(|percent| (1..=99).contains(percent))
            .ok_or_else(|| PolicyError::of(&percent, format!("{} is no percentage from 1 to 99", percent.value)))?;
    }
    spread(&mut policy.spread, spec.topology_spread)?;
    policy.roles = spec.roles.iter().map(role_match).collect::<Result<_, _>>()?;
    Ok(())
}

fn resources_for(now: &mut SidecarResources, given: &ResourcesText) -> Result<(), PolicyError> {
    let ResourcesText { requests, limits } = given;
    for (slot, text) in [
        (&mut now.cpu_request, &requests.cpu),
        (&mut now.cpu_limit, &limits.cpu),
        (&mut now.memory_request, &requests.memory),
        (&mut now.memory_limit, &limits.memory),
    ] {
        if let Some(text) = text {
            *slot = Amount::parse(&text.value).ok_or_else(|| {
                PolicyError::of(text, format!("\"{}\" is no quantity above zero, like 100m or 256Mi", text.value))
            })?;
        }
    }
    for (request, limit, given) in [
        (&now.cpu_request, &now.cpu_limit, pick(given, |q| &q.cpu)),
        (&now.memory_request, &now.memory_limit, pick(given, |q| &q.memory)),
    ] {
        if let Some(place) = given.filter(|_| request.quantity > limit.quantity) {
            let problem = format!("the request {} is above the limit {}", request.text, limit.text);
            return Err(PolicyError::of(place, problem));
        }
    }
    Ok(())
}

/// The place to point at for a request and a limit that do not fit: either one that was given.
fn pick(given: &ResourcesText, field: fn(&QuantitiesText) -> &Option<Spanned<String>>) -> Option<&Spanned<String>> {
    field(&given.requests).as_ref().or(field(&given.limits).as_ref())
}

fn grace_for(now: Option<Grace>, given: &Spanned<GraceText>) -> Result<Grace, PolicyError> {
    let value = |seconds: &Option<Spanned<i64>>| seconds.as_ref().map(|seconds| seconds.value);
    let (minimum, default) = (value(&given.value.minimum), value(&given.value.default));
    if minimum.or(default).is_none() {
        return Err(PolicyError::of(given, "give \"minimum\" or \"default\", in seconds"));
    }
    let default = default.or(now.map(|grace| grace.default)).or(minimum).unwrap_or_default();
    let minimum = minimum.or(now.map(|grace| grace.minimum)).unwrap_or(default);
    if minimum < 0 || minimum > default {
        let problem = format!("minimum {minimum} and default {default}: seconds, with 0 ≤ minimum ≤ default");
        return Err(PolicyError::of(given, problem));
    }
    Ok(Grace { minimum, default })
}

fn spread(now: &mut Spread, given: SpreadText) -> Result<(), PolicyError> {
    if let Some(keys) = given.topology_keys {
        if keys.value.is_empty() || keys.value.iter().any(String::is_empty) {
            let problem = "topologyKeys needs at least one node label; \
                           to add no constraint, set the rule \"topology-spread\" to off";
            return Err(PolicyError::of(&keys, problem));
        }
        let earlier = |(nth, key): &(usize, &String)| keys.value[..*nth].contains(key);
        if let Some((_, key)) = keys.value.iter().enumerate().find(earlier) {
            let problem = format!("topologyKeys names \"{key}\" twice, and the API server refuses pods for that");
            return Err(PolicyError::of(&keys, problem));
        }
        now.topology_keys = keys.value;
    }
    if let Some(skew) = given.max_skew {
        if !(1..=i32::MAX.unsigned_abs()).contains(&skew.value) {
            return Err(PolicyError::of(&skew, format!("maxSkew must be from 1 to {}", i32::MAX)));
        }
        now.max_skew = skew.value;
    }
    now.when_unsatisfiable = given.when_unsatisfiable.unwrap_or(now.when_unsatisfiable);
    Ok(())
}

fn role_match(given: &Spanned<RoleText>) -> Result<RoleMatch, PolicyError> {
    let text = &given.value;
    if text.app_ids.is_empty() && text.configs.is_empty() && text.labels.is_empty() {
        let problem = "a role needs appIds, configs or labels to match by; without any it would match every app";
        return Err(PolicyError::of(given, problem));
    }
    let globs = |texts: &[String]| texts.iter().map(|text| Glob::new(text)).collect();
    Ok(RoleMatch {
        role: text.role,
        app_ids: globs(&text.app_ids),
        configs: globs(&text.configs),
        labels: text.labels.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_percent(percent: u64) -> Result<u8, String> {
        let text = format!(
            "apiVersion: {API_VERSION}\nkind: {KIND}\nmetadata: {{name: x}}\nspec: {{gomemlimit: {{percent: {percent}}}}}"
        );
        let policies = Policies::parse(&text, &[]).map_err(|error| error.to_string())?;
        Ok(policies.for_namespace("any").gomemlimit_percent)
    }

    #[test]
    fn gomemlimit_is_a_share_that_leaves_it_below_the_limit() {
        assert_eq!((with_percent(1), with_percent(99)), (Ok(1), Ok(99)));
        for percent in [0, 100, 256 + 90] {
            let problem = format!("4:30: {percent} is no percentage from 1 to 99");
            assert_eq!(with_percent(percent), Err(problem));
        }
    }
}
