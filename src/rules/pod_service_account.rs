//! The app has a service account of its own, or no use for one.

use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "pod-service-account",
    title: "The pod has a service account of its own, or no token of one",
    source: Source::Reference("serviceAccountName: order-service"),
    why: "Whatever is granted to the account default is granted to every pod of the namespace that names none: with \
          Dapr's chart, in the namespace default, reading every Secret.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order}}, spec: {serviceAccountName: order, containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let spec = &subject.pod.spec;
    let shared = matches!(&*spec.service_account_name, "" | "default");
    if subject.sidecar().is_none() || !shared || spec.automount_service_account_token == Some(false) {
        return Vec::new();
    }
    vec![Finding::new(
        subject.at("/spec/serviceAccountName"),
        "the pod has the token of the service account default",
        "it shares its rights with every pod of the namespace that names no account",
        "name an account of the app's own, or write automountServiceAccountToken: false together with \
         dapr.io/disable-builtin-k8s-secret-store \"true\"",
    )]
}
