//! The pod's containers run under a seccomp profile.

use serde_json::json;

use crate::dapr::keys;
use crate::dapr::pod::SecurityContext;
use crate::policy::{Check, Edit, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "pod-seccomp",
    title: "The pod and its sidecar run under a seccomp profile",
    source: Source::Reference("securityContext: seccompProfile: type: RuntimeDefault"),
    why: "Without a profile a container may make every system call there is, and Pod Security's restricted level \
          refuses the pod. On the pod it counts for daprd, too.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: [{name: app}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {securityContext: {seccompProfile: {type: RuntimeDefault}}, containers: [{name: app}]}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.sidecar() else { return Vec::new() };
    let spec = &subject.pod.spec;
    let mut open: Vec<&str> = Vec::new();
    let pod = profile(spec.security_context.as_ref());
    let containers = spec.init_containers.iter().chain(&spec.containers);
    open.extend(
        containers
            .filter(|container| !confines(profile(container.security_context.as_ref()).or(pod)))
            .map(|container| &*container.name),
    );
    let annotation = subject.pod.annotation(keys::SECCOMP_PROFILE).filter(|profile| !profile.is_empty());
    if !sidecar.is_there() && !confines(annotation.or(pod)) {
        open.push("daprd");
    }
    if open.is_empty() {
        return Vec::new();
    }
    let at = subject.at("/spec/securityContext/seccompProfile");
    let finding = Finding::new(
        at.clone(),
        format!("no seccomp profile for {}", open.join(", ")),
        "every system call is open to it, and Pod Security's restricted level refuses the pod",
        "write type: RuntimeDefault for the pod",
    );
    let value = json!({ "type": "RuntimeDefault" });
    let edit = match pod {
        None => Some(Edit::Add { at, value }),
        Some(_) if !confines(pod) => Some(Edit::Replace { at, value }),
        Some(_) => None,
    };
    vec![finding.suggested(edit.into_iter().collect())]
}

fn profile<'p>(context: Option<&'p SecurityContext<'_>>) -> Option<&'p str> {
    context?.seccomp_profile.as_ref().map(|profile| &*profile.kind)
}

fn confines(profile: Option<&str>) -> bool {
    matches!(profile, Some("RuntimeDefault" | "Localhost"))
}
