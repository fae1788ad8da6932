//! Edits of the text that make the edits of a finding, and touch nothing else: comments, order, quotes, indentation and
//! line ends stay. Whether the outcome says what it should is checked by reading it; what cannot be done in place is
//! refused with the reason.

mod block;
mod change;
mod expected;
mod flow;
mod layout;
mod quote;
mod quoting;
mod rewrite;

use std::ops::Range;

use super::document::Document;
use super::documents::documents;
use crate::policy::Edit;
use change::Change;

/// Text to put in place of a range of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// What goes, in bytes from the beginning of the text; empty where something is only inserted.
    pub range: Range<usize>,
    /// What comes.
    pub insert: String,
}

/// Why an edit cannot be made in place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct CannotEdit {
    /// JSON pointer of what the edit would write; empty where all edits together fail.
    pub at: String,
    /// The reason, to follow "cannot be edited in place:".
    pub reason: String,
}

impl CannotEdit {
    fn new(at: &str, reason: impl Into<String>) -> Self {
        Self { at: at.to_owned(), reason: reason.into() }
    }
}

/// The edits of `text` that make `edits`, whose pointers lead into that document of it. Missing parents are made; of two
/// edits at the same place the first counts.
///
/// # Errors
/// The first edit that cannot be made in place. None is made then.
pub fn text_edits(document: &Document<'_>, text: &str, edits: &[Edit]) -> Result<Vec<TextEdit>, CannotEdit> {
    let tree = &document.tree;
    let edits = &quoting::quoting(tree, edits);
    let mut made = Vec::new();
    let mut changes = change::changes(tree, edits)?;
    // Where an inner and an outer map end at the same place, what goes into the inner one comes first.
    changes.sort_by_key(|(_, change)| std::cmp::Reverse(change.node()));
    for (at, change) in &changes {
        let pieces = match change {
            Change::Insert { into, entries } if flow::is(tree, *into) => flow::insert(tree, *into, entries),
            Change::Insert { into, entries } => block::insert(tree, *into, entries),
            Change::Append { list, items } if flow::is(tree, *list) => flow::append(tree, *list, items),
            Change::Append { list, items } => block::append(tree, *list, items),
            Change::Fill { null, value } => block::fill(tree, *null, value),
            Change::Rewrite { scalar, value } => rewrite::rewrite(tree, *scalar, value),
        };
        made.extend(pieces.map_err(|reason| CannotEdit::new(at, reason))?);
    }
    for edit in &mut made {
        edit.range = edit.range.start + document.offset..edit.range.end + document.offset;
    }
    verify(document, text, edits, &made)?;
    Ok(made)
}

/// Reads what the edits would make, and compares.
fn verify(document: &Document<'_>, text: &str, edits: &[Edit], made: &[TextEdit]) -> Result<(), CannotEdit> {
    let end = document.offset + document.tree.source.len();
    let inside: Vec<TextEdit> = made
        .iter()
        .map(|edit| TextEdit {
            range: edit.range.start - document.offset..edit.range.end - document.offset,
            insert: edit.insert.clone(),
        })
        .collect();
    let mut after = apply(text.get(document.offset..end).unwrap_or_default(), inside);
    after.push_str(behind(text, end));
    let expected = expected::expected((&document.value()).into(), edits);
    match documents(&after).next() {
        Some(Ok(read)) if expected == Some(read.value().into()) => Ok(()),
        _ => Err(CannotEdit::new(
            edits.first().map_or("", Edit::at),
            "the text around it is written in a way that does not allow it without changing something else",
        )),
    }
}

/// What stands behind a document before the next marker: documents of JSON, or what cannot be read. Once the document is
/// edited, it must not have become a part of it.
fn behind(text: &str, end: usize) -> &str {
    let (before, rest) = text.split_at_checked(end).unwrap_or_default();
    // A marker is one at the beginning of a line only.
    let marker = rest.starts_with("---") && (before.is_empty() || before.ends_with('\n'));
    if marker { "" } else { rest.split("\n---").next().unwrap_or_default() }
}

/// The text after these edits. Edits at the same place come in their order; one that overlaps with an earlier one is not
/// made.
#[must_use]
pub fn apply(text: &str, mut edits: Vec<TextEdit>) -> String {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut after = String::with_capacity(text.len() + edits.iter().map(|edit| edit.insert.len()).sum::<usize>());
    let mut at = 0;
    for edit in edits {
        let Some(kept) = text.get(at..edit.range.start) else {
            continue;
        };
        after.push_str(kept);
        after.push_str(&edit.insert);
        at = edit.range.end;
    }
    after.push_str(text.get(at..).unwrap_or_default());
    after
}
