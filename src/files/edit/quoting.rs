//! A value that becomes the string of itself is put in quotes as its author wrote it: `1.10` is "1.10" and `off` is "off",
//! whatever YAML made of them.

use serde_json::Value;

use super::super::locate::walk;
use super::super::scalar;
use super::super::tree::{Kind, Style, Tree};
use crate::json;
use crate::policy::Edit;

/// The edits, with the author's text in those that only make a string of a number or boolean.
pub(super) fn quoting(tree: &Tree<'_>, edits: &[Edit]) -> Vec<Edit> {
    let quoted = |edit: &Edit| match edit {
        Edit::Replace { at, value: Value::String(new) } => {
            let text = text_of(tree, at, new)?;
            Some(Edit::Replace { at: at.clone(), value: Value::String(text.to_owned()) })
        }
        _ => None,
    };
    edits.iter().map(|edit| quoted(edit).unwrap_or_else(|| edit.clone())).collect()
}

/// How the value at a pointer is written, if it is a number or boolean that reads as `new`.
fn text_of<'t>(tree: &'t Tree<'_>, at: &str, new: &str) -> Option<&'t str> {
    let walk = walk(tree, at);
    let id = tree.target(walk.steps.last().filter(|_| walk.exact)?.value);
    let (Kind::Scalar(Style::Plain), None) = (tree.kind(id), tree.tag_of(id)) else { return None };
    let text = tree.text(id);
    let reads = match scalar::resolve(text, Style::Plain, None).ok()? {
        json::Value::Bool(flag) => flag.to_string(),
        json::Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (reads == new).then_some(text)
}
