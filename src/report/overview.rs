//! The rules in a few rows: what they are about, how their ids begin, and which of them refuse.

use super::catalogue::{level, linked};
use crate::policy::Rule;

/// What rules are about, with the words that their ids begin with.
const AREAS: [(&str, &[&str]); 5] = [
    (
        "pods, and the workloads that make them",
        &[
            "annotation",
            "app",
            "enabled",
            "label",
            "pluggable",
            "pod",
            "replicas",
            "role",
            "shutdown",
            "sidecar",
            "termination",
            "topology",
            "value",
            "workload",
        ],
    ),
    (
        "Dapr's resources",
        &[
            "actor",
            "component",
            "configuration",
            "dapr-resource",
            "http-endpoint",
            "mcp-server",
            "resiliency",
            "subscription",
            "workflow",
        ],
    ),
    ("what stands beside them", &["autoscaler", "disruption-budget", "exemption", "ingress", "namespace", "secret"]),
    ("Dapr's control plane", &["chart-version", "control-plane"]),
    ("values for Dapr's Helm chart", &["helm"]),
];

/// A Markdown table of what rules are about; `folder` is where the links go.
#[must_use]
pub fn overview(rules: &[&Rule], folder: &str) -> String {
    let mut out = "| about | ids begin with | rules | *deny* by default |\n|---|---|---|---|\n".to_owned();
    for (about, beginnings) in AREAS {
        let of_area: Vec<_> = rules.iter().filter(|rule| area(rule) == Some(about)).collect();
        let denying = of_area.iter().filter(|rule| level(rule) == "deny");
        let denying: Vec<_> = denying.map(|rule| linked(rule, folder)).collect();
        let beginnings: Vec<_> = beginnings.iter().map(|word| format!("`{word}`")).collect();
        let (beginnings, denying) = (beginnings.join(", "), denying.join(", "));
        out.push_str(&format!("| {about} | {beginnings} | {} | {denying} |\n", of_area.len()));
    }
    out
}

/// What a rule is about; nothing where its id begins like no other.
#[must_use]
pub fn area(rule: &Rule) -> Option<&'static str> {
    let begins = |word: &&str| rule.id.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    AREAS.iter().find(|(_, beginnings)| beginnings.iter().any(begins)).map(|(about, _)| *about)
}
