//! An HTTPEndpoint takes its secrets from a secret store.

use super::component_plain_secret::plain_secret;
use crate::dapr::secrets::{has_password, is_sensitive_header};
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

const KEY: &str = "/spec/clientTLS/privateKey/value";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let headers = subject.items("/spec/headers");
    let headers = headers.filter_map(|(at, header)| plain_secret(at, header, is_sensitive_header));
    let written_out = |at: &str, problem: &'static str, advice: &'static str| {
        let consequence = "whoever may read the object, its file or a backup has the secret";
        Finding::new(at.to_owned(), problem, consequence, advice)
    };
    let key = subject.get(KEY).map(|_| {
        written_out(KEY, "the private key is written out", "write secretKeyRef instead of value, and change the key")
    });
    let url = subject.text("/spec/baseUrl").filter(|url| has_password(url)).map(|_| {
        let advice = "send the credentials in a header that has a secretKeyRef";
        written_out("/spec/baseUrl", "the URL has a password in it", advice)
    });
    headers.chain(key).chain(url).collect()
}
