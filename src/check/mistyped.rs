//! Objects that cannot be read: where in them, and why.

use std::sync::Arc;

use super::locate;
use super::text::Text;
use crate::dapr::pod::{Metadata, Pod};
use crate::json::Value;
use crate::policy::{Kind, ObjectKind, escape};
use crate::report::{ObjectName, Unreadable};

/// An object with a value of another type than its field has: the API server could not read it either.
pub(super) fn mistyped(
    text: &Text<'_>,
    base: &str,
    kind: ObjectKind<'_>,
    object: &Value,
    error: &serde_json::Error,
) -> Unreadable {
    let (at, problem) = stumbled(kind, object).unwrap_or_else(|| (String::new(), error.to_string()));
    let place = locate::place(text, &format!("{base}{at}"), false);
    let name = ObjectName::of(kind, object);
    let why = without_value(&problem);
    let problem = format!("{name} cannot be read, and the API server would not read it either: {why}");
    let advice = format!("see `kubectl explain {}`", kind.kind.to_lowercase());
    Unreadable::new(Arc::clone(text.file), Some(place), &problem, &advice)
}

/// A message of the reader's without the value that it quotes, which may be a secret; the line shows it, if it is none.
fn without_value(problem: &str) -> String {
    let quotes = ['"', '`'];
    match (problem.find(quotes), problem.rfind(quotes)) {
        (Some(from), Some(to)) if problem.starts_with("invalid type: ") => {
            format!("{}{}", problem[..from].trim_end(), &problem[to + 1..])
        }
        _ => problem.to_owned(),
    }
}

/// The JSON pointer of the field that cannot be read, and why.
fn stumbled(kind: ObjectKind<'_>, object: &Value) -> Option<(String, String)> {
    let pointer = |path: &serde_path_to_error::Path| {
        let mut pointer = String::new();
        for segment in path.iter() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                Segment::Map { key } => pointer.push_str(&format!("/{}", escape(key))),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        pointer
    };
    if let Some(metadata) = object.get("metadata")
        && let Err(error) = serde_path_to_error::deserialize::<_, Metadata<'_>>(metadata)
    {
        return Some((format!("/metadata{}", pointer(error.path())), error.inner().to_string()));
    }
    let base = Kind::find(kind.group, kind.version, kind.kind)?.base();
    let error = serde_path_to_error::deserialize::<_, Pod<'_>>(object.pointer(base)?).err()?;
    Some((format!("{base}{}", pointer(error.path())), error.inner().to_string()))
}
