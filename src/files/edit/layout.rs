//! How a document is laid out: line ends, columns, steps of indentation.

use super::super::tree::{Id, Kind, Tree};

/// What ends the lines of that document.
pub(super) fn line_end(tree: &Tree<'_>) -> &'static str {
    let end = tree.source.find('\n');
    if end.is_some_and(|end| tree.source[..end].ends_with('\r')) { "\r\n" } else { "\n" }
}

/// Where the line ends that a place is on, before its line break.
pub(super) fn end_of_line(tree: &Tree<'_>, at: usize) -> usize {
    let end = tree.source[at..].find('\n').map_or(tree.source.len(), |length| at + length);
    if tree.source[at..end].ends_with('\r') { end - 1 } else { end }
}

/// How many characters are on the line before that place.
pub(super) fn column(tree: &Tree<'_>, at: usize) -> usize {
    let start = tree.source[..at].rfind('\n').map_or(0, |end| end + 1);
    tree.source[start..at].chars().count()
}

/// The node that contains another: its map or list.
pub(super) fn parent(tree: &Tree<'_>, id: Id) -> Option<Id> {
    (0..id).rev().find(|other| {
        matches!(tree.kind(*other), Kind::Map { .. } | Kind::List { .. }) && tree.node(*other).next as usize > id
    })
}

/// How the maps and lists of a document are indented.
#[derive(Clone, Copy, Debug)]
pub(super) struct Indent {
    /// A map below the key that has it.
    pub(super) map: usize,
    /// The dashes of a list below the key that has it.
    pub(super) list: usize,
}

impl Indent {
    /// As it is done nearest to a node: in its map, in what contains that, or anywhere; else as kubectl prints it.
    pub(super) fn near(tree: &Tree<'_>, id: Id) -> Self {
        let mut around = vec![id];
        while let Some(parent) = around.last().and_then(|id| parent(tree, *id)) {
            around.push(parent);
        }
        let step = |lists: bool| {
            let near = around.iter().find_map(|id| step(tree, *id, lists));
            near.or_else(|| (0..tree.len()).find_map(|id| step(tree, id, lists)))
        };
        Self { map: step(false).unwrap_or(2), list: step(true).unwrap_or(0) }
    }
}

/// How far the block maps, or lists, among the values of a block map are indented.
fn step(tree: &Tree<'_>, id: Id, lists: bool) -> Option<usize> {
    if tree.kind(id) != (Kind::Map { flow: false }) {
        return None;
    }
    let wanted = if lists { Kind::List { flow: false } } else { Kind::Map { flow: false } };
    let (key, value) = tree.entries(id).find(|(_, value)| tree.kind(*value) == wanted)?;
    column(tree, tree.span(value).start).checked_sub(column(tree, tree.span(key).start))
}
