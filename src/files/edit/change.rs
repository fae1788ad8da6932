//! From edits to changes of nodes: edits below the same missing parent become one.

use serde_json::{Map, Value};

use super::super::locate::{Step, Walk, walk};
use super::super::scalar;
use super::super::tree::{Id, Kind, Tree};
use super::CannotEdit;
use crate::policy::Edit;

/// What happens to one node.
#[derive(Debug)]
pub(super) enum Change {
    /// New entries for a map.
    Insert { into: Id, entries: Map<String, Value> },
    /// New elements for a list.
    Append { list: Id, items: Vec<Value> },
    /// A value for a key that has none.
    Fill { null: Id, value: Value },
    /// Another text for a scalar.
    Rewrite { scalar: Id, value: Value },
}

impl Change {
    /// What changes.
    pub(super) fn node(&self) -> Id {
        match self {
            Self::Insert { into, .. } => *into,
            Self::Append { list, .. } => *list,
            Self::Fill { null, .. } => *null,
            Self::Rewrite { scalar, .. } => *scalar,
        }
    }
}

/// The changes, each with the pointer of the first edit behind it.
pub(super) fn changes(tree: &Tree<'_>, edits: &[Edit]) -> Result<Vec<(String, Change)>, CannotEdit> {
    let mut changes: Vec<(String, Change)> = Vec::new();
    let mut there: Vec<&str> = Vec::new();
    for edit in edits {
        let at = edit.at();
        if there.contains(&at) {
            continue;
        }
        if !at.ends_with("/-") {
            there.push(at);
        }
        let walk = walk(tree, at);
        let cannot = |reason: String| CannotEdit::new(at, reason);
        own(tree, &walk.steps).map_err(cannot)?;
        let change = match edit {
            Edit::Add { value, .. } => add(tree, &walk, value),
            Edit::AppendEntry { list, .. } => rewrite(tree, &walk, &Value::String(list.clone())),
            Edit::Replace { value, .. } => rewrite(tree, &walk, value),
        };
        merge(&mut changes, at, change.map_err(cannot)?);
    }
    Ok(changes)
}

/// Refuses what is shared: an edit there would change other places too.
fn own(tree: &Tree<'_>, steps: &[Step]) -> Result<(), String> {
    for step in steps {
        if step.merged {
            return Err("it comes by a merge key `<<`, from a map that others may use as well".to_owned());
        }
        if let Kind::Alias(_) = tree.kind(step.value) {
            return Err(format!("it is `{}`, an alias of a value that others use as well", tree.written(step.value)));
        }
        let shared =
            |id: Id| (0..tree.len()).any(|other| tree.kind(other) == Kind::Alias(u32::try_from(id).unwrap_or(0)));
        if tree.node(step.value).anchored && shared(step.value) {
            return Err("it has an anchor, and aliases elsewhere stand for the same value".to_owned());
        }
    }
    Ok(())
}

fn add(tree: &Tree<'_>, walk: &Walk, value: &Value) -> Result<Change, String> {
    let Some(into) = walk.steps.last().map(|step| step.value).or((!tree.is_empty()).then_some(0)) else {
        return Err("the document is empty".to_owned());
    };
    let value = || nest(&walk.rest, value.clone());
    match tree.kind(into) {
        _ if is_null(tree, into) => match walk.steps.is_empty() {
            true => Err("the document is empty".to_owned()),
            false => Ok(Change::Fill { null: into, value: value() }),
        },
        _ if walk.exact => Err("there is a value already".to_owned()),
        Kind::Map { .. } => match value() {
            Value::Object(entries) => Ok(Change::Insert { into, entries }),
            _ => Err("lists are appended to, maps are not".to_owned()),
        },
        Kind::List { .. } if walk.rest.first().is_some_and(|first| first == "-") => match value() {
            Value::Array(items) => Ok(Change::Append { list: into, items }),
            _ => Err("it would not be an element of the list".to_owned()),
        },
        Kind::List { .. } => Err("the list has no such element".to_owned()),
        _ => Err(format!("`{}` stands where a map is needed", tree.written(into))),
    }
}

/// The value below parents that are not there: `-` is an element of a list.
fn nest(segments: &[String], value: Value) -> Value {
    segments.iter().rev().fold(value, |value, segment| match segment.as_str() {
        "-" => Value::Array(vec![value]),
        key => Value::Object(Map::from_iter([(key.to_owned(), value)])),
    })
}

fn rewrite(tree: &Tree<'_>, walk: &Walk, value: &Value) -> Result<Change, String> {
    let scalar = walk.steps.last().filter(|_| walk.exact).map(|step| step.value);
    let scalar = scalar.ok_or_else(|| "there is no value".to_owned())?;
    if !matches!(tree.kind(scalar), Kind::Scalar(_)) || matches!(value, Value::Object(_) | Value::Array(_)) {
        return Err("only strings, numbers and booleans are replaced in place".to_owned());
    }
    if is_null(tree, scalar) {
        return Ok(Change::Fill { null: scalar, value: value.clone() });
    }
    Ok(Change::Rewrite { scalar, value: value.clone() })
}

pub(super) fn is_null(tree: &Tree<'_>, id: Id) -> bool {
    matches!(tree.kind(id), Kind::Scalar(style)
        if scalar::resolve(tree.text(id), style, tree.tag_of(id)).is_ok_and(|value| value.is_null()))
}

/// Adds a change, or what it has more than one that is there already.
fn merge(changes: &mut Vec<(String, Change)>, at: &str, change: Change) {
    for (_, there) in changes.iter_mut() {
        match (there, &change) {
            (Change::Insert { into, entries }, Change::Insert { into: same, entries: more }) if into == same => {
                return more.iter().for_each(|(key, value)| put(entries, key, value));
            }
            (Change::Append { list, items }, Change::Append { list: same, items: more }) if list == same => {
                return items.extend(more.iter().cloned());
            }
            (Change::Fill { null, value }, Change::Fill { null: same, value: more }) if null == same => {
                return join(value, more);
            }
            _ => {}
        }
    }
    changes.push((at.to_owned(), change));
}

fn put(entries: &mut Map<String, Value>, key: &str, value: &Value) {
    match entries.get_mut(key) {
        Some(there) => join(there, value),
        None => {
            entries.insert(key.to_owned(), value.clone());
        }
    }
}

/// What is there stays.
fn join(there: &mut Value, more: &Value) {
    match (there, more) {
        (Value::Object(entries), Value::Object(more)) => more.iter().for_each(|(key, value)| put(entries, key, value)),
        (Value::Array(items), Value::Array(more)) => items.extend(more.iter().cloned()),
        _ => {}
    }
}
