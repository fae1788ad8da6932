//! From the events of the YAML parser to a [`Tree`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StructureStyle, Tag};

use super::tree::{Id, Kind, Style, Tree};
use super::unreadable::Unreadable;

/// How deep maps and lists may be nested. Nothing that Kubernetes accepts comes near; what recurses over a value is safe.
pub(super) const MAX_DEPTH: usize = 200;

/// Reads one document, with its `---` line or without.
pub(super) fn read(source: &str) -> Result<Tree<'_>, Unreadable> {
    let options = granit_parser::options! {
        emit_comments: false,
        block_nesting_limit: MAX_DEPTH,
        flow_nesting_limit: MAX_DEPTH,

    };
    let mut reader = Reader { tree: Tree::new(source), open: Vec::new(), anchors: BTreeMap::new(), cursor: 0 };
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(source, options) {
        let (event, span) = event.map_err(|error| reader.refuse(&error))?;
        if matches!(event, Event::DocumentStart(..)) {
            documents += 1;
            if documents > 1 {
                return Err(behind_the_end(place(&span).start));
            }
        }
        reader.take(event, &span)?;
    }
    Ok(reader.tree)
}

fn behind_the_end(at: usize) -> Unreadable {
    Unreadable::new(
        at,
        "another document begins here without a line `---`",
        "begin every document with a line `---`: kubectl reads nothing between a line `...` and that",
    )
}

fn place(span: &Span) -> Range<usize> {
    span.byte_range().expect("the parser knows bytes of a text that is all there")
}

struct Reader<'t> {
    tree: Tree<'t>,
    /// The collections that are open, the innermost last.
    open: Vec<Id>,
    /// Which node has the anchor with that number of the parser's.
    anchors: BTreeMap<usize, Id>,
    /// Where the last token that is known ends.
    cursor: usize,
}

