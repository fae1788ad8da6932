//! A user's value inside a message: visible, on one line, never too long.

use std::fmt;

/// The most characters of a user's value that a message repeats.
const MOST: usize = 64;

/// Shows a value in double quotes with control characters escaped, cut where it is long.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for c in self.0.chars().take(MOST) {
            match c {
                '"' => f.write_str("\\\"")?,
                '\'' => f.write_str("'")?,
                c => write!(f, "{}", c.escape_debug())?,
            }
        }
        f.write_str(if self.0.chars().nth(MOST).is_some() { "...\"" } else { "\"" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_value_is_printable_and_short() {
        assert_eq!(Quoted("a\nb\"c'").to_string(), r#""a\nb\"c'""#);
        assert_eq!(Quoted(&"x".repeat(65)).to_string(), format!("\"{}...\"", "x".repeat(64)));
        assert_eq!(Quoted(&"x".repeat(64)).to_string(), format!("\"{}\"", "x".repeat(64)));
    }
}
