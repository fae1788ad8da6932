//! Keys and scalars on one line, and literal text.

use std::borrow::Cow;
use std::ops::Range;

use super::super::tree::{Kind, Style};
use super::Reader;

/// Keys that are longer are left to the parser, which has a limit.
const LONG_KEY: usize = 500;

impl<'t> Reader<'t> {
    /// Whether a key stands here.
    pub(super) fn is_key(&self) -> bool {
        self.key_span(false).is_some()
    }

    /// Reads a key up to its `:`.
    pub(super) fn key(&mut self, flow: bool) -> Option<()> {
        let (span, style) = self.key_span(flow)?;
        if &self.source[span.clone()] == "<<" {
            return None;
        }
        self.at = span.end;
        self.push(span, style)
    }

    /// The key that stands here, with a `:` right behind it.
    fn key_span(&self, flow: bool) -> Option<(Range<usize>, Style)> {
        let (span, style) = match self.byte()? {
            quote @ (b'"' | b'\'') => self.quoted(quote)?,
            _ => (self.at..self.plain_key(flow)?, Style::Plain),
        };
        let adjacent = flow && style != Style::Plain;
        let colon = self.byte_at(span.end) == Some(b':')
            && (adjacent || matches!(self.byte_at(span.end + 1), None | Some(b' ' | b'\n')));
        (colon && span.len() <= LONG_KEY).then_some((span, style))
    }

    /// Where a plain key ends.
    fn plain_key(&self, flow: bool) -> Option<usize> {
        let bytes = self.source.as_bytes();
        if !self.is_plain_start(flow) {
            return None;
        }
        let mut at = self.at;
        loop {
            match bytes.get(at)? {
                b'\n' => return None,
                b'#' if bytes[at - 1] == b' ' => return None,
                b',' | b'[' | b']' | b'{' | b'}' if flow => return None,
                b':' if matches!(bytes.get(at + 1), None | Some(b' ' | b'\n')) => {
                    return (bytes[at - 1] != b' ').then_some(at);
                }
                b':' if flow => return None,
                _ => at += 1,
            }
        }
    }

    /// Reads a scalar that ends on its line.
    pub(super) fn scalar(&mut self, flow: bool) -> Option<()> {
        let (span, style) = match self.byte()? {
            quote @ (b'"' | b'\'') => self.quoted(quote)?,
            _ => (self.at..self.plain(flow)?, Style::Plain),
        };
        self.at = span.end;
        self.push(span, style)
    }

    fn push(&mut self, span: Range<usize>, style: Style) -> Option<()> {
        self.cursor = span.end;
        let text = match style {
            Style::Plain => None,
            _ => Some(unquoted(&self.source[span.start + 1..span.end - 1], style)?),
        };
        let id = self.tree.push(Kind::Scalar(style), span, false);
        if let Some(text) = text {
            self.tree.say(id, text);
        }
        Some(())
    }

