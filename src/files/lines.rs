//! From bytes to lines and columns.

use std::sync::OnceLock;

/// Where the lines of a text begin. Looked for once somebody asks: most texts are fine, and nobody does.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    starts: OnceLock<Vec<usize>>,
}

impl<'t> Lines<'t> {
    /// The lines of that text. Only `\n` ends one, with a `\r` before it or without.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, starts: OnceLock::new() }
    }

    /// Line and column of a byte, both counted from 1, columns in characters; of an offset behind the end: of the end.
    /// A byte order mark is not counted.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let (line, before) = self.before(offset);
        (line, before.chars().count() + 1)
    }

    /// The same with columns in UTF-16 code units.
    #[must_use]
    pub fn position_utf16(&self, offset: usize) -> (usize, usize) {
        let (line, before) = self.before(offset);
        (line, before.encode_utf16().count() + 1)
    }

    /// The text of a line, counted from 1, without its end; empty where there is no such line.
    #[must_use]
    pub fn line(&self, number: usize) -> &'t str {
        let Some(start) = number.checked_sub(1).and_then(|index| self.starts().get(index)) else {
            return "";
        };
        let end = self.starts().get(number).copied().unwrap_or(self.text.len());
        self.text[*start..end].trim_end_matches(['\n', '\r']).trim_start_matches('\u{feff}')
    }

    /// How many lines there are; a text that ends in a line break has an empty last one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.starts().len()
    }

    fn starts(&self) -> &[usize] {
        let ends = || memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at + 1);
        self.starts.get_or_init(|| std::iter::once(0).chain(ends()).collect())
    }

    fn before(&self, offset: usize) -> (usize, &'t str) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts().partition_point(|start| *start <= offset);
        (line, self.text[self.starts()[line - 1]..offset].trim_start_matches('\u{feff}'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let lines = Lines::new("\u{feff}a: 1\r\nb: äb\n");
        let at = |text: &str| "\u{feff}a: 1\r\nb: äb\n".find(text).unwrap();
        assert_eq!(lines.position(at("a")), (1, 1));
        assert_eq!(lines.position(at("1")), (1, 4));
        assert_eq!(lines.position(at("äb") + 2), (2, 5));
        assert_eq!(lines.position(99), (3, 1));
        assert_eq!((lines.line(1), lines.line(2), lines.line(3), lines.line(4)), ("a: 1", "b: äb", "", ""));
        assert_eq!(lines.count(), 3);
    }

    #[test]
    fn utf16_columns_count_a_character_beyond_the_basic_plane_twice() {
        let text = "🎵b";
        assert_eq!(Lines::new(text).position_utf16(4), (1, 3));
        assert_eq!(Lines::new(text).position(4), (1, 2));
        assert_eq!(Lines::new(text).position(2), (1, 1));
    }
}
