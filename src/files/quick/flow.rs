//! Flow style: `{a: b}`, `[c, d]` and JSON.

use super::super::tree::{Kind, Style};
use super::Reader;

/// Deeper nesting is left to the parser.
const DEEP: usize = 50;

impl Reader<'_> {
    /// Reads a map or list in flow style, with line breaks between its tokens or on one line.
    pub(super) fn flow(&mut self, lines: bool) -> Option<()> {
        self.collection(lines, 0)
    }

    /// Recurses no deeper than [`DEEP`].
    fn collection(&mut self, lines: bool, depth: usize) -> Option<()> {
        if depth > DEEP {
            return None;
        }
        let map = self.byte() == Some(b'{');
        let (kind, close) = if map { (Kind::Map { flow: true }, b'}') } else { (Kind::List { flow: true }, b']') };
        let id = self.tree.push(kind, self.at..self.at + 1, false);
        self.at += 1;
        loop {
            self.blank(lines);
            if self.byte()? == close {
                break;
            }
            if map {
                self.key(true)?;
                self.at += 1;
                self.map_value(lines, depth)?;
            } else {
                self.element(lines, depth)?;
            }
            self.blank(lines);
            match self.byte()? {
                b',' => self.at += 1,
                byte if byte == close => {}
                _ => return None,
            }
        }
        self.at += 1;
        self.cursor = self.at;
        self.tree.close(id, self.at);
        Some(())
    }

    fn map_value(&mut self, lines: bool, depth: usize) -> Option<()> {
        let behind = self.at;
        self.blank(lines);
        if matches!(self.byte()?, b',' | b'}') {
            if self.at == behind {
                return None;
            }
            self.tree.push(Kind::Scalar(Style::Plain), behind..behind, false);
            self.cursor = behind;
            return Some(());
        }
        self.element(lines, depth)
    }

    fn element(&mut self, lines: bool, depth: usize) -> Option<()> {
        match self.byte()? {
            b'{' | b'[' => self.collection(lines, depth + 1),
            _ => self.scalar(true),
        }
    }

    fn blank(&mut self, lines: bool) {
        while matches!(self.byte(), Some(b' ')) || (lines && self.byte() == Some(b'\n')) {
            self.at += 1;
        }
    }
}
