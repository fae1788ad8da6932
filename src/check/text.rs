//! A document, the text that it is in, and what of both nobody is shown.

use std::cell::OnceCell;
use std::sync::Arc;

use super::hidden;
use crate::files::{Document, Lines};
use crate::json::Value;
use crate::report::Hidden;

/// A document and the text that it is in.
pub(super) struct Text<'t> {
    pub file: &'t Arc<str>,
    pub text: &'t str,
    pub lines: &'t Lines<'t>,
    /// Which document of the text.
    pub number: usize,
    pub document: &'t Document<'t>,
    /// The objects inside, each with its JSON pointer in the document.
    pub objects: &'t [(String, Value)],
    hidden: OnceCell<Hidden>,
}

impl<'t> Text<'t> {
    /// The document of that number, with its objects.
    pub(super) fn new(
        file: &'t Arc<str>,
        text: &'t str,
        lines: &'t Lines<'t>,
        number: usize,
        document: &'t Document<'t>,
        objects: &'t [(String, Value)],
    ) -> Self {
        Self { file, text, lines, number, document, objects, hidden: OnceCell::new() }
    }

    /// What no report shows of it. Looked for once something is to be shown: most documents are fine.
    pub(super) fn hidden(&self) -> &Hidden {
        self.hidden.get_or_init(|| Hidden::new(self.text, hidden::of_document(self.document, self.objects)))
    }
}
