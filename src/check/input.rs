//! One text to check, and how to get it.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::hidden;
use crate::report::{Excerpt, Hidden, Place, Position, Region, Unreadable};

/// One text to check.
#[derive(Clone, Debug)]
pub struct Input {
    /// As it is named in reports.
    pub name: Arc<str>,
    /// Where the text is.
    pub origin: Origin,
    /// Whether somebody named it; else it was found in a directory, where much is that is no manifest.
    pub named: bool,
}

/// Where a text is.
#[derive(Clone, Debug)]
pub enum Origin {
    /// In a file, read when it is needed.
    File(PathBuf),
    /// At hand: standard input, or what has become of a file.
    Text(String),
}

impl Input {
    /// A text at hand.
    #[must_use]
    pub fn text(name: &str, text: impl Into<String>) -> Self {
        Self { name: name.into(), origin: Origin::Text(text.into()), named: true }
    }

    /// Reads it.
    ///
    /// # Errors
    /// A file that cannot be read or is not UTF-8.
    pub fn read(&self) -> Result<Cow<'_, str>, Unreadable> {
        match &self.origin {
            Origin::Text(text) => Ok(Cow::Borrowed(text)),
            Origin::File(path) => match read(path) {
                Ok(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|error| self.not_utf8(&error)),
                Err(error) => Err(unreadable(&self.name, &format!("cannot be read: {error}"), "")),
            },
        }
    }

    fn not_utf8(&self, error: &std::string::FromUtf8Error) -> Unreadable {
        let (bytes, at) = (error.as_bytes(), error.utf8_error().valid_up_to());
        let before = String::from_utf8_lossy(&bytes[..at]);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let start = Position { line, column };
        // What comes before is valid, and what comes behind is shown as far as it goes.
        let text = String::from_utf8_lossy(&bytes[at.saturating_sub(200)..bytes.len().min(at + 200)]);
        let shown = at.min(200);
        let span = if text.is_char_boundary(shown) { shown..shown } else { 0..0 };
        let advice = match bytes {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "the file is UTF-16: save it as UTF-8",
            _ => "save it as UTF-8",
        };
        let hidden = Hidden::new(&text, hidden::of_line(&text, &text, span.start));
        let excerpt = Excerpt::of(&text, span, &hidden);
        let place = Place { region: Region { start, end: start }, excerpt, missing: None };
        let problem = format!("not UTF-8: the byte 0x{:02x}", bytes.get(at).copied().unwrap_or_default());
        Unreadable::new(Arc::clone(&self.name), Some(place), &problem, advice)
    }
}

/// Most manifests are smaller than this, in bytes.
const SMALL: usize = 16 * 1024;

/// A file's bytes. Of a small one nobody asks first how large it is.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut first = [0; SMALL];
    let mut length = 0;
    while length < SMALL {
        match file.read(&mut first[length..]) {
            Ok(0) => return Ok(first[..length].to_vec()),
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let mut bytes = first.to_vec();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A whole file that cannot be read.
pub(super) fn unreadable(file: &str, problem: &str, advice: &str) -> Unreadable {
    Unreadable::new(file.into(), None, problem, advice)
}
