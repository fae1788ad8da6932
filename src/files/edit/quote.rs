//! Strings as YAML: plain where every YAML reads a string, otherwise in quotes.

use super::super::scalar::is_string;
use super::super::tree::{Id, Kind, Style, Tree};

/// A string where it is to be written: plain if that is safe, otherwise in those quotes.
pub(super) fn string(text: &str, quotes: Style, flow: bool) -> String {
    if is_plain(text, flow) { text.to_owned() } else { quoted(text, quotes) }
}

/// In single or double quotes; what single quotes cannot hold, in double quotes.
pub(super) fn quoted(text: &str, quotes: Style) -> String {
    if quotes == Style::Single && text.chars().all(printable) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let json = serde_json::Value::String(text.to_owned()).to_string();
    json.chars().fold(String::with_capacity(json.len()), |mut text, c| {
        if printable(c) {
            text.push(c);
        } else {
            text.push_str(&format!("\\u{:04x}", u32::from(c)));
        }
        text
    })
}

/// Whether a character stands for itself in quotes on one line.
fn printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a string can be written plain and is still a string for YAML 1.1 and 1.2. Strict: what looks odd is quoted.
fn is_plain(text: &str, flow: bool) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let number_with_unit = first.is_ascii_digit()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
        && text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let begins = first.is_alphabetic() || matches!(first, '/' | '_') || number_with_unit;
    begins && is_string(text) && continues(text, flow)
}

/// Whether a plain scalar that begins well also goes on well, on one line.
pub(super) fn continues(text: &str, flow: bool) -> bool {
    let indicator = |c: char| matches!(c, ',' | '[' | ']' | '{' | '}' | ':');
    let ends = text.contains(": ") || text.contains(" #") || text.ends_with([' ', ':']);
    text.chars().all(printable) && !ends && (!flow || !text.contains(indicator))
}

/// The quotes that the neighbours in a map or list use, else those that come first in the document, else double ones.
pub(super) fn neighbours(tree: &Tree<'_>, container: Option<Id>) -> Style {
    let quotes = |id: Id| match tree.kind(id) {
        Kind::Scalar(style @ (Style::Single | Style::Double)) => Some(style),
        _ => None,
    };
    let near = container.and_then(|container| tree.children(container).find_map(quotes));
    near.or_else(|| (0..tree.len()).find_map(quotes)).unwrap_or(Style::Double)
}
