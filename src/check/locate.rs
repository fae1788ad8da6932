//! From JSON pointers of findings to what a reader is shown.

use std::ops::Range;

use super::hidden;
use super::text::Text;
use crate::files::{Document, Lines};
use crate::policy::field_path;
use crate::report::{Excerpt, Hidden, Place, Position, Region};

/// Where a pointer of a document is, as a reader looks for it: a plain value itself, a map or list by its key, and what is
/// not there by the nearest thing around it. `key` where the key is what is wrong.
pub(super) fn place(text: &Text<'_>, pointer: &str, key: bool) -> Place {
    let found = text.document.locate(pointer);
    let value = text.text.get(found.span.clone()).unwrap_or_default();
    let plain = found.exact && !key && !value.is_empty() && !value.contains('\n') && !value.starts_with(['{', '[']);
    let span = if plain { found.span } else { found.key.unwrap_or(found.span) };
    let missing = (!found.exact).then(|| missing(text.document, pointer)).filter(|missing| !missing.is_empty());
    Place { missing, ..at(text, span) }
}

/// A range of a text, as far as it is on one line.
pub(super) fn at(text: &Text<'_>, span: Range<usize>) -> Place {
    on_one_line(text.text, text.lines, span, text.hidden())
}

/// The word that begins at an offset: what a parser stumbles over is known by its beginning only.
pub(super) fn word(text: &str, document: &str, lines: &Lines<'_>, start: usize) -> Place {
    let rest = text.get(start..).unwrap_or_default();
    let word = rest.find(|c: char| c.is_whitespace() || ":,[]{}".contains(c)).unwrap_or(rest.len());
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let hidden = Hidden::new(text, hidden::of_line(text, document, start));
    on_one_line(text, lines, start..start + word.max(first), &hidden)
}

fn on_one_line(text: &str, lines: &Lines<'_>, span: Range<usize>, hidden: &Hidden) -> Place {
    let start = span.start.min(text.len());
    let line = text[start..].find(['\r', '\n']).map_or(text.len(), |length| start + length);
    let end = span.end.clamp(start, line);
    Place { region: region(lines, start..end), excerpt: Excerpt::of(text, start..end, hidden), missing: None }
}

/// A range of a text in lines and columns.
pub(super) fn region(lines: &Lines<'_>, span: Range<usize>) -> Region {
    let position = |offset| {
        let (line, column) = lines.position(offset);
        Position { line, column }
    };
    Region { start: position(span.start), end: position(span.end) }
}

/// The end of a pointer that leads nowhere.
fn missing(document: &Document<'_>, pointer: &str) -> String {
    let ends = pointer.match_indices('/').map(|(at, _)| at).rev();
    let there = ends.into_iter().find(|end| document.locate(&pointer[..*end]).exact).unwrap_or_default();
    let path = field_path(&pointer[there..]);
    match path.strip_prefix('[').and_then(|path| path.strip_suffix(']')) {
        Some(key) if !key.contains(['[', ']']) => key.to_owned(),
        _ => path,
    }
}
