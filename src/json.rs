//! A JSON reader for serde that is fast at what a review mostly consists of: values that nobody reads.
//!
//! Why not `serde_json`: it checks every byte that it skips, which was more than half of the cost of a review (counted
//! in instructions, with valgrind). Here an ignored value is passed over by counting brackets outside strings, iteratively, so that no
//! nesting can exhaust the stack; what is read is checked as strictly as `serde_json` does, and a property test compares
//! the two. Strings with escapes are left to `serde_json`.
//!
//! Strings are written here as well, for the same reason: most have nothing to escape, and are copied as they are.
//!
//! Pure, and knows of nothing but JSON.

mod scan;
mod value;

use std::fmt;

use serde::Serialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};

#[cfg(test)]
pub(crate) use value::json;
pub use value::{Map, Value, unescape};

/// Why a document could not be read, and at which byte.
#[derive(Debug)]
pub struct Error(Box<Why>);

/// Boxed, since every value that is read carries the room of an error along.
#[derive(Debug)]
struct Why {
    message: String,
    at: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.0.message, self.0.at)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Box::new(Why { message: message.to_string(), at: 0 }))
    }

    // What serde would quote may be a password in the wrong place, and this goes into the log.
    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("invalid type: {}, expected {expected}", unquoted(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("invalid value: {}, expected {expected}", unquoted(&found)))
    }
}

/// What something is, without what it says.
fn unquoted(found: &Unexpected<'_>) -> String {
    match found {
        Unexpected::Str(_) => "a string".to_owned(),
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer".to_owned(),
        Unexpected::Float(_) => "a number".to_owned(),
        found => found.to_string(),
    }
}

type Result<T> = std::result::Result<T, Error>;

/// How many keys and list entries are read of one document; what is skipped does not count. A pod that can run has some
/// hundreds. What is made of an entry may be a hundred times as long as its text: 3 MiB of empty containers would be 250 MiB.
const MOST_ITEMS: u32 = 100_000;

/// A position in a document.
#[derive(Debug)]
pub struct Reader<'de> {
    text: &'de str,
    at: usize,
    /// Keys and list entries that may still be read.
    left: u32,
    /// The newtype structs that nobody reads, by their names.
    left_out: &'static [&'static str],
}

impl<'de> Reader<'de> {
    /// At the beginning of a document.
    #[must_use]
    pub fn new(text: &'de str) -> Self {
        Self { text, at: 0, left: MOST_ITEMS, left_out: &[] }
    }

