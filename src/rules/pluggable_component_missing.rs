//! Every pluggable component is a container of the pod.

use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "pluggable-component-missing",
    title: "Every pluggable component that is named is a container of the pod",
    source: Source::Dapr("pkg/injector/patcher/sidecar_components.go: splitContainers"),
    why: "Dapr compares the names letter by letter, blanks included, and passes over one that fits no container: its \
          component then has no socket, and daprd does not find it.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/pluggable-components: "store, queue"}},
        spec: {containers: [{name: app}, {name: store}, {name: queue}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/pluggable-components: "store,queue"}},
        spec: {containers: [{name: app}, {name: store}, {name: queue}]}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let named = subject.pod.annotation(keys::PLUGGABLE_COMPONENTS).filter(|list| !list.is_empty());
    let (Some(_), Some(list)) = (subject.asked(), named) else { return Vec::new() };
    let containers: Vec<&str> = subject.pod.spec.containers.iter().map(|container| &*container.name).collect();
    let missing = list.split(',').filter(|name| !containers.contains(name));
    missing
        .map(|name| {
            let advice = match closest(name.trim(), containers.iter().copied()) {
                Some(container) if container == name.trim() => "write it without blanks".to_owned(),
                Some(container) => format!("did you mean {container}?"),
                None => "name a container of the pod".to_owned(),
            };
            let problem = format!("no container is named {}", Quoted(name));
            let at = subject.at_annotation(keys::PLUGGABLE_COMPONENTS);
            Finding::new(at, problem, "Dapr passes over it: the component has no socket", advice)
        })
        .collect()
}
