//! A reader for the YAML that nearly all manifests are written in, several times as fast as the parser of the whole
//! language (measured by `benches/yaml.rs`): block maps and lists, scalars on one line, literal text, flow style on one
//! line, and JSON.
//!
//! Whatever it does not know, and whatever looks wrong, makes it give up: then [`events`](super::events) reads the
//! document. Where it does not give up it makes the same [`Tree`], node by node; property tests compare the two.

mod flow;
mod scalar;
#[cfg(test)]
mod tests;

use super::tree::{Id, Kind, Style, Tree};

/// Reads one document, or gives up.
pub(super) fn read(source: &str) -> Option<Tree<'_>> {
    let mut reader = Reader { source, at: 0, cursor: 0, tree: Tree::new(source), open: Vec::new(), empty: None };
    if !is_printable(source) {
        return None;
    }
    reader.document()?;
    Some(reader.tree)
}

/// Whether there is neither a control character but `\n`, nor one of those that some YAML readers take for a line break.
fn is_printable(source: &str) -> bool {
    let control = |byte: u8| (byte < b' ' && byte != b'\n') || byte == 0x7f;
    // Without a way out in the middle, many bytes are looked at at once.
    let mut chunks = source.as_bytes().chunks(64);
    let ascii = chunks.all(|chunk| !chunk.iter().fold(false, |any, byte| any | control(*byte)));
    let odd =
        |c: char| matches!(c, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    ascii && (source.is_ascii() || !source.contains(odd))
}

/// A map or list in block style that is not at its end.
struct Open {
    id: Id,
    /// Of its keys or dashes.
    column: usize,
    list: bool,
}

struct Reader<'t> {
    source: &'t str,
    at: usize,
    /// Where the last node ends.
    cursor: usize,
    tree: Tree<'t>,
    open: Vec<Open>,
    /// Behind the `:` or `-` whose value is still to come.
    empty: Option<usize>,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Option<()> {
        if self.source.starts_with("---") {
            self.at = 3;
            self.rest_of_line()?;
        }
        loop {
            let start = self.at;
            self.spaces();
            match self.byte() {
                None => break,
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(b'{' | b'[') if self.tree.is_empty() => {
                    self.flow(true)?;
                    self.rest_of_line()?;
                    return self.nothing_left();
                }
                Some(_) => self.line(start)?,
            }
        }
        self.fill();
        while self.close() {}
        // An empty document is a null at a place that the parser knows best.
        (!self.tree.is_empty()).then_some(())
    }

    fn nothing_left(&mut self) -> Option<()> {
        loop {
            self.spaces();
            match self.byte() {
                None => return Some(()),
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(_) => return None,
            }
        }
    }

    /// Reads from the first character of a line on that begins there.
    fn line(&mut self, start: usize) -> Option<()> {
        let column = self.at - start;
        let dash = self.is_dash();
        if column == 0 && self.source[self.at..].starts_with("...") {
            return None;
        }
        let Some(top) = self.open.last() else {
            // The root, and only once.
            return if self.tree.is_empty() { self.begin(column, start) } else { None };
        };
        let deeper = column > top.column;
        if self.empty.is_some() && (deeper || (dash && !top.list && column == top.column)) {
            self.empty = None;
            return self.begin(column, start);
        }
        if deeper {
            return None;
        }
        self.fill();
        while self.open.last().is_some_and(|top| top.column > column || (top.column == column && top.list && !dash)) {
            self.close();
        }
        let top = self.open.last()?;
        if top.column != column || top.list != dash {
            return None;
        }
        self.entry(start)
    }

    /// Begins a map or list whose first entry is here.
    fn begin(&mut self, column: usize, start: usize) -> Option<()> {
        let list = self.is_dash();
        let kind = if list { Kind::List { flow: false } } else { Kind::Map { flow: false } };
        let id = self.tree.push(kind, self.at..self.at, false);
        self.cursor = self.at;
        self.open.push(Open { id, column, list });
        if self.open.len() > super::events::MAX_DEPTH / 2 {
            return None;
        }
        self.entry(start)
    }

    /// Reads an entry of the innermost map or list, and what stands behind it on its line.
    fn entry(&mut self, start: usize) -> Option<()> {
        if self.open.last()?.list {
            self.at += 1;
        } else {
            self.key(false)?;
            self.at += 1;
        }
        let behind = self.at;
        self.spaces();
        match self.byte() {
            None | Some(b'\n' | b'#') => {
                self.empty = Some(behind);
                self.at = behind;
                return self.rest_of_line();
            }
            Some(_) => {}
        }
        let list = self.open.last()?.list;
        if list && (self.is_dash() || self.is_key()) {
            return self.begin(self.at - start, start);
        }
        self.value()
    }

    /// Reads a value that stands behind its key or dash.
    fn value(&mut self) -> Option<()> {
        match self.byte()? {
            b'{' | b'[' => self.flow(false)?,
            b'|' | b'>' => return self.block(),
            _ => self.scalar(false)?,
        }
        self.rest_of_line()
    }

    /// Makes the value that never came a null.
    fn fill(&mut self) {
        if let Some(at) = self.empty.take() {
            self.tree.push(Kind::Scalar(Style::Plain), at..at, false);
            self.cursor = at;
        }
    }

    /// Closes the innermost map or list, if there is one.
    fn close(&mut self) -> bool {
        let Some(top) = self.open.pop() else {
            return false;
        };
        self.tree.close(top.id, self.cursor);
        true
    }

    fn byte(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn byte_at(&self, at: usize) -> Option<u8> {
        self.source.as_bytes().get(at).copied()
    }

    fn spaces(&mut self) {
        while self.byte() == Some(b' ') {
            self.at += 1;
        }
    }

    fn is_dash(&self) -> bool {
        self.byte() == Some(b'-') && matches!(self.byte_at(self.at + 1), None | Some(b' ' | b'\n'))
    }

    fn skip_line(&mut self) {
        let rest = &self.source.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
    }

    /// Passes over blanks and a comment to the next line; gives up where something else follows.
    fn rest_of_line(&mut self) -> Option<()> {
        let start = self.at;
        self.spaces();
        match self.byte() {
            None => Some(()),
            Some(b'\n') => {
                self.at += 1;
                Some(())
            }
            Some(b'#') if self.at > start => {
                self.skip_line();
                Some(())
            }
            Some(_) => None,
        }
    }
}