    /// The same, passing over every newtype struct of one of these names: its visitor is given a unit.
    #[must_use]
    pub fn leaving_out(self, names: &'static [&'static str]) -> Self {
        Self { left_out: names, ..self }
    }

    /// Checks that nothing but white space is left.
    ///
    /// # Errors
    /// Something is.
    pub fn end(&mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error("expected the end")),
        }
    }

    fn bytes(&self) -> &'de [u8] {
        self.text.as_bytes()
    }

    #[cold]
    fn error(&self, message: &str) -> Error {
        Error(Box::new(Why { message: message.to_owned(), at: self.at }))
    }

    /// Where an error of a visitor happened.
    #[cold]
    fn place(&self, mut error: Error) -> Error {
        if error.0.at == 0 {
            error.0.at = self.at;
        }
        error
    }

    /// The next byte that is not white space, unread.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                byte => return byte.copied(),
            }
        }
    }

    fn expect(&mut self, byte: u8, message: &str) -> Result<()> {
        if self.peek() != Some(byte) {
            return Err(self.error(message));
        }
        self.at += 1;
        Ok(())
    }

    fn literal(&mut self, literal: &str) -> Result<()> {
        let end = self.at + literal.len();
        if self.bytes().get(self.at..end) != Some(literal.as_bytes()) {
            return Err(self.error("expected a value"));
        }
        self.at = end;
        Ok(())
    }

    /// The end of the string that begins here, past its closing quote, and whether it has escapes.
    fn string_end(&self) -> Result<(usize, bool)> {
        let mut at = self.at + 1;
        let mut escaped = false;
        loop {
            let rest = self.bytes().get(at..).unwrap_or_default();
            let found = scan::special(rest);
            match rest.get(found) {
                Some(b'"') => return Ok((at + found + 1, escaped)),
                Some(b'\\') => escaped = true,
                Some(_) => return Err(self.error("control character in a string")),
                None => return Err(self.error("the string does not end")),
            }
            at += found + 2;
        }
    }

    /// Reads a string; borrowed where it has no escapes.
    fn string<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a string"));
        }
        let (end, escaped) = self.string_end()?;
        if escaped {
            let quoted = self.text.get(self.at..end).ok_or_else(|| self.error("the string does not end"))?;
            let text: String = serde_json::from_str(quoted).map_err(|_| self.error("wrong escape in a string"))?;
            self.at = end;
            return visitor.visit_string(text);
        }
        let text = self.text.get(self.at + 1..end - 1).ok_or_else(|| self.error("the string does not end"))?;
        self.at = end;
        visitor.visit_borrowed_str(text)
    }

    /// Reads a number as `serde_json` does.
    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = self.bytes()[self.at..].iter().take_while(|byte| number(byte)).count();
        let text = &self.text[self.at..self.at + length];
        if let Some(value) = small(text.as_bytes()) {
            self.at += length;
            return visitor.visit_u64(value);
        }
        let value: serde_json::Number = serde_json::from_str(text).map_err(|_| self.error("expected a value"))?;
        self.at += length;
        let fits = "a serde_json number is one of the three";
        match (value.as_u64(), value.as_i64(), value.as_f64()) {
            (Some(value), ..) => visitor.visit_u64(value),
            (_, Some(value), _) => visitor.visit_i64(value),
            (_, _, value) => visitor.visit_f64(value.expect(fits)),
        }
    }

    /// Passes over a value. Of a map or a list only brackets and quotes are looked at.
    fn skip(&mut self) -> Result<()> {
        match self.peek() {
            Some(b'{' | b'[') => self.skip_brackets(),
            Some(b'"') => self.string_end().map(|(end, _)| self.at = end),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => self.number(de::IgnoredAny).map(drop),
        }
    }

    fn skip_brackets(&mut self) -> Result<()> {
        let length = scan::brackets(&self.bytes()[self.at..]).ok_or_else(|| self.error("the value does not end"))?;
        self.at += length;
        Ok(())
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            Some(b'"') => self.string(visitor),
            Some(b'{') => {
                self.at += 1;
                let value =
                    visitor.visit_map(Items { reader: self, first: true }).map_err(|error| self.place(error))?;
                self.expect(b'}', "expected , or }").map(|()| value)
            }
            Some(b'[') => {
                self.at += 1;
                let value =
                    visitor.visit_seq(Items { reader: self, first: true }).map_err(|error| self.place(error))?;
                self.expect(b']', "expected , or ]").map(|()| value)
            }
            Some(b't') => self.literal("true").and_then(|()| visitor.visit_bool(true)),
            Some(b'f') => self.literal("false").and_then(|()| visitor.visit_bool(false)),
            Some(b'n') => self.literal("null").and_then(|()| visitor.visit_unit()),
            Some(b'-' | b'0'..=b'9') => self.number(visitor),
            _ => Err(self.error("expected a value")),
        }
        .map_err(|error| self.place(error))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            Some(b'n') => self.literal("null").and_then(|()| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }

    // The only ones who ask for these are keys of a map, which are strings.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.string(visitor).map_err(|error| self.place(error))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        if self.left_out.contains(&name) {
            return self.deserialize_ignored_any(visitor);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum
    }
}

/// A whole number of few digits, which nearly all are: ports, seconds, users.
fn small(digits: &[u8]) -> Option<u64> {
    let plain = matches!(digits, [b'0'] | [b'1'..=b'9', ..]) && digits.len() < 19;
    let digit = |sum: u64, byte: &u8| byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0'));
    if plain { digits.iter().try_fold(0, digit) } else { None }
}

/// Writes a string, in quotes.
pub fn quote(out: &mut Vec<u8>, text: &str) {
    if scan::special(text.as_bytes()) < text.len() {
        return write(out, text);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Writes anything else.
pub fn write(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(out, value)
        .expect("texts, numbers, lists and maps of these have a JSON form, and memory takes it");
}

/// The entries of a map or a list that is open.
struct Items<'r, 'de> {
    reader: &'r mut Reader<'de>,
    first: bool,
}

impl Items<'_, '_> {
    /// Goes to the next entry, if there is one before `close`.
    fn next(&mut self, close: u8) -> Result<bool> {
        let peeked = self.reader.peek();
        if peeked != Some(close) {
            let Some(left) = self.reader.left.checked_sub(1) else {
                return Err(self.reader.error("more keys and list entries than any object has, 100,000"));
            };
            self.reader.left = left;
        }
        match peeked {
            Some(byte) if byte == close => Ok(false),
            Some(b',') if !self.first => {
                self.reader.at += 1;
                match self.reader.peek() {
                    Some(byte) if byte == close => Err(self.reader.error("trailing comma")),
                    _ => Ok(true),
                }
            }
            Some(_) if self.first => {
                self.first = false;
                Ok(true)
            }
            _ => Err(self.reader.error("expected a comma or the end")),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if !self.next(b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if !self.next(b'}')? {
            return Ok(None);
        }
        if self.reader.peek() != Some(b'"') {
            return Err(self.reader.error("expected a key"));
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        self.reader.expect(b':', "expected :")?;
        seed.deserialize(&mut *self.reader)
    }
}

#[cfg(test)]
mod tests;
