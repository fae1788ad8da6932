//! daprd does not run as root.

use crate::dapr::Version;
use crate::dapr::pod::SecurityContext;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "pod-root",
    title: "The pod does not make daprd run as root",
    source: Source::Dapr("pkg/security/usergroup.go: checkUserIDGroupID"),
    why: "Since 1.16 daprd refuses to run as user 0 in Kubernetes, and the injector forbids it to the container before \
          that. The pod's runAsUser is daprd's, too.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {securityContext: {runAsUser: 0}, containers: [{name: app}, {name: daprd}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}},
        spec: {securityContext: {runAsUser: 0}, containers: [{name: app}, {name: daprd,
        securityContext: {runAsUser: 65532}}]}}"#,
};

/// Since this version daprd looks at its own user.
const LOOKS: Version = Version::new(1, 16, 0);
/// What makes daprd not look.
const SKIP: &str = "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK";

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.sidecar().filter(|_| subject.version() >= LOOKS) else { return Vec::new() };
    let user = |context: &Option<SecurityContext<'_>>| context.as_ref().and_then(|context| context.run_as_user);
    let container = sidecar.container();
    let own = container.and_then(|daprd| user(&daprd.security_context));
    let skips = match (container, subject.asked()) {
        (Some(daprd), _) => daprd.env.iter().flatten().any(|variable| &*variable.name == SKIP),
        (None, Some(asked)) => asked.env_keys().any(|name| name == SKIP),
        (None, None) => false,
    };
    if skips || own.or(user(&subject.pod.spec.security_context)) != Some(0) {
        return Vec::new();
    }
    let finding = Finding::new(
        subject.at("/spec/securityContext/runAsUser"),
        "the pod's containers run as user 0, and so does daprd",
        "daprd exits when it starts, unless the kubelet refuses to start it before",
        "set runAsUser 0 on the container that needs it, not on the pod",
    );
    // Until the container is there the injector may still give it a user of its own (Helm sidecarRunAsUser).
    vec![if container.is_some() { finding.certain() } else { finding }]
}
