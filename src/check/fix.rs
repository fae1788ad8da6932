//! From findings to edited texts.

use std::collections::BTreeMap;

use super::remedy::below;
use super::{Check, Input, Origin};
use crate::files::{Document, TextEdit, apply, documents, text_edits};
use crate::policy::{Edit, Fix};
use crate::report::{Found, Report};

/// The most rounds. Safe edits need one; a suggested one can make a rule see what it did not see before.
const ROUNDS: usize = 10;

/// What has become of some texts.
#[derive(Debug)]
pub struct Fixed {
    /// Those that changed.
    pub files: Vec<FixedFile>,
    /// Findings whose edits cannot be made in their text, each with the reason.
    pub left: Vec<(Found, String)>,
    /// What there is to say of the texts as they are now.
    pub report: Report,
}

/// A text that changed.
#[derive(Debug)]
pub struct FixedFile {
    /// Which input it was.
    pub input: usize,
    /// Its text as it was read.
    pub before: String,
    /// Its text now.
    pub after: String,
    /// How many findings that mended.
    pub mended: usize,
}

/// Edits these texts, in memory, until nothing is left to edit: the safe edits, and with `suggested` all others too.
#[must_use]
pub fn fix(check: &Check, inputs: &[Input], suggested: bool) -> Fixed {
    let wanted = |found: &Found| match found.finding.fix {
        Fix::Safe => true,
        Fix::Suggested => suggested,
        Fix::None => false,
    };
    let mut now = inputs.to_vec();
    let mut files: BTreeMap<usize, FixedFile> = BTreeMap::new();
    let (mut report, mut left) = (check.run(&now), Vec::new());
    for _ in 0..ROUNDS {
        left.clear();
        let mut changed = false;
        for (index, input) in now.iter_mut().enumerate() {
            let found: Vec<_> = report.found.iter().filter(|found| found.file == input.name && wanted(found)).collect();
            let Ok(text) = input.read().map(std::borrow::Cow::into_owned) else { continue };
            let (after, mended) = edited(&text, &found, &mut left);
            if after == text {
                continue;
            }
            changed = true;
            input.origin = Origin::Text(after.clone());
            let file =
                files.entry(index).or_insert(FixedFile { input: index, before: text, after: String::new(), mended: 0 });
            file.after = after;
            file.mended += mended;
        }
        if !changed {
            break;
        }
        report = check.run(&now);
    }
    Fixed { files: files.into_values().collect(), left, report }
}

/// The text with every edit that can be made in it, and how many findings that mends.
fn edited(text: &str, found: &[&Found], left: &mut Vec<(Found, String)>) -> (String, usize) {
    let (mut all, mut mended) = (Vec::new(), 0);
    for (number, document) in documents(text).enumerate() {
        let Ok(document) = document else { continue };
        let here: Vec<_> = found.iter().copied().filter(|found| found.document == number).collect();
        if here.is_empty() {
            continue;
        }
        let (edits, count) = edits_of(&document, text, &here, left);
        all.extend(edits);
        mended += count;
    }
    (apply(text, all), mended)
}

/// The edits of one document: all findings' together, or of those that can be mended.
fn edits_of(
    document: &Document<'_>,
    text: &str,
    found: &[&Found],
    left: &mut Vec<(Found, String)>,
) -> (Vec<TextEdit>, usize) {
    let edits = |found: &[&Found]| -> Vec<Edit> {
        found.iter().flat_map(|found| below(&found.base, &found.finding.edits)).collect()
    };
    if let Ok(made) = text_edits(document, text, &edits(found)) {
        return (made, found.len());
    }
    let mut possible: Vec<&Found> = Vec::new();
    for &one in found {
        match text_edits(document, text, &edits(&[one])) {
            Ok(_) => possible.push(one),
            Err(error) => left.push((one.clone(), error.reason)),
        }
    }
    match text_edits(document, text, &edits(&possible)) {
        Ok(made) => (made, possible.len()),
        // They are in each other's way: one now, the others in the next round.
        Err(_) => match possible.first().map(|first| text_edits(document, text, &edits(&[first]))) {
            Some(Ok(made)) => (made, 1),
            _ => (Vec::new(), 0),
        },
    }
}
