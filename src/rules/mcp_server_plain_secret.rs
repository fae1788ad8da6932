//! An MCPServer takes its secrets from a secret store.

use super::component_plain_secret::plain_secrets;
use crate::policy::{Check, Fix, GroupKind, Level, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "mcp-server-plain-secret",
    title: "An MCPServer takes its secrets from a secret store",
    source: Source::Dapr("pkg/apis/mcpserver/v1alpha1/types.go"),
    why: "A token in plain text is in git, in every backup, and in the sidecar of every app in scope.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("MCPServer")], plain_secrets),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: MCPServer, metadata: {name: tools}, spec: {endpoint: {streamableHTTP: {
        url: 'https://tools.example/mcp', headers: [{name: Authorization, value: Bearer hunter2}]}}}}",
    good:
        "{apiVersion: dapr.io/v1alpha1, kind: MCPServer, metadata: {name: tools}, spec: {endpoint: {streamableHTTP: {
        url: 'https://tools.example/mcp', headers: [{name: Authorization, secretKeyRef: {name: tools, key: token}}]}}}}",
};
