//! The sidecar's memory is written in bytes, not in thousandths of one.

use serde_json::json;

use crate::policy::{Check, Edit, Finding, Fix, Given, Level, PodSubject, Quoted, Rule, Slot, Source};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-memory-suffix",
    title: "The sidecar's memory is a whole number of bytes",
    source: Source::Kubernetes("concepts/configuration/manage-resources-containers: Memory resource units"),
    why: "128m is 0.128 bytes: a slip for 128Mi that parses. As a request it asks for nothing, as a limit it lets no \
          container start.",
    level: Level::Warn,
    fix: Fix::Suggested,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-memory-request: 128m}},
        spec: {containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/sidecar-memory-request: 128Mi}},
        spec: {containers: []}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.sidecar() else { return Vec::new() };
    [Slot::MemoryRequest, Slot::MemoryLimit]
        .into_iter()
        .filter_map(|slot| match sidecar.given(slot) {
            Given::Amount(text, quantity) if !quantity.is_whole_bytes() => Some((slot, text)),
            _ => None,
        })
        .map(|(slot, text)| {
            let at = sidecar.at(slot);
            let problem = format!("the {} of {} is a fraction of a byte", slot.words(), Quoted(text));
            let consequence = match slot {
                Slot::MemoryLimit => "no container starts within that",
                _ => "the node sets nothing aside",
            };
            let meant = text.strip_suffix('m').map(|number| format!("{number}Mi"));
            let advice = match &meant {
                Some(meant) => format!("write \"{meant}\""),
                None => "write a whole number of bytes, such as 128Mi".to_owned(),
            };
            let edit = meant.map(|meant| Edit::Replace { at: at.clone(), value: json!(meant) });
            Finding::new(at, problem, consequence, advice).suggested(edit.into_iter().collect())
        })
        .collect()
}
