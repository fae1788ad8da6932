//! A text into its documents.

use serde::de::IgnoredAny;

use super::document::Document;
use super::events;
use super::quick;
use super::sound::sound;
use super::unreadable::Unreadable;

/// The documents of a text, one after the other; see [`documents`].
#[derive(Clone, Debug)]
pub struct Documents<'t>(Cuts<'t>);

/// The documents of a text, not read yet; see [`cuts`].
#[derive(Clone, Debug)]
pub struct Cuts<'t> {
    text: &'t str,
    /// Where the next one begins; behind the end, nothing is left.
    next: usize,
    /// A JSON text has its documents one behind the other.
    json: bool,
}

/// A document as it stands in its text, to be read on its own.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'t> {
    source: &'t str,
    /// Where it begins in the text, in bytes.
    offset: usize,
    json: bool,
    /// It is no document: it stands behind one of JSON.
    stray: bool,
}

/// One YAML or JSON text (a file, standard input): its documents in order. A document that cannot be read is an
/// [`Unreadable`], and those behind it are still read. Each is read when it is asked for, so that one at a time is held.
///
/// A document begins at every line that begins with `---`, as for kubectl; in a JSON text where the one before ends.
#[must_use]
pub fn documents(text: &str) -> Documents<'_> {
    Documents(cuts(text))
}

/// The same, for who reads only some of them, or several at once.
#[must_use]
pub fn cuts(text: &str) -> Cuts<'_> {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let json = text[bom..].trim_start().starts_with('{');
    Cuts { text, next: bom, json }
}

impl<'t> Iterator for Documents<'t> {
    type Item = Result<Document<'t>, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|cut| cut.read())
    }
}

impl<'t> Iterator for Cuts<'t> {
    type Item = Cut<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next > self.text.len() {
            return None;
        }
        let offset = self.next;
        let rest = &self.text[offset..];
        let json = if self.json && rest.trim_start().starts_with('{') { json_end(rest) } else { None };
        let stray = self.json && json.is_none() && offset > 0 && !rest.trim_start().starts_with(['{', '-', '#']);
        self.json = json.is_some();
        let end = json.or_else(|| boundary(rest)).map_or(self.text.len(), |length| offset + length);
        let left = self.text[end..].trim_start().len();
        self.next = match left {
            0 => self.text.len() + 1,
            left if json.is_some() => self.text.len() - left,
            _ => end,
        };
        Some(Cut { source: &self.text[offset..end], offset, json: json.is_some(), stray })
    }
}

impl<'t> Cut<'t> {
    /// Its text, with its `---` line if it has one.
    #[must_use]
    pub fn source(&self) -> &'t str {
        self.source
    }

    /// Reads it.
    ///
    /// # Errors
    /// What keeps kubectl from reading it too, with its place in the text.
    pub fn read(&self) -> Result<Document<'t>, Unreadable> {
        if self.stray {
            let at = self.offset + self.source.len() - self.source.trim_start().len();
            return Err(Unreadable::new(at, "something stands behind the JSON value", "remove it"));
        }
        read(self.source, self.offset, self.json)
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
