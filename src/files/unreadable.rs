//! Why a document cannot be read, in words that say what to change.

/// A document that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {advice}")]
pub struct Unreadable {
    /// Where it is wrong, in bytes from the beginning of the text.
    pub at: usize,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub advice: String,
}

impl Unreadable {
    pub(super) fn new(at: usize, problem: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { at, problem: problem.into(), advice: advice.into() }
    }

    /// The same, of a document that begins there.
    pub(super) fn behind(mut self, offset: usize) -> Self {
        self.at += offset;
        self
    }
}

/// What the parser stumbles over, with what most probably is meant.
pub(super) fn syntax(source: &str, at: usize, problem: &str) -> Unreadable {
    let mut at = at;
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    let start = source[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = source[start..].lines().next().unwrap_or_default();
    let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
    let advice = if template(source, at) {
        TEMPLATE
    } else if indent.contains('\t') {
        "indent with spaces: YAML allows no tabs there"
    } else {
        "mend the indentation, quotes or brackets here or shortly before"
    };
    Unreadable::new(at, format!("not YAML: {problem}"), advice)
}

/// What to do with a template.
pub(super) const TEMPLATE: &str =
    "this is a template and no YAML yet: render it first, as in `helm template . | dapr-preflight check -`";

/// Whether a template's braces are near that place, or before it where no YAML has them.
pub(super) fn template(source: &str, at: usize) -> bool {
    let end = source[at..].find('\n').map_or(source.len(), |length| at + length);
    let braces = |line: &str| line.trim_start().starts_with("{{") || line.contains(": {{") || line.contains("- {{");
    source[..end].lines().rev().take(3).any(|line| line.contains("{{")) || source[..end].lines().any(braces)
}

/// The text of a file.
///
/// # Errors
/// It is not UTF-8.
pub fn text(bytes: &[u8]) -> Result<&str, Unreadable> {
    std::str::from_utf8(bytes).map_err(|error| {
        let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let problem = if utf16 { "the text is UTF-16" } else { "the text is not UTF-8" };
        Unreadable::new(error.valid_up_to(), problem, "save it as UTF-8")
    })
}
