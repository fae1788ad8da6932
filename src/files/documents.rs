//! A text into its documents.

use serde::de::IgnoredAny;

use super::document::Document;
use super::events;
use super::quick;
use super::sound::sound;
use super::unreadable::Unreadable;

/// The documents of a text, one after the other; see [`documents`].
#[derive(Clone, Debug)]
pub struct Documents<'t> {
    text: &'t str,
    /// Where the next one begins; behind the end, nothing is left.
    next: usize,
    /// A JSON text has its documents one behind the other.
    json: bool,
}

/// One YAML or JSON text (a file, standard input): its documents in order. A document that cannot be read is an
/// [`Unreadable`], and those behind it are still read. Each is read when it is asked for, so that one at a time is held.
///
/// A document begins at every line that begins with `---`, as for kubectl; in a JSON text where the one before ends.
#[must_use]
pub fn documents(text: &str) -> Documents<'_> {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let json = text[bom..].trim_start().starts_with('{');
    Documents { text, next: bom, json }
}

impl<'t> Iterator for Documents<'t> {
    type Item = Result<Document<'t>, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next > self.text.len() {
            return None;
        }
        let start = self.next;
        let rest = &self.text[start..];
        let json = if self.json && rest.trim_start().starts_with('{') { json_end(rest) } else { None };
        let behind_json = self.json && json.is_none() && start > 0 && !rest.trim_start().starts_with(['{', '-', '#']);
        self.json = json.is_some();
        let end = json.or_else(|| boundary(rest)).map_or(self.text.len(), |length| start + length);
        let left = self.text[end..].trim_start().len();
        self.next = match left {
            0 => self.text.len() + 1,
            left if json.is_some() => self.text.len() - left,
            _ => end,
        };
        if behind_json {
            let at = end - rest[..end - start].trim_start().len();
            return Some(Err(Unreadable::new(at, "something stands behind the JSON value", "remove it")));
        }
        Some(read(&self.text[start..end], start, json.is_some()))
    }
}

/// Where the JSON value ends that a text begins with, if it is one.
fn json_end(text: &str) -> Option<usize> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(values.byte_offset())
}

/// Where the document ends that a text begins with: at the next line that begins with `---`.
fn boundary(text: &str) -> Option<usize> {
    text.find("\n---").map(|at| at + 1)
}

fn read(source: &str, offset: usize, json: bool) -> Result<Document<'_>, Unreadable> {
    let read = || {
        if u32::try_from(source.len()).is_err() {
            return Err(Unreadable::new(0, "the document is larger than 4 GiB", "split it"));
        }
        separator(source)?;
        let mut tree = match quick::read(source) {
            Some(tree) => tree,
            None => events::read(source)?,
        };
        tree.json = json;
        sound(&tree)?;
        Ok(Document::new(tree, offset))
    };
    read().map_err(|error: Unreadable| error.behind(offset))
}

/// Refuses what kubectl refuses behind `---`.
fn separator(source: &str) -> Result<(), Unreadable> {
    let Some(rest) = source.strip_prefix("---") else {
        return Ok(());
    };
    let line = rest.lines().next().unwrap_or_default().trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(());
    }
    Err(Unreadable::new(
        3,
        format!("`{line}` stands behind `---`"),
        "write it on the next line: kubectl allows only a comment behind `---`",
    ))
}
