//! What an app is. Nothing in a cluster proves it, so it is declared or matched by the policy, never guessed.

use serde::{Deserialize, Serialize};

/// The annotation, on the pod template, that declares a role.
pub const ROLE_ANNOTATION: &str = "dapr-preflight.io/role";

/// What an app is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, schemars::JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Anything that hosts neither actors nor workflows, as far as anybody said.
    #[default]
    Service,
    /// Hosts actors: its reminders and timers need time to drain.
    Actor,
    /// Hosts workflows: those in flight need time to reach a checkpoint.
    Workflow,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Service, Self::Actor, Self::Workflow];

    /// As written in the annotation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Actor => "actor",
            Self::Workflow => "workflow",
        }
    }

    /// Compared exactly: `Actor` and `" actor"` are no roles.
    #[must_use]
    pub fn from_annotation(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == value)
    }
}

/// One value for each role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerRole<T> {
    /// For services.
    pub service: T,
    /// For actor hosts.
    pub actor: T,
    /// For workflow hosts.
    pub workflow: T,
}

impl<T> PerRole<T> {
    /// The value for `role`.
    #[must_use]
    pub fn get(&self, role: Role) -> &T {
        match role {
            Role::Service => &self.service,
            Role::Actor => &self.actor,
            Role::Workflow => &self.workflow,
        }
    }

    /// The value for `role`, to be changed.
    pub fn get_mut(&mut self, role: Role) -> &mut T {
        match role {
            Role::Service => &mut self.service,
            Role::Actor => &mut self.actor,
            Role::Workflow => &mut self.workflow,
        }
    }
}
