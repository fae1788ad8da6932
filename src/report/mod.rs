//! What was found, in the forms that people, forges and CI systems read. A [`Report`] in, text out.
//!
//! Pure, and the same for every door: files today. It knows findings and their places as data, and neither how they came
//! about nor what an exit code is.

mod catalogue;
mod explain;
mod footer;
mod format;
mod github;
mod hidden;
mod human;
mod json;
mod junit;
mod markdown;
mod overview;
mod place;
mod sarif;
mod totals;

use std::sync::Arc;

use crate::policy::{Finding, Inventory, Level, Rule, printable};

pub use catalogue::{CatalogueFormat, catalogue, page, table};
pub use explain::{example, explain};
pub use format::{Format, write};
pub use hidden::Hidden;
pub use human::{human, summary};
pub use overview::{area, overview};
pub use place::{Excerpt, Place, Position, Region};
pub use totals::Totals;

/// Everything that there is to say of some files.
#[derive(Debug, Default)]
pub struct Report {
    /// Every file that was looked at, by name.
    pub files: Vec<Arc<str>>,
    /// How many objects were judged.
    pub objects: usize,
    /// What was found, by file and place.
    pub found: Vec<Found>,
    /// What could not be read or understood, by file and place. Nothing is known of it, which is no success.
    pub unreadable: Vec<Unreadable>,
    /// What the rules could not see here.
    pub unseen: Vec<Unseen>,
    /// How many findings a baseline knew: they are not among `found`.
    pub known: usize,
    /// The objects that were compared with each other. No form of the report has any of it: whoever ends the process with
    /// the report need not take thousands of objects apart.
    pub compared: Option<Inventory>,
}

/// A finding, and where in which file it is.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// Which document of the file, from 0.
    pub document: usize,
    /// JSON pointer of the object in that document: empty unless it is in a list or a review.
    pub base: String,
    /// Where in the file.
    pub place: Place,
    /// The object that has it.
    pub object: ObjectName,
    /// Who found it.
    pub rule: &'static Rule,
    /// What it comes to.
    pub severity: Severity,
    /// Whether it makes the run fail.
    pub fails: bool,
    /// What was found.
    pub finding: Finding,
    /// What mends it in the text.
    pub remedy: Remedy,
    /// The pointer of the finding in its object, with names instead of numbers where the items of a list have names.
    pub path: String,
}

/// An object, as people name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectName {
    /// Like `Deployment`; `values` for values of Dapr's chart.
    pub kind: String,
    /// Empty where the manifest names none.
    pub namespace: String,
    /// Empty where it has none.
    pub name: String,
}

/// What a finding comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It refuses the object in an enforcing namespace.
    Deny,
    /// It becomes an admission warning.
    Warn,
    /// It is said here and nowhere else: the webhook mends it, or records it in silence.
    Note,
}

/// What mends a finding in the text of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// A person has to decide.
    None,
    /// There are edits, and nobody has asked what they change in this text, or is to read it: it would repeat a secret.
    Unasked,
    /// These changes.
    Changes(Vec<Change>),
    /// There are edits, and this is why they cannot be made in this text.
    Impossible(String),
}

/// A change of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What goes away; empty for an insertion.
    pub region: Region,
    /// What comes in its place.
    pub insert: String,
}

/// A document or a file that could not be read or understood.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// Where; `None` where it is the whole file.
    pub place: Option<Box<Place>>,
    /// What is wrong.
    pub problem: String,
    /// What to write or do instead; may be empty.
    pub advice: String,
}

/// What a rule could not see here.
#[derive(Clone, Debug)]
pub struct Unseen {
    /// The rule.
    pub rule: &'static Rule,
    /// What would be needed to judge it.
    pub needs: String,
    /// Of how many objects; 0 where it is all together.
    pub objects: usize,
}

impl Severity {
    /// As printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Note => "note",
        }
    }
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Deny => Self::Deny,
            Level::Warn => Self::Warn,
            Level::Off => Self::Note,
        }
    }
}

impl Unreadable {
    /// What cannot be read or understood there; the words may repeat what others wrote.
    #[must_use]
    pub fn new(file: Arc<str>, place: Option<Place>, problem: &str, advice: &str) -> Self {
        let said = |text| printable(text).into_owned();
        Self { file, place: place.map(Box::new), problem: said(problem), advice: said(advice) }
    }
}

impl Found {
    /// The same for the same fault of the same object in the same file, whatever else changes in it: rule, file, object
    /// and field, in one line.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("{} {} {} {}", self.rule.id, self.file, self.object, self.path)
    }
}

impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.kind)?;
        match (&*self.namespace, &*self.name) {
            ("", "") => Ok(()),
            ("", name) => write!(f, " {name}"),
            (namespace, name) => write!(f, " {namespace}/{name}"),
        }
    }
}
