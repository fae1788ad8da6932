//! From nodes to JSON values, aliases and merge keys written out.
//!
//! Recursion is safe: [`sound`](super::sound) bounds how deep and how large a document is with its aliases written out.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::scalar;
use super::tree::{Id, Kind, Style, Tree};
use crate::json::Value;

/// What becomes of scalars that are not strings where Kubernetes wants strings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalars {
    /// Typed, as kubectl types them.
    Typed,
    /// Their text, in annotations, labels and the values of environment variables.
    AsWritten,
}

/// The value of a node.
pub(super) fn build(tree: &Tree<'_>, id: Id, scalars: Scalars) -> Value {
    let id = tree.target(id);
    match tree.kind(id) {
        // JSON's numbers are as they are: `1.0` stays `1.0`.
        Kind::Scalar(Style::Plain) if tree.json => serde_json::from_str(tree.text(id)).unwrap_or_default(),
        Kind::Scalar(style) => scalar::resolve(tree.text(id), style, tree.tag_of(id)).unwrap_or_default(),
        Kind::Map { .. } => {
            let mut entries = Vec::with_capacity(tree.children(id).count() / 2);
            fill(tree, id, scalars, &mut entries);
            Value::Object(entries.into_iter().collect())
        }
        Kind::List { .. } => {
            let mut items = Vec::with_capacity(tree.children(id).count());
            items.extend(tree.children(id).map(|child| build(tree, child, scalars)));
            Value::Array(items.into_boxed_slice())
        }
        Kind::Alias(_) => Value::Null,
    }
}

/// Entries in their order, later ones over earlier ones: also those that are merged in, as go-yaml does it.
fn fill(tree: &Tree<'_>, map: Id, scalars: Scalars, into: &mut Vec<(SmolStr, Value)>) {
    for (key, of) in tree.entries(map) {
        if is_merge(tree, key) {
            for source in merged(tree, of) {
                fill(tree, source, scalars, into);
            }
            continue;
        }
        let Some(name) = self::key(tree, key) else {
            continue;
        };
        let mut value = build(tree, of, scalars);
        if scalars == Scalars::AsWritten {
            as_written(tree, &name, of, &mut value);
        }
        into.push((name.into(), value));
    }
}

/// The maps that a merge key names, those that win last.
pub(super) fn merged(tree: &Tree<'_>, of: Id) -> Vec<Id> {
    match tree.kind(of) {
        Kind::List { .. } => {
            let mut maps: Vec<Id> = tree.children(of).map(|child| tree.target(child)).collect();
            maps.reverse();
            maps
        }
        _ => vec![tree.target(of)],
    }
}

/// Makes strings of what Kubernetes wants as strings below that key.
fn as_written(tree: &Tree<'_>, name: &str, of: Id, value: &mut Value) {
    let of = tree.target(of);
    match (name, &mut *value) {
        ("annotations" | "labels", Value::Object(map)) => {
            for (key, of) in tree.entries(of) {
                if let Some(value) = self::key(tree, key).and_then(|name| map.get_mut(&name)) {
                    text_of(tree, of, value);
                }
            }
        }
        ("env", Value::Array(list)) => {
            for (variable, value) in tree.children(of).zip(list) {
                let value = value.get_mut("value");
                if let (Some(of), Some(value)) = (super::locate::child(tree, tree.target(variable), "value"), value) {
                    text_of(tree, of.value, value);
                }
            }
        }
        _ => {}
    }
}

fn text_of(tree: &Tree<'_>, of: Id, value: &mut Value) {
    if matches!(value, Value::Bool(_) | Value::Number(_)) {
        *value = tree.text(tree.target(of)).into();
    }
}

/// Whether a key is `<<`.
pub(super) fn is_merge(tree: &Tree<'_>, key: Id) -> bool {
    let tag = tree.tag_of(key);
    let plain = tree.kind(key) == Kind::Scalar(Style::Plain) && tag.is_none();
    (plain || tag == Some("tag:yaml.org,2002:merge")) && tree.text(key) == "<<"
}

/// The name that a key has in JSON: of a number or boolean as Go prints it. Nothing where JSON can have no such key.
pub(super) fn key<'a>(tree: &'a Tree<'_>, key: Id) -> Option<Cow<'a, str>> {
    let key = tree.target(key);
    let Kind::Scalar(style) = tree.kind(key) else {
        return None;
    };
    scalar::key(tree.text(key), style, tree.tag_of(key))
}
