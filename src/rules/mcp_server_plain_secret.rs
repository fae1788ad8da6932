//! An MCPServer takes its secrets from a secret store.

use super::component_plain_secret::plain_secret;
use crate::dapr::secrets::is_sensitive_header;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "mcp-server-plain-secret",
    title: "An MCPServer takes its secrets from a secret store",
    source: Source::Dapr("pkg/apis/mcpserver/v1alpha1/types.go"),
    why: "A token in plain text is in git, in every backup, and in the sidecar of every app in scope.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("MCPServer")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: MCPServer, metadata: {name: tools}, spec: {endpoint: {streamableHTTP: {
        url: 'https://tools.example/mcp', headers: [{name: Authorization, value: Bearer hunter2}]}}}}",
    good:
        "{apiVersion: dapr.io/v1alpha1, kind: MCPServer, metadata: {name: tools}, spec: {endpoint: {streamableHTTP: {
        url: 'https://tools.example/mcp', headers: [{name: Authorization, secretKeyRef: {name: tools, key: token}}]}}}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let transports = ["streamableHTTP", "sse"];
    let headers = transports.iter().flat_map(|name| subject.items(&format!("/spec/endpoint/{name}/headers")));
    headers.filter_map(|(at, header)| plain_secret(at, header, is_sensitive_header)).collect()
}
