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
            other => plain(other),
        };
        Self::at(error.location().unwrap_or(Location::UNKNOWN), problem)
    }
}

/// The library's message without its own place, which we say first.
fn plain(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.rsplit_once(" at line ").map_or(line, |(message, _)| message).to_owned()
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
        let policies =
            documents.into_iter().map(|document| policy(document.value, rules)).collect::<Result<Vec<_>, _>>()?;
        Self::new(policies).map_err(|error| PolicyError::at(first, error.to_string()))
    }
}

fn policy(document: Document, rules: &[&Rule]) -> Result<(Vec<String>, Policy), PolicyError> {
    for (given, expected, field) in [(&document.api_version, API_VERSION, "apiVersion"), (&document.kind, KIND, "kind")]
    {
        if given.value != expected {
            return Err(PolicyError::of(given, format!("{field} is \"{}\", expected \"{expected}\"", given.value)));
        }
    }
    let spec = document.spec;
    let namespaces = spec.namespaces.clone().unwrap_or_else(|| vec!["*".to_owned()]);
    let mut policy = Policy { name: document.metadata.name, ..Policy::default() };
    policy.resources = spec.profile.resources();
    apply(&mut policy, spec, rules)?;
    Ok((namespaces, policy))
}

fn apply(policy: &mut Policy, spec: Spec, rules: &[&Rule]) -> Result<(), PolicyError> {
    if let Some(version) = &spec.dapr.version {
        policy.dapr_version =
            version.value.parse::<Version>().map_err(|error| PolicyError::of(version, error.to_string()))?;
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

fn grace_for(now: Option<Grace>, given: &GraceText) -> Result<Grace, PolicyError> {
    let (Some(place), minimum, default) = (
        given.minimum.as_ref().or(given.default.as_ref()),
        given.minimum.as_ref().map(|seconds| seconds.value).or(now.map(|grace| grace.minimum)),
        given.default.as_ref().map(|seconds| seconds.value).or(now.map(|grace| grace.default)),
    ) else {
        return now.ok_or(PolicyError { line: 1, column: 1, problem: "give \"minimum\" or \"default\"".to_owned() });
    };
    let default = default.or(minimum).unwrap_or_default();
    let grace = Grace { minimum: minimum.unwrap_or(default), default };
    if grace.minimum < 0 || grace.minimum > grace.default {
        let problem =
            format!("minimum {} and default {}: seconds, with 0 ≤ minimum ≤ default", grace.minimum, grace.default);
        return Err(PolicyError::of(place, problem));
    }
    Ok(grace)
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
