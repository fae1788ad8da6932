//! A Job's sidecar ends with its Job.

use serde_json::json;

use crate::dapr::injection::{Injection, Place};
use crate::dapr::{Version, keys};
use crate::policy::{Check, Controller, Edit, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-job",
    title: "A Job's sidecar ends when its Job is done",
    source: Source::Dapr("docs: operations/hosting/kubernetes/kubernetes-job.md; dapr/dapr#5006"),
    why: "daprd does not end by itself. A Job's pod stays, and the Job is never complete, unless daprd is a native \
          sidecar (Dapr 1.18) or the app shuts it down.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: batch/v1, kind: Job, metadata: {name: import}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: import}}, spec: {restartPolicy: Never, containers: []}}}}"#,
    good: r#"{apiVersion: batch/v1, kind: Job, metadata: {name: import}, spec: {template: {metadata: {annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: import, dapr.io/enable-native-sidecar: "true"}},
        spec: {restartPolicy: Never, containers: []}}}}"#,
};

const NATIVE: Version = Version::new(1, 18, 0);

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let native = match subject.injection {
        Injection::AlreadyInjected(Place { list, .. }) => list == "initContainers",
        _ => subject.asked().is_none_or(|asked| asked.native()),
    };
    if subject.controller != Some(Controller::Job) || native || subject.sidecar().is_none() {
        return Vec::new();
    }
    let at = subject.at_annotation(keys::NATIVE_SIDECAR);
    let can_be_native = subject.version() >= NATIVE;
    let finding = Finding::new(
        at.clone(),
        "the sidecar of this Job does not end by itself",
        "the Job is never complete, unless the app calls POST /v1.0/shutdown when it is done",
        match can_be_native {
            true => "write \"true\" (Kubernetes 1.29 or later), or let the app call POST /v1.0/shutdown",
            false => "let the app call POST /v1.0/shutdown when it is done, or use Dapr 1.18 with native sidecars",
        },
    );
    let value = json!("true");
    let edit = match (subject.pod.annotation(keys::NATIVE_SIDECAR), subject.injection) {
        (_, Injection::AlreadyInjected(_)) => None,
        (Some(_), _) => Some(Edit::Replace { at, value }),
        (None, _) => Some(Edit::Add { at, value }),
    };
    vec![finding.suggested(edit.filter(|_| can_be_native).into_iter().collect())]
}
