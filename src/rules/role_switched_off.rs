//! An actor or workflow host has the services that it cannot do without.

use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Role, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "role-switched-off",
    title: "An actor or workflow host is not cut off from Placement and Scheduler",
    source: Source::Dapr("pkg/injector/patcher/sidecar_container.go: PlacementAddress, SchedulerAddress"),
    why: "A blank address switches the service off for the pod: without Placement there are no actors and no workflows, \
          without Scheduler no reminders and no workflows.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: cart, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: cart, dapr-preflight.io/role: actor, dapr.io/app-port: "8080",
        dapr.io/placement-host-address: ""}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: cart, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: cart, dapr-preflight.io/role: actor, dapr.io/app-port: "8080"}},
        spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.asked().is_none() || subject.role == Role::Service {
        return Vec::new();
    }
    let services = [(keys::PLACEMENT_ADDRESS, "Placement"), (keys::SCHEDULER_ADDRESS, "Scheduler")];
    services
        .into_iter()
        .filter(|(key, _)| subject.pod.annotation(key).is_some_and(is_blank))
        .map(|(key, service)| {
            let problem = format!("{service} is switched off for this {} host", subject.role.as_str());
            let consequence = match (service, subject.role) {
                ("Scheduler", Role::Actor) => "its actors have no reminders",
                _ => "it hosts none",
            };
            Finding::new(subject.at_annotation(key), problem, consequence, "leave the annotation out")
        })
        .collect()
}

/// Dapr takes quotes and blanks off both ends.
fn is_blank(address: &str) -> bool {
    address.trim_matches(['"', '\'']).trim().is_empty()
}
