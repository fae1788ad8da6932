//! Dapr's chart gives no pod the Secrets of a namespace.

use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "control-plane-secret-reader",
    title: "The chart's role secret-reader is switched off",
    source: Source::Dapr("charts/dapr/charts/dapr_rbac/templates/secret-reader.yaml"),
    why: "By default the chart lets the service account default of the namespace default read every Secret there: every pod \
          that names no account of its own.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::new("rbac.authorization.k8s.io", "RoleBinding")], check),
    bad: r"{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: dapr-secret-reader,
        namespace: default}, subjects: [{kind: ServiceAccount, name: default}], roleRef: {kind: Role,
        name: secret-reader, apiGroup: rbac.authorization.k8s.io}}",
    good: r"{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: dapr-secret-reader,
        namespace: default}, subjects: [{kind: ServiceAccount, name: order}], roleRef: {kind: Role,
        name: secret-reader, apiGroup: rbac.authorization.k8s.io}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    if subject.name() != "dapr-secret-reader" || subject.text("/roleRef/name") != Some("secret-reader") {
        return Vec::new();
    }
    let subjects = subject.items("/subjects");
    let everyone = subjects.filter(|(_, account)| account["kind"] == "ServiceAccount" && account["name"] == "default");
    let finding = |at: String| {
        Finding::new(
            format!("{at}/name"),
            "the service account \"default\" may read every Secret of the namespace",
            "every pod there that names no service account of its own reads all of them",
            "set dapr_rbac.secretReader.enabled: false in the chart's values, and let Components name their Secrets",
        )
    };
    everyone.map(|(at, _)| finding(at)).collect()
}
