//! New entries in flow style, `{a: b}` and JSON.

use serde_json::{Map, Value};

use super::super::tree::{Id, Kind, Style, Tree};
use super::{TextEdit, layout, quote};

type Edits = Result<Vec<TextEdit>, String>;

/// Whether a node is a map or list in flow style.
pub(super) fn is(tree: &Tree<'_>, id: Id) -> bool {
    matches!(tree.kind(id), Kind::Map { flow: true } | Kind::List { flow: true })
}

/// Entries behind the last of a flow map.
pub(super) fn insert(tree: &Tree<'_>, map: Id, entries: &Map<String, Value>) -> Edits {
    let pen = Pen::new(tree, map);
    let first = tree.entries(map).last().map(|(key, _)| key);
    behind(tree, map, first, entries.iter().map(|(key, value)| pen.entry(key, value)).collect(), &pen)
}

/// Elements behind the last of a flow list.
pub(super) fn append(tree: &Tree<'_>, list: Id, items: &[Value]) -> Edits {
    let pen = Pen::new(tree, list);
    let first = tree.children(list).last();
    behind(tree, list, first, items.iter().map(|item| pen.value(item)).collect(), &pen)
}

/// `last` is where the last entry begins.
fn behind(tree: &Tree<'_>, collection: Id, last: Option<Id>, entries: Vec<String>, pen: &Pen) -> Edits {
    let span = tree.span(collection);
    if !tree.source[span.clone()].starts_with(['{', '[']) {
        return Err("it is a pair in a list without braces of its own".to_owned());
    }
    let Some(last) = last else {
        let insert = entries.join(&format!(",{}", pen.space));
        return Ok(vec![TextEdit { range: span.start + 1..span.start + 1, insert }]);
    };
    let end = tree.children(collection).last().map_or(span.start + 1, |child| tree.span(child).end);
    let rest = &tree.source[end..span.end];
    let comma = rest.trim_start().starts_with(',');
    if !rest.contains('\n') {
        let insert = entries.iter().map(|entry| format!(",{}{entry}", pen.space)).collect();
        return Ok(vec![TextEdit { range: end..end, insert }]);
    }
    // One entry a line: each new one on its own, behind the comment of the last.
    let break_ = format!("{}{}", layout::line_end(tree), " ".repeat(layout::column(tree, tree.span(last).start)));
    let lines = format!("{break_}{}{}", entries.join(&format!(",{break_}")), if comma { "," } else { "" });
    let line = layout::end_of_line(tree, end);
    let mut edits = vec![TextEdit { range: line..line, insert: lines }];
    if !comma {
        edits.insert(0, TextEdit { range: end..end, insert: ",".to_owned() });
    }
    Ok(edits)
}

/// Writes values as the neighbours are written.
pub(super) struct Pen {
    pub(super) quotes: Style,
    /// Keys and strings in double quotes.
    pub(super) json: bool,
    /// Behind `,` and `:`.
    pub(super) space: &'static str,
}

impl Pen {
    pub(super) fn new(tree: &Tree<'_>, collection: Id) -> Self {
        // The elements of a list are no keys.
        let map = |id: Id| matches!(tree.kind(id), Kind::Map { flow: true });
        let first = |id: Id| tree.entries(id).next().filter(|_| map(id)).map(|(key, _)| key);
        let key = first(collection).or_else(|| first(0));
        let json = key.is_some_and(|key| tree.kind(key) == Kind::Scalar(Style::Double));
        let tight = json && key.is_some_and(|key| !tree.source[tree.span(key).end..].starts_with([' ', ':']));
        let tight = tight || (json && key.is_some_and(|key| is_tight(&tree.source[tree.span(key).end..])));
        Self { quotes: quote::neighbours(tree, Some(collection)), json, space: if tight { "" } else { " " } }
    }

    fn entry(&self, key: &str, value: &Value) -> String {
        format!("{}:{}{}", self.string(key), self.space, self.value(value))
    }

    /// A value on one line.
    pub(super) fn value(&self, value: &Value) -> String {
        let between = format!(",{}", self.space);
        match value {
            Value::String(text) => self.string(text),
            Value::Object(map) => {
                let entries: Vec<String> = map.iter().map(|(key, value)| self.entry(key, value)).collect();
                format!("{{{}}}", entries.join(&between))
            }
            Value::Array(list) => {
                let items: Vec<String> = list.iter().map(|item| self.value(item)).collect();
                format!("[{}]", items.join(&between))
            }
            other => other.to_string(),
        }
    }

    fn string(&self, text: &str) -> String {
        if self.json { quote::quoted(text, Style::Double) } else { quote::string(text, self.quotes, true) }
    }
}

/// Whether no space follows the `:`.
fn is_tight(behind_key: &str) -> bool {
    behind_key.strip_prefix(':').is_some_and(|rest| !rest.starts_with([' ', '\n', '\r']))
}
