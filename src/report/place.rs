//! Places in a text, and the lines around them.

use std::ops::Range;

use serde::Serialize;

use super::Hidden;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From where to where.
    pub region: Region,
    /// The lines that show it.
    pub excerpt: Excerpt,
    /// What is not there, where the place is that of the nearest thing around it; like `metadata.labels`.
    pub missing: Option<String>,
}

/// From one position to another, which is the first behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Region {
    /// Where it begins.
    pub start: Position,
    /// Where it has ended.
    pub end: Position,
}

/// A position in a text, as editors show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// The lines of a text that a place covers, cut where they are many or long, without what nobody is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The lines.
    pub text: String,
    /// The place in it, in bytes.
    pub span: Range<usize>,
}

/// The most bytes of one line that an excerpt shows before the place, and of the place and behind it.
const BEFORE: usize = 160;
const BEHIND: usize = 240;

impl Excerpt {
    /// The line on which the span begins. A place of several lines is shown by its first.
    #[must_use]
    pub fn of(text: &str, span: Range<usize>, hidden: &Hidden) -> Self {
        let (from, to) = (span.start.min(text.len()), span.end.min(text.len()));
        let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let start = text[..from].rfind('\n').map_or(bom.min(from), |at| at + 1);
        let end = text[from..].find(['\n', '\r']).map_or(text.len(), |at| from + at);
        let begin = boundary(text, start.max(from.saturating_sub(BEFORE)));
        let stop = boundary(text, end.min(from + BEHIND));
        let (head, tail) = (if begin > start { "…" } else { "" }, if stop < end { "…" } else { "" });
        let (shown, place) = hidden.window(text, begin..stop, from..to.min(stop).max(from));
        let span = head.len() + place.start..head.len() + place.end;
        Self { text: format!("{head}{shown}{tail}"), span }
    }
}

/// The nearest character boundary at or before an offset.
fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, span: Range<usize>) -> Excerpt {
        Excerpt::of(text, span, &Hidden::default())
    }

    #[test]
    fn an_excerpt_is_the_line_of_the_place_and_the_place_in_it() {
        let text = "a: 1\r\nbé: twö\nc: 3";
        let at = text.find("twö").unwrap();
        let excerpt = of(text, at..at + "twö\nc".len());
        assert_eq!((&*excerpt.text, &excerpt.text[excerpt.span.clone()]), ("bé: twö", "twö"));
        assert_eq!(of(text, 0..1), Excerpt { text: "a: 1".to_owned(), span: 0..1 });
        assert_eq!(of(text, 999..1000).span, 4..4);
        assert_eq!(of("", 0..0), Excerpt { text: String::new(), span: 0..0 });
    }

    #[test]
    fn of_an_endless_line_it_is_the_part_around_the_place() {
        let text = format!("{}NEEDLE{}", "é".repeat(1_000_000), "ö".repeat(1_000_000));
        let excerpt = of(&text, 2_000_000..2_000_006);
        assert_eq!(&excerpt.text[excerpt.span.clone()], "NEEDLE");
        assert!(excerpt.text.len() < 420 && excerpt.text.starts_with('…') && excerpt.text.ends_with('…'));
    }
}
