//! What of a text nobody is shown. Whatever prints a piece of a text does it through here, so that no form of a report
//! can forget it.

use std::ops::Range;

/// What stands in the place of a value that is not shown, however long it is.
const MASK: &str = "***";

/// The parts of a text that are not shown: in order, apart from each other, each on one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden(Vec<Range<usize>>);

impl Hidden {
    /// Hides these ranges of a text, in bytes. Line breaks and the blanks at the beginning of a line stay: what is shown
    /// has the lines that the text has.
    #[must_use]
    pub fn new(text: &str, ranges: impl IntoIterator<Item = Range<usize>>) -> Self {
        let mut pieces: Vec<Range<usize>> = ranges.into_iter().flat_map(|range| lines_of(text, range)).collect();
        pieces.sort_by_key(|piece| (piece.start, piece.end));
        pieces.dedup_by(|next, before| {
            let overlap = next.start < before.end;
            if overlap {
                before.end = before.end.max(next.end);
            }
            overlap
        });
        Self(pieces)
    }

    /// Whether some of a range is not shown.
    #[must_use]
    pub fn has(&self, range: &Range<usize>) -> bool {
        let first = self.0.partition_point(|piece| piece.end <= range.start);
        self.0.get(first).is_some_and(|piece| piece.start < range.end)
    }

    /// The whole text, as it is shown.
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        self.window(text, 0..text.len(), 0..0).0
    }

    /// A part of the text as it is shown, and where in that a place of this part is. Neither may cut a character, and a
    /// place that is hidden is that of its mask.
    pub(super) fn window(&self, text: &str, window: Range<usize>, place: Range<usize>) -> (String, Range<usize>) {
        let mut out = String::with_capacity(window.len());
        let (mut at, mut from, mut to) = (window.start, place.start - window.start, place.end - window.start);
        let first = self.0.partition_point(|piece| piece.end <= window.start);
        for piece in self.0[first..].iter().take_while(|piece| piece.start < window.end) {
            let (start, end) = (piece.start.max(window.start), piece.end.min(window.end));
            out.push_str(&text[at..start]);
            let mask = out.len()..out.len() + MASK.len();
            out.push_str(MASK);
            at = end;
            match place.start {
                behind if behind >= end => from = mask.end + (behind - end),
                inside if inside >= start => from = mask.start,
                _ => {}
            }
            match place.end {
                behind if behind >= end => to = mask.end + (behind - end),
                inside if inside > start => to = mask.end,
                _ => {}
            }
        }
        out.push_str(&text[at..window.end]);
        (out, from..to)
    }
}

/// The parts of a range that are on one line each.
fn lines_of(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    text[range].split_inclusive('\n').filter_map(move |line| {
        let start = at + (line.len() - line.trim_start().len());
        let end = at + line.trim_end().len();
        at += line.len();
        (start < end).then_some(start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(text: &str, secret: &str, place: &str) -> (String, String) {
        let range = |of: &str| text.match_indices(of).map(|(at, of)| at..at + of.len()).next().unwrap();
        let (shown, place) = Hidden::new(text, Some(range(secret))).window(text, 0..text.len(), range(place));
        let at = shown[place].to_owned();
        (shown, at)
    }

    #[test]
    fn a_place_before_in_and_behind_what_is_hidden_is_still_found() {
        let text = "{a: 1, pw: hunter2, b: 2}";
        for (place, shown) in [("a: 1", "a: 1"), ("hunter2", "***"), ("b: 2", "b: 2"), ("unter", "***"), ("pw", "pw")] {
            assert_eq!(window(text, "hunter2", place), ("{a: 1, pw: ***, b: 2}".to_owned(), shown.to_owned()));
        }
        assert_eq!(window(text, "hunter2", "pw: hunter2").1, "pw: ***");
        assert_eq!(window(text, "hunter2", "hunter2, b").1, "***, b");
    }

    #[test]
    fn what_is_hidden_has_as_many_lines_as_before_and_the_same_indentation() {
        let text = "key: |\r\n  one\r\n\r\n  two\r\nrest: 1";
        let end = text.find("rest").unwrap();
        assert_eq!(Hidden::new(text, Some(5..end)).shown(text), "key: ***\r\n  ***\r\n\r\n  ***\r\nrest: 1");
    }

    #[test]
    fn ranges_in_any_order_and_over_each_other_are_hidden_once() {
        assert_eq!(Hidden::new("abcdefgh", [4..6, 1..3, 2..5]).shown("abcdefgh"), "a***gh");
        assert_eq!(Hidden::default().shown("ab"), "ab");
        let hidden = Hidden::new("abcdefgh", [1..3, 5..6]);
        let has = |range| hidden.has(&range);
        assert!(has(0..2) && has(2..5) && has(5..8) && !has(0..1) && !has(3..5) && !has(6..8));
    }

    #[test]
    fn a_window_that_begins_and_ends_inside_of_what_is_hidden_shows_none_of_it() {
        let (shown, place) = Hidden::new("abcdefgh", Some(1..7)).window("abcdefgh", 2..5, 3..4);
        assert_eq!((&*shown, place), ("***", 0..3));
    }
}
