//! The services that vote have an odd number of members.

use crate::dapr::control_plane::Service;
use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-members",
    title: "Placement and scheduler have an odd number of members",
    source: Source::Reference("Placement uses Raft consensus - needs odd number of replicas (3 or 5)"),
    why: "More than half of the members must agree. A fourth one adds nothing that may be lost, only one more that can be.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(GroupKind::CONTROL_PLANE, check),
    bad: r"{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dapr-placement-server}, spec: {replicas: 4,
        template: {metadata: {labels: {app: dapr-placement-server}}, spec: {containers: []}}}}",
    good: r"{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dapr-placement-server}, spec: {replicas: 3,
        template: {metadata: {labels: {app: dapr-placement-server}}, spec: {containers: []}}}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let votes = Service::of(subject.value).is_some_and(Service::needs_majority);
    let members = subject.get("/spec/replicas").and_then(Value::as_i64).filter(|members| *members > 0);
    let Some(members) = members.filter(|members| votes && members % 2 == 0) else { return Vec::new() };
    let lost = (members - 1) / 2;
    let finding = Finding::new(
        "/spec/replicas".to_owned(),
        format!("{members} members is an even number"),
        format!("it stands the loss of {lost}, as {} members do", members - 1),
        "write 3 or 5",
    );
    vec![finding]
}
