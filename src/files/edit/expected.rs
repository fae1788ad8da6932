//! What a value is after edits.

use serde_json::{Map, Value};

use crate::policy::Edit;

/// The value after the edits; nothing where one of them leads nowhere.
pub(super) fn expected(mut value: Value, edits: &[Edit]) -> Option<Value> {
    let mut there: Vec<&str> = Vec::new();
    for edit in edits {
        let at = edit.at();
        if there.contains(&at) {
            continue;
        }
        if !at.ends_with("/-") {
            there.push(at);
        }
        let new = match edit {
            Edit::Add { value, .. } | Edit::Replace { value, .. } => value.clone(),
            Edit::AppendEntry { list, .. } => Value::String(list.clone()),
        };
        let mut segments = at.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~"));
        put(&mut value, &mut segments, new)?;
    }
    Some(value)
}

/// Recurses no deeper than the pointer is long.
fn put(at: &mut Value, segments: &mut dyn Iterator<Item = String>, new: Value) -> Option<()> {
    let Some(segment) = segments.next() else {
        *at = new;
        return Some(());
    };
    if at.is_null() {
        *at = if segment == "-" { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
    }
    let child = match at {
        Value::Object(map) => map.entry(segment).or_insert(Value::Null),
        Value::Array(list) if segment == "-" => {
            list.push(Value::Null);
            list.last_mut()?
        }
        Value::Array(list) => list.get_mut(segment.parse::<usize>().ok()?)?,
        _ => return None,
    };
    put(child, segments, new)
}
