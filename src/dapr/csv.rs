//! A list as daprd's flag parser reads it: one record of CSV (`spf13/pflag` `StringSlice`, Go's `encoding/csv`).

use thiserror::Error;

/// A list with which daprd exits: a quote inside a field that does not begin with one, or one that is not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("quotes are wrong: write the names without quotes, separated by commas")]
pub struct CsvError;

/// The fields of the first record. An empty text has none.
///
/// # Errors
/// Where daprd's flag parser returns one: it then exits.
pub fn fields(text: &str) -> Result<Vec<String>, CsvError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    // Go drops the carriage return of a line's end, and one at the very end of the text.
    let text = text.strip_suffix('\r').unwrap_or(text).replace("\r\n", "\n");
    let mut rest = text.trim_start_matches('\n');
    if rest.is_empty() {
        return Err(CsvError);
    }
    let mut fields = Vec::new();
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => plain_field(rest)?,
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(fields),
        }
    }
}

fn plain_field(text: &str) -> Result<(String, &str), CsvError> {
    let (field, rest) = text.split_at(text.find([',', '\n']).unwrap_or(text.len()));
    if field.contains('"') {
        return Err(CsvError);
    }
    Ok((field.to_owned(), rest))
}

/// What follows an opening quote: a doubled quote is one, and a single one must end the field.
fn quoted_field(text: &str) -> Result<(String, &str), CsvError> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"').ok_or(CsvError)?;
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None if after.is_empty() || after.starts_with([',', '\n']) => return Ok((field, after)),
            None => return Err(CsvError),
        }
    }
}
