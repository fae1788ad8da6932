//! Which values of a manifest no report shows: what it has of secrets, and what its variables are set to.
//!
//! Reports go to the logs of CI systems, where more people read them than the manifests. Whether the rule on plain secrets
//! runs has no part in this: another one's finding may be on the same line.

use std::ops::Range;

use super::judge::kind_of;
use super::text::Text;
use crate::dapr::env::is_harmless;
use crate::dapr::secrets::{passwords, sounds_secret, written_out};
use crate::dapr::{helm, keys};
use crate::files::{Document, cuts};
use crate::json::Value;
use crate::policy::{DAPR_GROUP, Edit, ObjectKind, escape, unescape};
use crate::report::{Change, Hidden};

/// Has all that is in an object, secrets included, as `kubectl apply` saw it.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What is not shown of a document with these objects, in the text that it is in.
pub(super) fn of_document(document: &Document<'_>, objects: &[(String, Value)]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (base, object) in objects {
        let Some(kind) = kind_of(object) else { continue };
        for at in pointers(kind, object) {
            ranges.extend(document.all_places(&format!("{base}{at}")));
        }
    }
    ranges
}

/// What is not shown of a text: of each of its documents, and of those that cannot be read what may be a secret.
#[must_use]
pub fn hidden(text: &str) -> Hidden {
    let mut ranges = Vec::new();
    for cut in cuts(text) {
        match cut.read() {
            Ok(document) => ranges.extend(of_document(&document, &document.objects())),
            Err(error) => ranges.extend(of_line(text, cut.source(), error.at)),
        }
    }
    Hidden::new(text, ranges)
}

/// What is not shown of a line in which a parser gave up, so that nobody knows what it is: all behind a key that sounds like
/// a secret, all values where the document speaks of a Secret, and all that is no key and has no blank where there are many
/// characters.
pub(super) fn of_line(text: &str, document: &str, at: usize) -> Option<Range<usize>> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let line = &text[start..end];
    let secret = document.contains("Secret");
    let mut colons = line.match_indices(':').map(|(colon, _)| colon);
    let telling = colons.find(|colon| secret || sounds_secret(key_before(&line[..*colon])));
    let telling = telling.map(|colon| colon + 1);
    let from = telling.into_iter().chain(passwords(line).map(|password| password.start)).min();
    let is_code = || !line.contains(": ") && line.split_whitespace().any(|word| word.len() > LONGEST_WORD);
    let from = from.or_else(|| is_code().then_some(0))?;
    Some(start + from..end)
}

/// A word without a blank that is longer than this is taken for a line of a key or a token.
const LONGEST_WORD: usize = 24;

/// The key at the end of a text, without its quotes and whatever else is beside it by mistake.
fn key_before(text: &str) -> &str {
    let other = |c: char| !c.is_ascii_alphanumeric() && !"._-/".contains(c);
    let text = text.trim_end_matches(other);
    text.rfind(other).map_or(text, |at| text[at..].trim_start_matches(other))
}

/// Whether changes that make these edits of an object repeat what is not shown of it.
pub(super) fn repeats(text: &Text<'_>, edits: &[Edit], changes: &[Change]) -> bool {
    edits.iter().any(|edit| {
        let place = text.document.locate(edit.at());
        let hidden = place.exact && text.hidden().has(&place.span);
        match edit {
            // Mostly only the new entry is written. Where it is the whole list, that is there to be read.
            Edit::AppendEntry { list, .. } => hidden && changes.iter().any(|change| change.insert.len() >= list.len()),
            Edit::Add { at, value } | Edit::Replace { at, value } => {
                hidden || is_list(at) && gives_away(value.as_str())
            }
        }
    })
}

/// Whether that is where Dapr's list of variables is.
fn is_list(pointer: &str) -> bool {
    pointer.rsplit('/').next().is_some_and(|last| unescape(last) == keys::ENV)
}

fn gives_away(list: Option<&str>) -> bool {
    !list.is_some_and(is_harmless)
}

/// JSON pointers of the values of an object that are not shown.
fn pointers(kind: ObjectKind<'_>, object: &Value) -> Vec<String> {
    let mut found = anywhere(object);
    if kind.group == DAPR_GROUP {
        found.extend(written_out(kind.kind, object).into_iter().map(|secret| secret.at));
    } else if (kind.group, kind.kind) == ("", "Secret") {
        found.extend(["/data", "/stringData"].into_iter().flat_map(|map| entries(object, map)).map(|(at, _)| at));
    } else if kind == ObjectKind::dapr_chart_values() {
        variables_of_values(object, &mut found);
    }
    found
}

/// What is told by its name alone, wherever it is: an object need not have the shape that its kind has.
fn anywhere(object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut path = Vec::new();
    search(object, &mut path, &mut found);
    found
}

/// A step from a value to one inside it.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// Recursion is safe: no document is deeper than its reader allows.
fn search<'a>(value: &'a Value, path: &mut Vec<Step<'a>>, found: &mut Vec<String>) {
    let variables = matches!(path.last(), Some(Step::Key("env")));
    let mut within = |step, value: &'a Value, tells: Option<&'static str>| {
        path.push(step);
        match tells {
            Some(behind) => found.push(pointer(path) + behind),
            None => search(value, path, found),
        }
        path.pop();
    };
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let tells = key == keys::ENV && gives_away(value.as_str()) || key == LAST_APPLIED;
                within(Step::Key(key), value, tells.then_some(""));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = item["name"].as_str().filter(|_| !item["value"].is_null());
                let tells = name.is_some_and(|name| variables || sounds_secret(name));
                within(Step::Index(index), item, tells.then_some("/value"));
            }
        }
        _ => {}
    }
}

fn pointer(path: &[Step<'_>]) -> String {
    let segment = |step: &Step<'_>| match step {
        Step::Key(key) => format!("/{}", escape(key)),
        Step::Index(index) => format!("/{index}"),
    };
    path.iter().map(segment).collect()
}

/// The variables that Helm values give to the control plane.
fn variables_of_values(object: &Value, found: &mut Vec<String>) {
    let Some(values) = helm::Values::of(object) else { return };
    for (chart, _) in helm::SERVICES {
        found.extend(entries(object, &values.at(&format!("/{chart}/extraEnvVars"))).map(|(at, _)| at));
    }
}

/// The entries of a map or list, each with its pointer.
fn entries<'a>(object: &'a Value, at: &str) -> std::vec::IntoIter<(String, &'a Value)> {
    let value = object.pointer(at).unwrap_or(&Value::Null);
    let (map, list) = (value.as_object(), value.as_array());
    let map = map.into_iter().flatten().map(|(key, value)| (escape(key), value));
    let list = list.into_iter().flatten().enumerate().map(|(index, value)| (index.to_string(), value));
    map.chain(list).map(|(key, value)| (format!("{at}/{key}"), value)).collect::<Vec<_>>().into_iter()
}
