//! The nodes of one document, in the order of the text, in one vector: nothing here recurses, whatever the nesting.

use std::borrow::Cow;
use std::ops::Range;

/// The place of a node in its [`Tree`].
pub(super) type Id = usize;

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar(Style),
    Map {
        flow: bool,
    },
    List {
        flow: bool,
    },
    /// Stands for the node with that id.
    Alias(u32),
}

/// One value or key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Where it is written, in bytes from the beginning of the document; without its anchor and tag.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The id behind its last descendant: of its next sibling, if it has one.
    pub(super) next: u32,
    /// Which of [`Tree::texts`] it says, where that is not what is written.
    text: u32,
    pub(super) kind: Kind,
    /// It has an anchor.
    pub(super) anchored: bool,
}

const AS_WRITTEN: u32 = u32::MAX;

/// How many bytes of a manifest there are to a node, about: to have the room for all of them at once.
const NODE: usize = 14;

/// A document.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    /// What it was read from.
    pub(super) source: &'t str,
    /// It is JSON.
    pub(super) json: bool,
    nodes: Vec<Node>,
    texts: Vec<Cow<'t, str>>,
    /// Nodes with a tag, in order.
    tags: Vec<(u32, String)>,
}

impl<'t> Tree<'t> {
    pub(super) fn new(source: &'t str) -> Self {
        Self {
            source,
            json: false,
            nodes: Vec::with_capacity(source.len() / NODE),
            texts: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// Adds a node behind all others. A collection is open until [`close`](Self::close).
    pub(super) fn push(&mut self, kind: Kind, span: Range<usize>, anchored: bool) -> Id {
        let id = self.nodes.len();
        let place = |at: usize| u32::try_from(at).expect("a document is at most 4 GiB long: Documents sees to it");
        let next = if matches!(kind, Kind::Map { .. } | Kind::List { .. }) { 0 } else { place(id + 1) };
        let (start, end) = (place(span.start), place(span.end));
        self.nodes.push(Node { start, end, next, text: AS_WRITTEN, kind, anchored });
        id
    }

    /// What a scalar says, where that differs from what is written.
    pub(super) fn say(&mut self, id: Id, text: Cow<'t, str>) {
        if text != self.source[self.span(id)] {
            self.nodes[id].text = u32::try_from(self.texts.len()).expect("there are fewer texts than bytes");
            self.texts.push(text);
        }
    }

    pub(super) fn tag(&mut self, id: Id, tag: String) {
        self.tags.push((u32::try_from(id).expect("there are fewer nodes than bytes"), tag));
    }

    /// Closes a collection, which ends there.
    pub(super) fn close(&mut self, id: Id, end: usize) {
        self.nodes[id].next = u32::try_from(self.nodes.len()).expect("there are fewer nodes than bytes");
        self.nodes[id].end = u32::try_from(end).expect("the end is in the document");
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id]
    }

    /// Whether a collection has been closed.
    pub(super) fn is_closed(&self, id: Id) -> bool {
        self.nodes[id].next != 0
    }

    pub(super) fn kind(&self, id: Id) -> Kind {
        self.nodes[id].kind
    }

    pub(super) fn span(&self, id: Id) -> Range<usize> {
        self.nodes[id].start as usize..self.nodes[id].end as usize
    }

    /// As it is written.
    pub(super) fn written(&self, id: Id) -> &'t str {
        &self.source[self.span(id)]
    }

    /// What a scalar says.
    pub(super) fn text(&self, id: Id) -> &str {
        let node = &self.nodes[id];
        match self.texts.get(node.text as usize) {
            Some(text) => text,
            None => &self.source[node.start as usize..node.end as usize],
        }
    }

    pub(super) fn tag_of(&self, id: Id) -> Option<&str> {
        if self.tags.is_empty() {
            return None;
        }
        let found = self.tags.binary_search_by_key(&id, |(id, _)| *id as usize).ok()?;
        Some(&self.tags[found].1)
    }

    /// The node itself, or what it is an alias of.
    pub(super) fn target(&self, id: Id) -> Id {
        match self.nodes[id].kind {
            Kind::Alias(target) => target as usize,
            _ => id,
        }
    }

    /// The children of a collection; of a map keys and values in turn. Of anything else none.
    pub(super) fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let end = self.nodes[id].next as usize;
        let mut at = id + 1;
        std::iter::from_fn(move || {
            let child = at;
            (child < end).then(|| {
                at = self.nodes[child].next as usize;
                child
            })
        })
    }

    /// The entries of a map: key and value.
    pub(super) fn entries(&self, id: Id) -> impl Iterator<Item = (Id, Id)> + '_ {
        let mut children = self.children(id);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }
}
