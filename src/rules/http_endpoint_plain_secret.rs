//! An HTTPEndpoint takes its secrets from a secret store.

use super::component_plain_secret::{SEEN, plain_secret};
use crate::dapr::secrets::{BASE_URL, PRIVATE_KEY, WrittenOut, written_out};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "http-endpoint-plain-secret",
    title: "An HTTPEndpoint takes its secrets from a secret store",
    source: Source::Dapr("pkg/apis/httpEndpoint/v1alpha1/types.go"),
    why: "A token or a private key in plain text is in git, in every backup, and in the sidecar of every app \
          in scope.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("HTTPEndpoint")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: HTTPEndpoint, metadata: {name: bank}, spec: {baseUrl: 'https://bank.example',
        headers: [{name: Authorization, value: Bearer hunter2}]}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: HTTPEndpoint, metadata: {name: bank}, spec: {baseUrl: 'https://bank.example',
        headers: [{name: Authorization, secretKeyRef: {name: bank, key: token}}]}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let one = |written: WrittenOut<'_>| match &*written.at {
        PRIVATE_KEY => {
            let advice = "write secretKeyRef instead of value, and change the key";
            Finding::new(written.at, "the private key is written out", SEEN, advice)
        }
        BASE_URL => {
            let advice = "send the credentials in a header that has a secretKeyRef";
            Finding::new(written.at, "the URL has a password in it", SEEN, advice)
        }
        _ => plain_secret(written),
    };
    written_out(subject.kind, subject.value).into_iter().map(one).collect()
}
