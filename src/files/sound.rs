//! What a document must not contain although YAML allows it: what kubectl or JSON refuses, and what would explode.

use std::collections::HashSet;

use super::events::MAX_DEPTH;
use super::tree::{Id, Kind, Tree};
use super::unreadable::{TEMPLATE, Unreadable, template};
use super::value;

/// How many values aliases may stand for, together. go-yaml's bound is of the same size.
const MAX_ALIASED: u64 = 400_000;

/// Looks at every node once.
pub(super) fn sound(tree: &Tree<'_>) -> Result<(), Unreadable> {
    let mut sizes = Sizes::default();
    let aliases = (0..tree.len()).any(|id| matches!(tree.kind(id), Kind::Alias(_)));
    if aliases {
        sizes.measure(tree)?;
    }
    for id in 0..tree.len() {
        match tree.kind(id) {
            Kind::Map { .. } => keys(tree, id)?,
            Kind::Scalar(style) => {
                let value = super::scalar::check(tree.text(id), style, tree.tag_of(id));
                value.map_err(|problem| Unreadable::new(tree.span(id).start, problem, "put it in quotes"))?;
            }
            Kind::List { .. } | Kind::Alias(_) => {}
        }
    }
    Ok(())
}

/// Every key is a scalar that JSON can have as a key, and none is there twice.
fn keys(tree: &Tree<'_>, map: Id) -> Result<(), Unreadable> {
    let mut seen = HashSet::new();
    for (key, of) in tree.entries(map) {
        let at = tree.span(key).start;
        if value::is_merge(tree, key) {
            merges(tree, of)?;
            continue;
        }
        let Some(name) = value::key(tree, key) else {
            let advice = if template(tree.source, at) { TEMPLATE } else { "write a string as the key" };
            return Err(Unreadable::new(at, "JSON, and so Kubernetes, has no such keys", advice));
        };
        if !seen.insert(name) {
            let written = tree.written(key);
            return Err(Unreadable::new(
                at,
                format!("the key `{written}` is there twice"),
                "remove one: kubectl would silently use the last",
            ));
        }
    }
    Ok(())
}

/// What is merged into a map must be maps.
fn merges(tree: &Tree<'_>, of: Id) -> Result<(), Unreadable> {
    let is_map = |id: Id| matches!(tree.kind(tree.target(id)), Kind::Map { .. });
    let maps = match tree.kind(of) {
        Kind::List { .. } => tree.children(of).all(is_map),
        _ => is_map(of),
    };
    if maps {
        return Ok(());
    }
    Err(Unreadable::new(tree.span(of).start, "`<<` merges maps, and this is none", "name maps here"))
}

/// How large and deep values are when every alias is replaced by what it stands for.
#[derive(Default)]
struct Sizes {
    /// By node: values inside, and levels.
    of: Vec<(u64, usize)>,
}

impl Sizes {
    fn measure(&mut self, tree: &Tree<'_>) -> Result<(), Unreadable> {
        let mut aliased = 0;
        self.of = vec![(1, 1); tree.len()];
        // Children come behind their parents, and aliases behind what they stand for: once forwards for
        // the aliases would miss the sizes of collections, so each collection is measured when its end is reached.
        let mut open: Vec<Id> = Vec::new();
        for id in 0..=tree.len() {
            while let Some(&top) = open.last().filter(|top| tree.node(**top).next as usize <= id) {
                open.pop();
                self.of[top] = tree.children(top).fold((1, 1), |(size, depth), child| {
                    let (inner, levels) = self.of[child];
                    (inner.saturating_add(size), depth.max(levels + 1))
                });
                self.bounded(tree, top)?;
            }
            if id == tree.len() {
                break;
            }
            match tree.kind(id) {
                Kind::Map { .. } | Kind::List { .. } => open.push(id),
                Kind::Alias(target) => {
                    self.of[id] = self.of[target as usize];
                    aliased += self.of[id].0;
                    if aliased > MAX_ALIASED {
                        return Err(too_much(tree, id));
                    }
                }
                Kind::Scalar(_) => {}
            }
        }
        Ok(())
    }

    fn bounded(&self, tree: &Tree<'_>, id: Id) -> Result<(), Unreadable> {
        let (size, depth) = self.of[id];
        if depth > MAX_DEPTH || size > MAX_ALIASED + tree.len() as u64 {
            return Err(too_much(tree, id));
        }
        Ok(())
    }
}

fn too_much(tree: &Tree<'_>, id: Id) -> Unreadable {
    let at = tree.span(id).start;
    Unreadable::new(at, "with its aliases written out, this document would be enormous", "use fewer aliases of aliases")
}
