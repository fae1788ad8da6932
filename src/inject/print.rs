//! The same for a file of manifests, as text.

use anyhow::Context as _;
use similar::TextDiff;

use super::{Injected, inject};
use crate::dapr::twin::Outcome;
use crate::json::Value;
use crate::policy::{Engine, Mode};

/// What to print of a file's pods, as YAML or as a diff, and whether Dapr would refuse one.
///
/// # Errors
/// A file that is no YAML, an object that cannot be read, or no pod in all of it.
pub fn print(file: &str, text: &str, mode: Mode, diff: bool, engine: &Engine) -> anyhow::Result<(String, bool)> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).with_context(|| format!("{file} is not YAML"))?;
    let (mut printed, mut refused) = (String::new(), false);
    for (number, document) in documents.iter().enumerate() {
        for object in objects(document) {
            let name = name_of(object);
            let injected = inject(object, mode, engine).with_context(|| {
                format!("{file}, document {}, {name}: the API server could not read this", number + 1)
            })?;
            if let Some(injected) = injected {
                refused |= matches!(injected.outcome, Outcome::Refused(_));
                printed.push_str(&one(&name, &injected, diff)?);
            }
        }
    }
    anyhow::ensure!(
        !printed.is_empty(),
        "{file} has no pod and no workload (Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob)"
    );
    Ok((printed, refused))
}

/// The objects of a document: itself, or the items of a list.
fn objects(document: &Value) -> Vec<&Value> {
    match document["items"].as_array().filter(|_| document["kind"].as_str().is_some_and(|kind| kind.ends_with("List")))
    {
        Some(items) => items.iter().collect(),
        None => vec![document],
    }
}

/// As kubectl names it.
fn name_of(object: &Value) -> String {
    let kind = object["kind"].as_str().unwrap_or("object").to_lowercase();
    let name = object["metadata"]["name"].as_str().or(object["metadata"]["generateName"].as_str()).unwrap_or_default();
    format!("{kind}/{name}")
}

fn one(name: &str, injected: &Injected, diff: bool) -> anyhow::Result<String> {
    let after = match &injected.outcome {
        Outcome::NotInjected(why) => return Ok(format!("---\n# {name}: Dapr injects nothing: {why}\n")),
        Outcome::Refused(message) => return Ok(format!("---\n# {name}: Dapr refuses its pods: {message}\n")),
        Outcome::Injected(after) => serde_saphyr::to_string(after)?,
    };
    if !diff {
        return Ok(format!("---\n# {name}\n{after}"));
    }
    let before = serde_saphyr::to_string(&injected.sent)?;
    let changes = TextDiff::from_lines(&before, &after);
    Ok(changes.unified_diff().header(&format!("{name} as it is sent"), &format!("{name} after Dapr")).to_string())
}
