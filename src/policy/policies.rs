//! Which policy counts in which namespace. Requests carry no namespace labels, so policies name namespaces.

use super::settings::{Glob, Policy};
use crate::dapr::Version;

/// Every policy at hand, the built-in one for namespaces that none of them names.
#[derive(Clone, Debug)]
pub struct Policies {
    /// The most telling pattern first.
    entries: Vec<Entry>,
    /// The built-in one last.
    policies: Vec<Policy>,
}

#[derive(Clone, Debug)]
struct Entry {
    pattern: String,
    glob: Option<Glob>,
    /// Index into `policies`.
    policy: usize,
}

/// Two policies that claim the same namespaces.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the namespaces \"{pattern}\" are named twice, by \"{first}\" and by \"{second}\": \
     write different names or patterns"
)]
pub struct SameNamespaces {
    /// The policy that was read first.
    pub first: String,
    /// The other one.
    pub second: String,
    /// The name or pattern that both have.
    pub pattern: String,
}

impl Policies {
    /// Sorts policies by the namespaces that they name: an exact name counts before a pattern, a pattern with more
    /// literal characters before one with fewer.
    ///
    /// # Errors
    /// [`SameNamespaces`] where two policies carry the same name or pattern.
    pub fn new(policies: Vec<(Vec<String>, Policy)>) -> Result<Self, SameNamespaces> {
        let (patterns, mut policies): (Vec<_>, Vec<_>) = policies.into_iter().unzip();
        let mut entries = Vec::new();
        for (policy, patterns) in patterns.into_iter().enumerate() {
            for pattern in patterns {
                let glob = pattern.contains(['*', '?']).then(|| Glob::new(&pattern));
                entries.push(Entry { pattern, glob, policy });
            }
        }
        entries.sort_by(|a, b| a.rank().cmp(&b.rank()));
        if let Some([a, b]) = entries.array_windows().find(|[a, b]| a.pattern == b.pattern) {
            return Err(SameNamespaces {
                first: policies[a.policy].name.clone(),
                second: policies[b.policy].name.clone(),
                pattern: a.pattern.clone(),
            });
        }
        policies.push(Policy::default());
        Ok(Self { entries, policies })
    }

    /// The same policies for clusters that run this version of Dapr, as far as they do not name one themselves.
    #[must_use]
    pub fn assuming(mut self, dapr_version: Version) -> Self {
        for policy in self.policies.iter_mut().filter(|policy| !policy.names_dapr_version) {
            policy.dapr_version = dapr_version;
        }
        self
    }

    /// The policy that counts in a namespace.
    #[must_use]
    pub fn for_namespace(&self, namespace: &str) -> &Policy {
        let entry = self.entries.iter().find(|entry| entry.matches(namespace));
        &self.policies[entry.map_or(self.policies.len() - 1, |entry| entry.policy)]
    }

    /// Every name and pattern of namespaces with the name of its policy, the first that is asked first.
    pub fn order(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| (entry.pattern.as_str(), self.policies[entry.policy].name.as_str()))
    }

    /// Every policy, the built-in one last.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter()
    }
}

impl Default for Policies {
    fn default() -> Self {
        Self { entries: Vec::new(), policies: vec![Policy::default()] }
    }
}

impl Entry {
    fn matches(&self, namespace: &str) -> bool {
        match &self.glob {
            Some(glob) => glob.matches(namespace),
            None => self.pattern == namespace,
        }
    }

    /// Exact names first, then by literal characters, then by text so that the order is the same every time.
    fn rank(&self) -> (bool, std::cmp::Reverse<usize>, &str) {
        let literal = self.pattern.chars().filter(|c| !matches!(c, '*' | '?')).count();
        (self.glob.is_some(), std::cmp::Reverse(literal), &self.pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, patterns: &[&str]) -> (Vec<String>, Policy) {
        let policy = Policy { name: name.to_owned(), ..Policy::default() };
        (patterns.iter().map(|&pattern| pattern.to_owned()).collect(), policy)
    }

    #[test]
    fn an_exact_name_counts_before_a_pattern_and_a_longer_pattern_before_a_shorter() {
        let policies = Policies::new(vec![
            named("all", &["*"]),
            named("teams", &["team-*"]),
            named("payments", &["team-payments", "billing"]),
            named("prod", &["team-*-prod"]),
        ])
        .unwrap();
        for (namespace, name) in [
            ("team-payments", "payments"),
            ("billing", "payments"),
            ("team-x", "teams"),
            ("team-x-prod", "prod"),
            ("other", "all"),
        ] {
            assert_eq!(policies.for_namespace(namespace).name, name, "{namespace}");
        }
    }

    #[test]
    fn a_namespace_that_no_policy_names_gets_the_built_in_one() {
        let policies = Policies::new(vec![named("teams", &["team-*"])]).unwrap();
        assert_eq!(policies.for_namespace("default").name, "built-in");
        assert_eq!(policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>(), ["teams", "built-in"]);
    }

    #[test]
    fn a_version_is_assumed_only_where_a_policy_names_none() {
        let old = Version::new(1, 15, 0);
        let mut naming = named("naming", &["a"]);
        naming.1.names_dapr_version = true;
        let policies = Policies::new(vec![naming, named("silent", &["b"])]).unwrap().assuming(old);
        let versions = ["a", "b", "c"].map(|namespace| policies.for_namespace(namespace).dapr_version);
        assert_eq!(versions, [Version::NEWEST, old, old]);
    }

    #[test]
    fn two_policies_for_the_same_namespaces_are_refused_by_name() {
        let error = Policies::new(vec![named("a", &["x", "p-*"]), named("b", &["p-*"])]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the namespaces \"p-*\" are named twice, by \"a\" and by \"b\": write different names or patterns"
        );
    }
}
