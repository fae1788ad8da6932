//! The built-in numbers: what the production reference says, and what Dapr's own documentation says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::role::PerRole;
use super::settings::{Amount, Grace, OwnedPods, Policy, SidecarResources, Spread, WhenUnsatisfiable};
use crate::dapr::Version;

/// Where the numbers come from that a policy does not give itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, schemars::JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// The production reference: 100m/300m and 128Mi/256Mi, limits of 500m and 512Mi for actors and workflows.
    #[default]
    Reference,
    /// Dapr's production guidelines (`kubernetes-production.md`): 100m/300m and 250Mi/1000Mi, for every role.
    DaprDocs,
}

impl Profile {
    /// What the sidecar gets, by role.
    #[must_use]
    pub fn resources(self) -> PerRole<SidecarResources> {
        match self {
            Self::Reference => {
                let host = sidecar("100m", "500m", "128Mi", "512Mi");
                PerRole { service: sidecar("100m", "300m", "128Mi", "256Mi"), actor: host.clone(), workflow: host }
            }
            Self::DaprDocs => {
                let any = sidecar("100m", "300m", "250Mi", "1000Mi");
                PerRole { service: any.clone(), actor: any.clone(), workflow: any }
            }
        }
    }
}

fn sidecar(cpu_request: &str, cpu_limit: &str, memory_request: &str, memory_limit: &str) -> SidecarResources {
    let amount = |text| Amount::parse(text).expect("the built-in quantities are literals that parse, as a test shows");
    SidecarResources {
        cpu_request: amount(cpu_request),
        cpu_limit: amount(cpu_limit),
        memory_request: amount(memory_request),
        memory_limit: amount(memory_limit),
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            name: "built-in".to_owned(),
            dapr_version: Version::NEWEST,
            names_dapr_version: false,
            profile: Profile::Reference,
            owned_pods: OwnedPods::Certain,
            resources: Profile::Reference.resources(),
            gomemlimit_percent: 90,
            grace: PerRole {
                service: None,
                actor: Some(Grace { minimum: 60, default: 90 }),
                workflow: Some(Grace { minimum: 60, default: 120 }),
            },
            spread: Spread {
                topology_keys: vec!["kubernetes.io/hostname".to_owned()],
                max_skew: 1,
                when_unsatisfiable: WhenUnsatisfiable::ScheduleAnyway,
            },
            roles: Vec::new(),
            levels: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Role;

    #[test]
    fn the_built_in_numbers_are_those_of_the_reference_and_of_daprs_documentation() {
        let text = |profile: Profile, role| {
            let given = profile.resources().get(role).clone();
            [given.cpu_request.text, given.cpu_limit.text, given.memory_request.text, given.memory_limit.text]
        };
        assert_eq!(text(Profile::Reference, Role::Service), ["100m", "300m", "128Mi", "256Mi"]);
        assert_eq!(text(Profile::Reference, Role::Actor), ["100m", "500m", "128Mi", "512Mi"]);
        assert_eq!(text(Profile::Reference, Role::Workflow), ["100m", "500m", "128Mi", "512Mi"]);
        for role in Role::ALL {
            assert_eq!(text(Profile::DaprDocs, role), ["100m", "300m", "250Mi", "1000Mi"]);
        }
    }

    #[test]
    fn the_built_in_policy_asks_for_the_references_grace_and_a_soft_spread() {
        let policy = Policy::default();
        assert_eq!(policy.grace.service, None);
        assert_eq!(policy.grace.actor, Some(Grace { minimum: 60, default: 90 }));
        assert_eq!(policy.grace.workflow, Some(Grace { minimum: 60, default: 120 }));
        assert_eq!(policy.spread.topology_keys, ["kubernetes.io/hostname"]);
        assert_eq!(policy.spread.when_unsatisfiable.as_str(), "ScheduleAnyway");
        assert_eq!((policy.spread.max_skew, policy.gomemlimit_percent), (1, 90));
        assert_eq!(policy.dapr_version, Version::NEWEST);
    }
}
