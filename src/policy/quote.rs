//! A user's value inside a message: visible, on one line, never too long, without the password of a URL.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::dapr::secrets::passwords;

/// The most characters of a user's value that a message repeats.
const MOST: usize = 64;

/// Shows a value in double quotes with control characters escaped, cut where it is long. What is the password of a URL
/// becomes `***`.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Cow::Borrowed(self.0);
        for password in passwords(self.0).collect::<Vec<_>>().into_iter().rev() {
            text.to_mut().replace_range(password, "***");
        }
        f.write_str("\"")?;
        for c in text.chars().take(MOST) {
            match c {
                '"' | '\\' => f.write_fmt(format_args!("\\{c}"))?,
                ' '..='~' => f.write_char(c)?,
                c => write!(f, "{}", c.escape_debug())?,
            }
        }
        f.write_str(if text.chars().nth(MOST).is_some() { "...\"" } else { "\"" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_url_does_not_show_its_password() {
        assert_eq!(
            Quoted("amqp://u:p@h, http://h/a:b, b://v:pw@g").to_string(),
            "\"amqp://u:***@h, http://h/a:b, b://v:***@g\""
        );
    }

    #[test]
    fn a_quoted_value_is_printable_and_short() {
        assert_eq!(Quoted("a\nb\"c'").to_string(), r#""a\nb\"c'""#);
        assert_eq!(Quoted(&"x".repeat(65)).to_string(), format!("\"{}...\"", "x".repeat(64)));
        assert_eq!(Quoted(&"x".repeat(64)).to_string(), format!("\"{}\"", "x".repeat(64)));
    }
}
