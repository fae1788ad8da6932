//! From JSON pointers to places in the text.

use std::borrow::Cow;
use std::ops::Range;

use super::document::Document;
use super::tree::{Id, Kind, Tree};
use super::value;
use crate::policy::unescape;

/// Where a value is written, in bytes from the beginning of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The value; of a map or list in block style from its first to its last entry.
    pub span: Range<usize>,
    /// Its key, unless it is an element of a list or the document itself.
    pub key: Option<Range<usize>>,
    /// Whether the value itself is meant; otherwise this is the nearest that is there of what contains it.
    pub exact: bool,
}

impl Document<'_> {
    /// Every place where the value of a JSON pointer stands, if it is there: its own, and that of what its alias points to.
    #[must_use]
    pub fn all_places(&self, pointer: &str) -> Vec<Range<usize>> {
        let walk = walk(&self.tree, pointer);
        let Some(step) = walk.steps.last().filter(|_| walk.exact) else { return Vec::new() };
        let mut ids = vec![step.value, self.tree.target(step.value)];
        ids.dedup();
        let span = |id: Id| self.tree.span(id).start + self.offset..self.tree.span(id).end + self.offset;
        ids.into_iter().map(span).collect()
    }

    /// Where the value of a JSON pointer is written; behind an alias or a merge key, where that points to.
    #[must_use]
    pub fn locate(&self, pointer: &str) -> Place {
        let walk = walk(&self.tree, pointer);
        let place = |id: Id| {
            let span = self.tree.span(id);
            span.start + self.offset..span.end + self.offset
        };
        match walk.steps.last() {
            Some(step) => Place { span: place(step.value), key: step.key.map(place), exact: walk.exact },
            None if self.tree.is_empty() => Place { span: self.offset..self.offset, key: None, exact: false },
            None => Place { span: place(0), key: None, exact: walk.exact },
        }
    }
}

/// One step of a pointer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) key: Option<Id>,
    /// May be an alias.
    pub(super) value: Id,
    /// It came by a merge key.
    pub(super) merged: bool,
}

/// As far as a pointer leads.
pub(super) struct Walk {
    pub(super) steps: Vec<Step>,
    /// It leads to its end.
    pub(super) exact: bool,
    /// The segments that lead nowhere.
    pub(super) rest: Vec<String>,
}

/// Follows a pointer.
pub(super) fn walk(tree: &Tree<'_>, pointer: &str) -> Walk {
    let mut segments = pointer.split('/').skip(1).map(unescape);
    let mut walk = Walk { steps: Vec::new(), exact: !tree.is_empty(), rest: Vec::new() };
    if tree.is_empty() {
        walk.rest = segments.map(Cow::into_owned).collect();
        return walk;
    }
    let mut at = 0;
    while let Some(segment) = segments.next() {
        let Some(step) = child(tree, at, &segment) else {
            walk.exact = false;
            walk.rest = std::iter::once(segment).chain(segments).map(Cow::into_owned).collect();
            return walk;
        };
        walk.steps.push(step);
        at = tree.target(step.value);
    }
    walk
}

/// What a map or list has under a name or number.
pub(super) fn child(tree: &Tree<'_>, id: Id, name: &str) -> Option<Step> {
    match tree.kind(id) {
        Kind::Map { .. } => entry(tree, id, name),
        Kind::List { .. } => {
            let value = tree.children(id).nth(name.parse().ok()?)?;
            Some(Step { key: None, value, merged: false })
        }
        _ => None,
    }
}

/// The entry that counts: the last of that name, also of those merged in.
fn entry(tree: &Tree<'_>, map: Id, name: &str) -> Option<Step> {
    let mut found = None;
    for (key, of) in tree.entries(map) {
        if value::is_merge(tree, key) {
            let merged = value::merged(tree, of).into_iter().rev().find_map(|map| child(tree, map, name));
            found = merged.map(|step| Step { merged: true, ..step }).or(found);
        } else if value::key(tree, key).is_some_and(|key| key == name) {
            found = Some(Step { key: Some(key), value: of, merged: false });
        }
    }
    found
}
