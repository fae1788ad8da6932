//! An app has an app-id that Dapr and the API server accept.

use crate::dapr::app_id::{ACCEPTED, AppIdError, is_label_value};
use crate::dapr::injection::Injection;
use crate::dapr::keys;
use crate::policy::{Check, Controller, Finding, Fix, Level, Phase, PodSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "app-id",
    title: "The app has an app-id that Dapr accepts",
    source: Source::Dapr("pkg/validation/validation.go: ValidateKubernetesAppID"),
    why: "The app-id names the app's Service and label. It is the one annotation over which Dapr itself refuses a pod; \
          the pod's name stands in only where the pod has one.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: Order.Service}}, spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order-service}}, spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let at = subject.at_annotation(keys::APP_ID);
    let advice = || format!("write {ACCEPTED}");
    let finding = match subject.injection {
        Injection::Refused(AppIdError::Empty) => missing(subject, at),
        Injection::Refused(AppIdError::Invalid { id, too_long: true, .. }) => {
            let problem = format!("{} has {} bytes", Quoted(id), id.len());
            Finding::new(at, problem, "Dapr refuses the pod, since it names a Service after the app-id", advice())
                .certain()
        }
        Injection::Refused(AppIdError::Invalid { id, .. }) => {
            let problem = format!("{} is no app-id", Quoted(id));
            Finding::new(at, problem, "Dapr refuses the pod, since it names a Service after the app-id", advice())
                .certain()
        }
        Injection::Injected(sidecar) if !is_label_value(sidecar.app_id()) => {
            let problem = format!("{} is no label value", Quoted(sidecar.app_id()));
            Finding::new(at, problem, "Dapr makes it the pod's label, and the API server refuses the pod", advice())
                .certain()
        }
        _ => return Vec::new(),
    };
    vec![finding]
}

fn missing(subject: &PodSubject<'_>, at: String) -> Finding {
    // Only a StatefulSet's pods have their names when Dapr's injector sees them.
    let named = subject.phase == Phase::Template && subject.controller == Some(Controller::StatefulSet);
    match named {
        true => Finding::new(
            at,
            "there is no app-id",
            "each replica takes its own name for it, so no two are the same app to Dapr",
            "write one app-id for all replicas",
        )
        .advisory(),
        false => Finding::new(
            at,
            "there is no app-id",
            "Dapr refuses the pod: it has no name yet that could stand in",
            format!("write {ACCEPTED}"),
        )
        .certain(),
    }
}
