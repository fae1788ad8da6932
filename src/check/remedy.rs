//! From the edits of a finding to changes of its text.

use super::text::Text;
use super::{hidden, locate};
use crate::files::{TextEdit, text_edits};
use crate::policy::{Edit, Finding};
use crate::report::{Change, Remedy};

/// The changes of the text that make a finding's edits, unless they would repeat what is not shown of it.
pub(super) fn remedy(text: &Text<'_>, base: &str, finding: &Finding) -> Remedy {
    if finding.edits.is_empty() {
        return Remedy::None;
    }
    let edits = below(base, &finding.edits);
    match text_edits(text.document, text.text, &edits) {
        Ok(made) => {
            let change =
                |edit: TextEdit| Change { region: locate::region(text.lines, edit.range), insert: edit.insert };
            let mut changes: Vec<Change> = made.into_iter().map(change).collect();
            changes.sort_by_key(|change| change.region);
            match hidden::repeats(text, &edits, &changes) {
                true => Remedy::Unasked,
                false => Remedy::Changes(changes),
            }
        }
        Err(error) => Remedy::Impossible(error.reason),
    }
}

/// The same edits of an object that is somewhere in a document.
pub(super) fn below(base: &str, edits: &[Edit]) -> Vec<Edit> {
    let at = |at: &str| format!("{base}{at}");
    let moved = |edit: &Edit| match edit {
        Edit::Add { at: place, value } => Edit::Add { at: at(place), value: value.clone() },
        Edit::AppendEntry { at: place, list } => Edit::AppendEntry { at: at(place), list: list.clone() },
        Edit::Replace { at: place, value } => Edit::Replace { at: at(place), value: value.clone() },
    };
    edits.iter().map(moved).collect()
}
