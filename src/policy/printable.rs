//! What others wrote, as a terminal, a log or a header can show it.

use std::borrow::Cow;

/// The text with everything escaped that cannot be seen, ends a line or turns it around: a name with an escape sequence in it
/// could otherwise write into the log of a CI system whatever it likes.
#[must_use]
pub fn printable<'t>(text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
    let text = text.into();
    // Nearly all of it can be seen, and to ask Unicode for each character costs more than to judge the pod.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text;
    }
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' => printable.push(c),
            c => printable.extend(c.escape_debug()),
        }
    }
    Cow::Owned(printable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped_and_all_else_is_as_it_was() {
        assert_eq!(printable("a \"b\" 'c' \\d é 🎵"), "a \"b\" 'c' \\d é 🎵");
        assert_eq!(printable("\u{1b}[31m\n::error::\u{202e}x\t"), "\\u{1b}[31m\\n::error::\\u{202e}x\\t");
    }
}
