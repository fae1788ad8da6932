//! What a document must not contain although YAML allows it: what kubectl or JSON refuses, and what would explode.

use std::borrow::Cow;
use std::collections::HashSet;

use super::events::MAX_DEPTH;
use super::scalar;
use super::tree::{Id, Kind, Style, Tree};
use super::unreadable::{TEMPLATE, Unreadable, template};
use super::value;

/// How many values aliases may stand for, together. go-yaml's bound is of the same size.
const MAX_ALIASED: u64 = 400_000;

/// Looks at every node once.
pub(super) fn sound(tree: &Tree<'_>) -> Result<(), Unreadable> {
    if tree.source.contains('*') {
        Sizes::default().measure(tree)?;
    }
    if tree.source.contains('\t') && !tree.json {
        tabs(tree)?;
    }
    for id in 0..tree.len() {
        match tree.kind(id) {
            Kind::Map { .. } => keys(tree, id)?,
            Kind::Scalar(style) => {
                let checked = scalar::check(tree.text(id), style, tree.tag_of(id));
                checked.map_err(|problem| Unreadable::new(tree.span(id).start, problem, "put it in quotes"))?;
                if style == Style::Double && !tree.json {
                    escapes(tree, id)?;
                }
            }
            Kind::List { .. } | Kind::Alias(_) => {}
        }
    }
    Ok(())
}

/// kubectl's parser knows fewer escapes than JSON and YAML 1.2 have.
fn escapes(tree: &Tree<'_>, id: Id) -> Result<(), Unreadable> {
    let written = tree.written(id);
    let mut at = 0;
    while let Some(found) = written[at..].find('\\') {
        let escape = &written[at + found..];
        let hex = escape.strip_prefix("\\u").and_then(|rest| u16::from_str_radix(rest.get(..4)?, 16).ok());
        if escape.starts_with("\\/") || hex.is_some_and(|unit| (0xd800..0xe000).contains(&unit)) {
            let at = tree.span(id).start + at + found;
            return Err(Unreadable::new(at, "kubectl knows this escape only in JSON", "write the character itself"));
        }
        at += found + 2;
    }
    Ok(())
}

/// A tab before a key, a value on its own line or behind a dash: other parsers than kubectl's let it pass.
fn tabs(tree: &Tree<'_>) -> Result<(), Unreadable> {
    let mut id = 0;
    while id < tree.len() {
        let span = tree.span(id);
        let before = &tree.source[..span.start];
        let token = before.trim_end_matches([' ', '\t']);
        let begins = token.is_empty() || token.ends_with(['\n', '-', '?']);
        if begins && before[token.len()..].contains('\t') && !span.is_empty() {
            return Err(Unreadable::new(token.len(), "a tab stands where only spaces may", "indent with spaces"));
        }
        let flow = matches!(tree.kind(id), Kind::Map { flow: true } | Kind::List { flow: true });
        id = if flow { tree.node(id).next as usize } else { id + 1 };
    }
    Ok(())
}

/// Every key is a scalar that JSON can have as a key, and none is there twice.
fn keys(tree: &Tree<'_>, map: Id) -> Result<(), Unreadable> {
    let mut names = Names::of(tree.children(map).count() / 2);
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
        if !names.insert(name) {
            return Err(Unreadable::new(
                at,
                format!("the key `{}` is there twice", tree.written(key)),
                "remove one: kubectl would silently use the last",
            ));
        }
        if tree.kind(map) == (Kind::Map { flow: true }) && glued(tree, key, of) {
            let problem = format!("kubectl takes `{}:` for a key without a value", tree.written(key));
            return Err(Unreadable::new(at, problem, "put a space behind the colon"));
        }
    }
    Ok(())
}

/// `{a:}`: nothing between the colon of a plain key and what follows.
fn glued(tree: &Tree<'_>, key: Id, of: Id) -> bool {
    let span = tree.span(of);
    tree.kind(key) == Kind::Scalar(Style::Plain)
        && span.is_empty()
        && tree.source[..span.end].ends_with(':')
        && tree.source[span.end..].starts_with([',', '}', ']'])
}

/// The names in one map: looked through while they are few.
struct Names<'a> {
    few: Vec<Cow<'a, str>>,
    many: HashSet<Cow<'a, str>>,
}

const FEW: usize = 16;

impl<'a> Names<'a> {
    /// Room for that many, and more.
    fn of(count: usize) -> Self {
        Self { few: Vec::with_capacity(count.min(FEW)), many: HashSet::new() }
    }

    /// Whether the name is new.
    fn insert(&mut self, name: Cow<'a, str>) -> bool {
        if self.few.len() < FEW {
            let new = !self.few.contains(&name);
            self.few.push(name);
            return new;
        }
        !self.few.contains(&name) && self.many.insert(name)
    }
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
