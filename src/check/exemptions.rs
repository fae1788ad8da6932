//! Exemptions among the documents that are checked, or in a file of their own.

use super::Input;
use crate::files::documents;
use crate::json::Value;
use crate::policy::{
    API_VERSION, DEFAULT_NAMESPACE, EXEMPTION_KIND, Exemption, ExemptionSpec, Exemptions, Rule, escape,
};
use crate::report::Unreadable;

/// An exemption, and the namespace that it is in.
pub(super) type Granted = (String, Exemption);

/// Why a document is no exemption that can be used.
pub(super) struct Refused {
    /// JSON pointer of the mistake.
    pub at: String,
    /// What is wrong and what is accepted.
    pub problem: String,
}

/// The exemption that an object is; `None` for anything else.
pub(super) fn granted(object: &Value, rules: &[&Rule]) -> Option<Result<Granted, Refused>> {
    if object["apiVersion"] != API_VERSION || object["kind"] != EXEMPTION_KIND {
        return None;
    }
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or(DEFAULT_NAMESPACE).to_owned();
    let spec: Result<ExemptionSpec, _> = serde_path_to_error::deserialize(&object["spec"]);
    Some(match spec {
        Err(error) => {
            let path = error.path().to_string();
            let at = if path == "." { "/spec".to_owned() } else { pointer(&format!("spec.{path}")) };
            Err(Refused { at, problem: format!("no exemption that can be used: {}", error.inner()) })
        }
        Ok(spec) => Exemption::new(&spec, rules)
            .map(|exemption| (namespace, exemption))
            .map_err(|error| Refused { at: pointer(&error.field), problem: error.problem }),
    })
}

/// Every exemption of a text that was given as one.
///
/// # Errors
/// A text without any, or with one that cannot be used, in words that begin with its name.
pub fn exemptions_of(input: &Input, rules: &[&Rule]) -> Result<Exemptions, String> {
    let named = |error: &Unreadable| format!("{}: {}", input.name, error.problem);
    let text = input.read().map_err(|error| named(&error))?;
    let mut all = Vec::new();
    for document in documents(&text) {
        let document = document.map_err(|error| format!("{}: {error}", input.name))?;
        for (_, object) in document.objects() {
            if let Some(granted) = granted(&object, rules) {
                let granted = granted.map_err(|error| {
                    let (line, column) =
                        crate::files::Lines::new(&text).position(document.locate(&error.at).span.start);
                    format!("{}:{line}:{column}: {}", input.name, error.problem)
                })?;
                all.push(granted);
            }
        }
    }
    match all.is_empty() {
        true => Err(format!("{}: there is no {EXEMPTION_KIND} in this file", input.name)),
        false => Ok(all.into_iter().collect()),
    }
}

/// The JSON pointer of a field like `spec.rules[0]`.
fn pointer(field: &str) -> String {
    let segments = field.split(['.', '[', ']']).filter(|segment| !segment.is_empty());
    segments.map(|segment| format!("/{}", escape(segment))).collect()
}
