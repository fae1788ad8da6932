//! New entries in block style: on lines of their own.

use serde_json::{Map, Value};

use super::super::tree::{Id, Kind, Style, Tree};
use super::layout::{self, Indent};
use super::{TextEdit, flow, quote};

type Edits = Result<Vec<TextEdit>, String>;

/// Entries behind the last of a block map.
pub(super) fn insert(tree: &Tree<'_>, map: Id, entries: &Map<String, Value>) -> Edits {
    let pen = Pen::new(tree, map);
    let column = layout::column(tree, tree.span(map).start);
    let lines: Vec<String> = entries.iter().map(|(key, value)| pen.entry(key, value, column)).collect();
    Ok(vec![lines_behind(tree, map, &lines, column)])
}

/// Elements behind the last of a block list.
pub(super) fn append(tree: &Tree<'_>, list: Id, items: &[Value]) -> Edits {
    let pen = Pen::new(tree, list);
    let column = layout::column(tree, tree.span(list).start);
    let lines: Vec<String> = items.iter().map(|item| format!("- {}", pen.item(item, column + 2))).collect();
    Ok(vec![lines_behind(tree, list, &lines, column)])
}

fn lines_behind(tree: &Tree<'_>, collection: Id, lines: &[String], column: usize) -> TextEdit {
    let end = layout::line_end(tree);
    let indent = " ".repeat(column);
    let lines = lines.join(&format!("{end}{indent}"));
    let last = tree.node(collection).next as usize - 1;
    let at = tree.span(last).end;
    if tree.source[..at].ends_with('\n') {
        return TextEdit { range: at..at, insert: format!("{indent}{lines}{end}") };
    }
    let at = layout::end_of_line(tree, at);
    TextEdit { range: at..at, insert: format!("{end}{indent}{lines}") }
}

/// A value for a key, or a list's dash, that has none.
pub(super) fn fill(tree: &Tree<'_>, null: Id, value: &Value) -> Edits {
    let node = tree.node(null);
    if node.anchored || tree.tag_of(null).is_some() {
        return Err("it has an anchor or a tag".to_owned());
    }
    let span = tree.span(null);
    let parent = layout::parent(tree, null).ok_or("the document is empty")?;
    let key = tree.entries(parent).find(|(_, of)| *of == null).map(|(key, _)| key);
    let block_map = tree.kind(parent) == (Kind::Map { flow: false });
    let (Some(key), true, true) = (key, block_map, is_nested(value)) else {
        let space = if span.is_empty() { " " } else { "" };
        let text = if flow::is(tree, parent) {
            flow::Pen::new(tree, parent).value(value)
        } else {
            Pen::new(tree, parent).inline(value)
        };
        return Ok(vec![TextEdit { range: span, insert: format!("{space}{text}") }]);
    };
    let column = layout::column(tree, tree.span(key).start);
    let text = Pen::new(tree, parent).below(value, column);
    let end = layout::end_of_line(tree, span.end);
    let before = tree.source[..span.start].trim_end_matches(' ').len();
    let mut edits = vec![TextEdit { range: end..end, insert: text }];
    if !span.is_empty() {
        edits.insert(0, TextEdit { range: before..span.end, insert: String::new() });
    }
    Ok(edits)
}

/// Whether a value takes lines of its own in block style.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => false,
    }
}

/// Writes values as the neighbours are written.
struct Pen {
    end: &'static str,
    indent: Indent,
    quotes: Style,
}

impl Pen {
    fn new(tree: &Tree<'_>, near: Id) -> Self {
        Self {
            end: layout::line_end(tree),
            indent: Indent::near(tree, near),
            quotes: quote::neighbours(tree, Some(near)),
        }
    }

    /// `key: value`, in a map whose keys are in that column.
    fn entry(&self, key: &str, value: &Value, column: usize) -> String {
        let key = self.string(key);
        let space = if is_nested(value) { "" } else { " " };
        format!("{key}:{space}{}", self.below(value, column))
    }

    /// What stands behind the `:` of a key in that column.
    fn below(&self, value: &Value, column: usize) -> String {
        match value {
            Value::Object(map) if !map.is_empty() => {
                let column = column + self.indent.map;
                let start = format!("{}{}", self.end, " ".repeat(column));
                map.iter().map(|(key, value)| format!("{start}{}", self.entry(key, value, column))).collect()
            }
            Value::Array(list) if !list.is_empty() => {
                let column = column + self.indent.list;
                let start = format!("{}{}- ", self.end, " ".repeat(column));
                list.iter().map(|item| format!("{start}{}", self.item(item, column + 2))).collect()
            }
            _ => self.inline(value),
        }
    }

    /// What stands behind a dash, the column counted behind it.
    fn item(&self, value: &Value, column: usize) -> String {
        let between = format!("{}{}", self.end, " ".repeat(column));
        let lines: Vec<String> = match value {
            Value::Object(map) if !map.is_empty() => {
                map.iter().map(|(key, value)| self.entry(key, value, column)).collect()
            }
            Value::Array(list) if !list.is_empty() => {
                list.iter().map(|item| format!("- {}", self.item(item, column + 2))).collect()
            }
            _ => vec![self.inline(value)],
        };
        lines.join(&between)
    }

    /// On one line.
    fn inline(&self, value: &Value) -> String {
        match value {
            Value::String(text) => self.string(text),
            value => flow::Pen { quotes: self.quotes, json: false, space: " " }.value(value),
        }
    }

    fn string(&self, text: &str) -> String {
        quote::string(text, self.quotes, false)
    }
}