    /// Whether what begins here can only be a plain scalar.
    fn is_plain_start(&self, flow: bool) -> bool {
        match self.byte() {
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'/' | b'.' | b'$' | b'(' | b'+' | b'~' | b'=') => {
                true
            }
            Some(b'<') => true,
            Some(b'-') => {
                self.byte_at(self.at + 1).is_some_and(|next| next.is_ascii_alphanumeric() || (next == b'-' && !flow))
            }
            Some(byte) => byte >= 0x80,
            None => false,
        }
    }

    /// Where a plain scalar ends.
    fn plain(&self, flow: bool) -> Option<usize> {
        if !self.is_plain_start(flow) {
            return None;
        }
        let bytes = self.source.as_bytes();
        let mut at = self.at;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\n' => break,
                b'#' if bytes[at - 1] == b' ' => break,
                b',' | b'[' | b']' | b'{' | b'}' if flow => break,
                b':' if matches!(bytes.get(at + 1), None | Some(b' ' | b'\n')) => return None,
                b':' if flow && matches!(bytes.get(at + 1), Some(b',' | b'[' | b']' | b'{' | b'}')) => return None,
                _ => at += 1,
            }
        }
        Some(self.at + self.source[self.at..at].trim_end_matches(' ').len())
    }

    /// A scalar in quotes that ends on its line.
    fn quoted(&self, quote: u8) -> Option<(Range<usize>, Style)> {
        let bytes = self.source.as_bytes();
        let mut at = self.at + 1;
        loop {
            match *bytes.get(at)? {
                b'\n' => return None,
                b'\\' if quote == b'"' => at += 2,
                byte if byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
                byte if byte == quote => break,
                _ => at += 1,
            }
        }
        Some((self.at..at + 1, if quote == b'"' { Style::Double } else { Style::Single }))
    }

    /// Reads literal text, or folded text of simple lines, from its `|` or `>` on.
    pub(super) fn block(&mut self) -> Option<()> {
        let start = self.at;
        let literal = self.byte() == Some(b'|');
        self.at += 1;
        let chomp = match self.byte()? {
            chomp @ (b'-' | b'+') => {
                self.at += 1;
                chomp
            }
            _ => b' ',
        };
        self.rest_of_line()?;
        let outer = self.open.last()?.column;
        let (lines, end) = Lines::read(self.source, self.at, outer)?;
        let text = if literal { lines.literal(chomp) } else { lines.folded(chomp)? };
        let written = &self.source[start..end];
        let length = if chomp == b'+' { written.len() } else { written.trim_end().len() };
        let id = self.tree.push(
            Kind::Scalar(if literal { Style::Literal } else { Style::Folded }),
            start..start + length,
            false,
        );
        self.tree.say(id, Cow::Owned(text));
        self.cursor = start + length;
        self.at = end;
        Some(())
    }
}

/// What a scalar says that is on one line.
fn unquoted(inner: &str, style: Style) -> Option<Cow<'_, str>> {
    if style == Style::Single {
        return Some(if inner.contains('\'') { Cow::Owned(inner.replace("''", "'")) } else { Cow::Borrowed(inner) });
    }
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, behind)) = rest.split_once('\\') {
        text.push_str(before);
        text.push(match behind.as_bytes().first()? {
            b'"' => '"',
            b'\\' => '\\',
            b'n' => '\n',
            b't' => '\t',
            _ => return None,
        });
        rest = &behind[1..];
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// The lines of a block scalar without their indentation.
struct Lines<'t> {
    lines: Vec<&'t str>,
    /// How many empty ones follow.
    blank: usize,
}

impl<'t> Lines<'t> {
    /// Reads lines that are indented deeper than that column, and where they end.
    fn read(source: &'t str, start: usize, outer: usize) -> Option<(Self, usize)> {
        let (mut lines, mut blank, mut at, mut indent) = (Vec::new(), 0, start, None);
        while at < source.len() {
            // Without a line break at the end of the text, readers differ.
            let length = source[at..].find('\n')?;
            let line = &source[at..at + length];
            let text = line.trim_start_matches(' ');
            let column = line.len() - text.len();
            if text.is_empty() {
                // Blanks may be text or not.
                if column > 0 {
                    return None;
                }
                blank += 1;
            } else {
                if column <= outer {
                    break;
                }
                let indent = *indent.get_or_insert(column);
                if column < indent {
                    return None;
                }
                lines.extend(std::iter::repeat_n("", std::mem::take(&mut blank)));
                lines.push(&line[indent..]);
            }
            at += length + 1;
        }
        (!lines.is_empty()).then_some((Self { lines, blank }, at))
    }

    fn literal(&self, chomp: u8) -> String {
        self.chomped(self.lines.join("\n"), chomp)
    }

    /// Lines with blanks before them, and empty ones, fold in another way.
    fn folded(&self, chomp: u8) -> Option<String> {
        let simple = self.lines.iter().all(|line| !line.is_empty() && !line.starts_with(' ') && !line.ends_with(' '));
        simple.then(|| self.chomped(self.lines.join(" "), chomp))
    }

    fn chomped(&self, mut text: String, chomp: u8) -> String {
        match chomp {
            b'-' => {}
            b'+' => text.extend(std::iter::repeat_n('\n', self.blank + 1)),
            _ => text.push('\n'),
        }
        text
    }
}
