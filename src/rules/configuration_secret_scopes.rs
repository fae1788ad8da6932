//! Secret scopes are ones that daprd starts with.

use std::collections::BTreeSet;

use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "configuration-secret-scopes",
    title: "Secret scopes are ones that daprd starts with",
    source: Source::Dapr("pkg/config/configuration.go: sortAndValidateSecretsConfiguration"),
    why: "A store that is scoped twice, or a default that is neither allow nor deny, passes the schema and ends daprd.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {secrets: {scopes: [
        {storeName: vault, defaultAccess: deny}, {storeName: vault, allowedSecrets: [db]}]}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {secrets: {scopes: [
        {storeName: vault, defaultAccess: deny, allowedSecrets: [db]}]}}}",
};

const EXITS: &str = "daprd exits at the start of every app that names this Configuration";

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, scope) in subject.items("/spec/secrets/scopes") {
        let store = scope["storeName"].as_str().unwrap_or_default();
        if !seen.insert(store) {
            let problem = format!("{} is scoped before", Quoted(store));
            let advice = "put all secrets of a store into one scope";
            findings.push(Finding::new(format!("{at}/storeName"), problem, EXITS, advice).certain());
        }
        let access = scope["defaultAccess"].as_str().unwrap_or_default();
        if !["", "allow", "deny"].iter().any(|known| access.eq_ignore_ascii_case(known)) {
            let problem = format!("{} is no access", Quoted(access));
            findings.push(Finding::new(format!("{at}/defaultAccess"), problem, EXITS, "write allow or deny").certain());
        }
    }
    findings
}