impl<'t> Reader<'t> {
    fn take(&mut self, event: Event<'t>, span: &Span) -> Result<(), Unreadable> {
        let at = place(span);
        match event {
            Event::DocumentStart(true, _) => self.cursor = at.end,
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, at, anchor, tag.as_deref()),
            Event::MappingStart(style, anchor, tag) => {
                self.begin(Kind::Map { flow: style == StructureStyle::Flow }, at, anchor, tag.as_deref());
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.begin(Kind::List { flow: style == StructureStyle::Flow }, at, anchor, tag.as_deref());
            }
            Event::MappingEnd | Event::SequenceEnd => self.end(at.end),
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied().filter(|id| self.tree.is_closed(*id));
                let target = target.ok_or_else(|| contains_itself(at.start))?;
                self.cursor = at.end;
                let target = u32::try_from(target).expect("there are fewer nodes than bytes");
                self.tree.push(Kind::Alias(target), at, false);
            }
            _ => {}
        }
        Ok(())
    }

    fn scalar(&mut self, text: Cow<'t, str>, style: ScalarStyle, at: Range<usize>, anchor: usize, tag: Option<&Tag>) {
        let properties = anchor != 0 || tag.is_some();
        let (style, at) = match style {
            // The parser says `~` for nothing at all.
            ScalarStyle::Plain if at.is_empty() => {
                let at = self.empty(properties).unwrap_or(at.start);
                let id = self.tree.push(Kind::Scalar(Style::Plain), at..at, anchor != 0);
                self.cursor = at;
                return self.properties(id, anchor, tag);
            }
            ScalarStyle::Plain => (Style::Plain, at),
            ScalarStyle::SingleQuoted => (Style::Single, at),
            ScalarStyle::DoubleQuoted => (Style::Double, at),
            ScalarStyle::Literal => (Style::Literal, self.block(&at)),
            ScalarStyle::Folded => (Style::Folded, self.block(&at)),
        };
        self.cursor = at.end;
        let id = self.tree.push(Kind::Scalar(style), at, anchor != 0);
        self.tree.say(id, text);
        self.properties(id, anchor, tag);
    }

    fn properties(&mut self, id: Id, anchor: usize, tag: Option<&Tag>) {
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        if let Some(tag) = tag {
            self.tree.tag(id, format!("{}{}", tag.handle(), tag.suffix()));
        }
    }

    fn begin(&mut self, kind: Kind, at: Range<usize>, anchor: usize, tag: Option<&Tag>) {
        let at = if kind == (Kind::List { flow: false }) { self.dash(at) } else { at };
        self.cursor = at.end;
        let id = self.tree.push(kind, at, anchor != 0);
        self.properties(id, anchor, tag);
        self.open.push(id);
    }

    /// Where the first dash of a list is. Of one that is not indented below its key, the parser names the first element.
    fn dash(&self, at: Range<usize>) -> Range<usize> {
        let below_key = self.open.last().is_some_and(|parent| matches!(self.tree.kind(*parent), Kind::Map { .. }));
        match self.empty(true).filter(|_| below_key) {
            Some(behind) => {
                let gap = &self.tree.source[behind..];
                let dash = skip_blank(gap);
                let dash = behind + dash;
                if self.tree.source[dash..].starts_with('-') { dash..dash } else { at }
            }
            None => at,
        }
    }

    /// A flow collection ends with its bracket, a block collection with what it contains.
    fn end(&mut self, end: usize) {
        let id = self.open.pop().expect("the parser balances its events");
        let bracket = self.tree.source[self.tree.node(id).start as usize..].starts_with(['{', '[']);
        let flow = matches!(self.tree.kind(id), Kind::Map { flow: true } | Kind::List { flow: true });
        if flow && bracket {
            self.cursor = end;
        }
        self.tree.close(id, self.cursor);
    }

    /// Where an empty value would be written: behind its `:` or `-`, its anchor and its tag.
    fn empty(&self, properties: bool) -> Option<usize> {
        let (mut at, mut indicator) = (self.cursor, None);
        loop {
            let rest = &self.tree.source[at..];
            match rest.bytes().next() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
                Some(b'#') => at += rest.find('\n').unwrap_or(rest.len()),
                Some(b':' | b'-' | b'?') if indicator.is_none() => {
                    at += 1;
                    indicator = Some(at);
                }
                Some(b'&' | b'!') if properties => {
                    at += rest.find(char::is_whitespace).unwrap_or(rest.len());
                    indicator = Some(at);
                }
                _ => return indicator,
            }
        }
    }

    /// A block scalar from its `|` or `>` to its last character that counts; the parser only knows its lines.
    fn block(&self, lines: &Range<usize>) -> Range<usize> {
        let source = self.tree.source;
        let mut at = self.cursor;
        let start = loop {
            let rest = &source[at..];
            match rest.bytes().next() {
                Some(b'|' | b'>') => break at,
                Some(b'#') => at += rest.find('\n').unwrap_or(rest.len()),
                Some(b'&' | b'!') => at += rest.find(char::is_whitespace).unwrap_or(rest.len()),
                Some(_) if at < lines.start => at += rest.chars().next().map_or(1, char::len_utf8),
                _ => break lines.start,
            }
        };
        let header = source[start..].find('\n').map_or(source.len(), |end| start + end);
        let keeps = source[start..header].split('#').next().is_some_and(|header| header.contains('+'));
        let text = &source[start..lines.end.max(start)];
        let length = if keeps { text.trim_end_matches([' ', '\t']) } else { text.trim_end() }.len();
        start..start + length
    }

    fn refuse(&self, error: &ScanError) -> Unreadable {
        let at = error.marker().byte_offset().unwrap_or(0).min(self.tree.source.len());
        super::unreadable::syntax(self.tree.source, at, &error.info())
    }
}

/// How long the blanks, line breaks and comments are that a text begins with.
fn skip_blank(text: &str) -> usize {
    let mut at = 0;
    loop {
        match text.as_bytes().get(at) {
            Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
            Some(b'#') => at += text[at..].find('\n').unwrap_or(text.len() - at),
            _ => return at,
        }
    }
}

fn contains_itself(at: usize) -> Unreadable {
    Unreadable::new(at, "this alias stands inside of what it is an alias of", "write the value out")
}
