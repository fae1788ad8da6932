//! Another text for a scalar, in the quotes that it has.

use serde_json::Value;

use super::super::tree::{Id, Kind, Style, Tree};
use super::{TextEdit, flow, layout, quote};

type Edits = Result<Vec<TextEdit>, String>;

/// Writes that value in place of a scalar. A longer string that begins with the old one is only appended to.
pub(super) fn rewrite(tree: &Tree<'_>, scalar: Id, value: &Value) -> Edits {
    if tree.tag_of(scalar).is_some() {
        return Err("it has a tag".to_owned());
    }
    let Kind::Scalar(style) = tree.kind(scalar) else {
        return Err("it is no string".to_owned());
    };
    let span = tree.span(scalar);
    let Value::String(text) = value else {
        return Ok(vec![TextEdit { range: span, insert: value.to_string() }]);
    };
    let parent = layout::parent(tree, scalar);
    let in_flow = parent.is_some_and(|parent| flow::is(tree, parent));
    let old = tree.text(scalar);
    let kept = old.trim_end_matches([' ', '\t', ',', '\n']);
    let more = text.strip_prefix(kept);
    // A line break at the end of quoted text is an escape, which is not looked for.
    let escaped = old[kept.len()..].contains(['\n', '\t']);
    match (style, more) {
        (Style::Literal | Style::Folded, Some(more)) => return append_to_block(tree, scalar, more),
        (Style::Plain, Some(more)) if in_plain(kept, more, text, in_flow) => {
            let end = span.start + trimmed(&tree.source[span.clone()]);
            return Ok(vec![TextEdit { range: end..span.end, insert: more.to_owned() }]);
        }
        (Style::Single | Style::Double, Some(more)) if !escaped => {
            let close = span.end - 1;
            let end = span.start + trimmed(&tree.source[span.start..close]);
            let quoted = quote::quoted(more, style);
            // Something that single quotes cannot hold makes them double ones.
            if quoted.starts_with(&tree.source[close..span.end]) {
                return Ok(vec![TextEdit { range: end..close, insert: quoted[1..quoted.len() - 1].to_owned() }]);
            }
        }
        _ => {}
    }
    let insert = match style {
        Style::Single | Style::Double => quote::quoted(text, style),
        Style::Plain => quote::string(text, quote::neighbours(tree, parent), in_flow),
        Style::Literal | Style::Folded => quote::quoted(text, Style::Double),
    };
    Ok(vec![TextEdit { range: span, insert }])
}

/// Whether a plain scalar can go on like that.
fn in_plain(kept: &str, more: &str, whole: &str, in_flow: bool) -> bool {
    !kept.is_empty() && !more.is_empty() && super::super::scalar::is_string(whole) && quote::continues(whole, in_flow)
}

fn trimmed(written: &str) -> usize {
    written.trim_end_matches([' ', '\t', ',', '\n', '\r']).len()
}

/// Appends to the last line of a block scalar, which then has no line break at its end.
fn append_to_block(tree: &Tree<'_>, scalar: Id, more: &str) -> Edits {
    if more.contains('\n') {
        return Err("it is a block scalar, and the new text has several lines".to_owned());
    }
    let span = tree.span(scalar);
    let written = tree.written(scalar);
    let header = written.find('\n').ok_or("it is an empty block scalar")?;
    let end = span.start + trimmed(written);
    let mut edits = Vec::new();
    let indicators = written[..header].split([' ', '#', '\r']).next().unwrap_or_default();
    if let Some(plus) = indicators.find('+') {
        edits.push(TextEdit { range: span.start + plus..span.start + plus + 1, insert: "-".to_owned() });
    } else if !indicators.contains('-') {
        edits.push(TextEdit { range: span.start + 1..span.start + 1, insert: "-".to_owned() });
    }
    // Trailing commas and blanks go; a line break stays.
    let blank = tree.source[end..].bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b',')).count();
    edits.push(TextEdit { range: end..end + blank, insert: more.to_owned() });
    Ok(edits)
}
