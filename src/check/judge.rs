//! One text: its documents, their objects, and what the rules find in each.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::Value;

use super::exemptions::{self, Granted};
use super::{Check, Input, locate};
use crate::dapr::pod::{Metadata, Pod};
use crate::files::{Document, Lines, documents, text_edits};
use crate::policy::{Edit, Finding, Inventory, Judged, Kind, ObjectKind, escape};
use crate::report::{Change, Found, ObjectName, Remedy, Unreadable};

/// What one text comes to.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub found: Vec<Found>,
    pub unreadable: Vec<Unreadable>,
    pub objects: usize,
    /// What rules on everything together compare.
    pub kept: Vec<Kept>,
    pub granted: Vec<Granted>,
}

/// An object that rules on everything together compare.
#[derive(Debug)]
pub(super) struct Kept {
    pub value: Value,
    /// Which document of the text.
    pub document: usize,
    /// JSON pointer of the object in it.
    pub base: String,
}

/// A document and the text that it is in.
pub(super) struct Text<'t> {
    pub file: &'t Arc<str>,
    pub text: &'t str,
    pub lines: &'t Lines<'t>,
    /// Which document of the text.
    pub number: usize,
    pub document: &'t Document<'t>,
}

impl Check {
    /// Judges every object of a text.
    pub(super) fn look(&self, input: &Input) -> Looked {
        let mut looked = Looked::default();
        let text = match input.read() {
            Ok(text) => text,
            Err(error) => {
                looked.unreadable.push(error);
                return looked;
            }
        };
        // Much YAML in a repository is no manifest, and need not be any YAML that is read here.
        if !input.named && !resembles_a_manifest(&text) {
            return looked;
        }
        let lines = Lines::new(&text);
        for (number, document) in documents(&text).enumerate() {
            match document {
                Ok(document) if document.is_empty() => {}
                Ok(document) => {
                    let text = Text { file: &input.name, text: &text, lines: &lines, number, document: &document };
                    self.document(&text, &mut looked);
                }
                Err(error) => looked.unreadable.push(Unreadable {
                    file: Arc::clone(&input.name),
                    place: Some(locate::at(&text, &lines, error.at..error.at + 1)),
                    problem: error.problem,
                    advice: error.advice,
                }),
            }
        }
        looked
    }

    fn document(&self, text: &Text<'_>, looked: &mut Looked) {
        let mut written = None;
        for (nth, (base, object)) in text.document.objects().into_iter().enumerate() {
            let Some(kind) = kind_of(&object) else { continue };
            looked.objects += 1;
            let mut as_written = Cow::Borrowed(&object);
            let judged = self.engine.judge_manifest(kind, &object, self.now).or_else(|_| {
                // A value of another type than a string may be why.
                let all = written.get_or_insert_with(|| text.document.objects_as_written());
                as_written = Cow::Owned(std::mem::take(&mut all[nth].1));
                self.engine.judge_written(kind, &object, &as_written, self.now)
            });
            match judged {
                Ok(judged) => {
                    let name = ObjectName::of(kind, &object);
                    let found = judged.into_iter().map(|judged| self.found(text, &base, &name, kind, &object, judged));
                    looked.found.extend(found);
                }
                Err(error) => looked.unreadable.push(mistyped(text, &base, kind, &as_written, &error)),
            }
            if let Some(granted) = exemptions::granted(&object, self.known) {
                match granted {
                    Ok(granted) => looked.granted.push(granted),
                    Err(error) => {
                        let place = locate::place(text.document, text.text, text.lines, &format!("{base}{}", error.at));
                        let (file, problem) = (Arc::clone(text.file), error.problem);
                        let advice = "see `kubectl explain preflightexemption.spec`".to_owned();
                        looked.unreadable.push(Unreadable { file, place: Some(place), problem, advice });
                    }
                }
            }
            if Inventory::wants(kind.group, kind.kind) {
                let value = match as_written {
                    Cow::Owned(written) => written,
                    Cow::Borrowed(_) => object,
                };
                looked.kept.push(Kept { value, document: text.number, base });
            }
        }
    }

    /// A finding with its place in the text.
    pub(super) fn found(
        &self,
        text: &Text<'_>,
        base: &str,
        name: &ObjectName,
        kind: ObjectKind<'_>,
        object: &Value,
        judged: Judged,
    ) -> Found {
        let severity = self.severity(&judged, kind, object);
        let Judged { rule, finding, .. } = judged;
        let pointer = format!("{base}{}", finding.at);
        Found {
            file: Arc::clone(text.file),
            document: text.number,
            place: locate::place(text.document, text.text, text.lines, &pointer),
            object: name.clone(),
            base: base.to_owned(),
            rule,
            severity,
            fails: severity <= self.fail_on,
            remedy: if self.changes { remedy(text, base, &finding) } else { Remedy::Unasked },
            path: stable(object, &finding.at),
            finding,
        }
    }
}

/// Whether a text can have an object or values of Dapr's chart in it.
fn resembles_a_manifest(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), b"apiVersion").is_some()
        || memchr::memmem::find(text.as_bytes(), b"dapr_").is_some()
}

/// What an object is; values of Dapr's chart are told by their keys.
pub(super) fn kind_of(object: &Value) -> Option<ObjectKind<'_>> {
    ObjectKind::of(object).or_else(|| is_dapr_chart_values(object).then(ObjectKind::dapr_chart_values))
}

/// Whether a document without a kind has the keys that only the values of Dapr's chart have.
fn is_dapr_chart_values(document: &Value) -> bool {
    let keys = document.as_object().filter(|keys| !keys.contains_key("apiVersion") && !keys.contains_key("kind"));
    keys.is_some_and(|keys| keys.keys().any(|key| key.starts_with("dapr_")))
}

/// The changes of the text that make a finding's edits.
fn remedy(text: &Text<'_>, base: &str, finding: &Finding) -> Remedy {
    if finding.edits.is_empty() {
        return Remedy::None;
    }
    match text_edits(text.document, text.text, &below(base, &finding.edits)) {
        Ok(edits) => {
            let change = |edit: crate::files::TextEdit| Change {
                region: locate::region(text.lines, edit.range),
                insert: edit.insert,
            };
            let mut changes: Vec<Change> = edits.into_iter().map(change).collect();
            changes.sort_by_key(|change| change.region);
            Remedy::Changes(changes)
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

/// A pointer in which the items of lists are named where they have names, so that it survives a new item before them.
fn stable(object: &Value, pointer: &str) -> String {
    let mut at = object;
    let mut path = String::new();
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        at = match at {
            Value::Array(items) => name.parse().ok().and_then(|index: usize| items.get(index)).unwrap_or(&Value::Null),
            other => &other[&*name],
        };
        let named = at["name"].as_str().filter(|_| segment.bytes().all(|byte| byte.is_ascii_digit()));
        path.push('/');
        path.push_str(&named.map_or_else(|| segment.to_owned(), escape));
    }
    path
}

/// An object with a value of another type than its field has: the API server could not read it either.
fn mistyped(
    text: &Text<'_>,
    base: &str,
    kind: ObjectKind<'_>,
    object: &Value,
    error: &serde_json::Error,
) -> Unreadable {
    let (at, problem) = stumbled(kind, object).unwrap_or_else(|| (String::new(), error.to_string()));
    Unreadable {
        file: Arc::clone(text.file),
        place: Some(locate::place(text.document, text.text, text.lines, &format!("{base}{at}"))),
        problem: format!("{} cannot be read, by the API server neither: {problem}", ObjectName::of(kind, object)),
        advice: format!("see `kubectl explain {}`", kind.kind.to_lowercase()),
    }
}

/// The JSON pointer of the field that cannot be read, and why.
fn stumbled(kind: ObjectKind<'_>, object: &Value) -> Option<(String, String)> {
    let pointer = |path: &serde_path_to_error::Path| {
        let mut pointer = String::new();
        for segment in path.iter() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                Segment::Map { key } => pointer.push_str(&format!("/{}", escape(key))),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        pointer
    };
    if let Some(metadata) = object.get("metadata")
        && let Err(error) = serde_path_to_error::deserialize::<_, Metadata<'_>>(metadata)
    {
        return Some((format!("/metadata{}", pointer(error.path())), error.inner().to_string()));
    }
    let base = Kind::find(kind.group, kind.version, kind.kind)?.base();
    let error = serde_path_to_error::deserialize::<_, Pod<'_>>(object.pointer(base)?).err()?;
    debug_assert!(Pod::deserialize(object.pointer(base)?).is_err());
    Some((format!("{base}{}", pointer(error.path())), error.inner().to_string()))
}

impl ObjectName {
    /// Of an object of that kind.
    pub(super) fn of(kind: ObjectKind<'_>, object: &Value) -> Self {
        let metadata = &object["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = if metadata["name"].is_string() { &metadata["name"] } else { &metadata["generateName"] };
        let shown = if kind == ObjectKind::dapr_chart_values() { "values" } else { kind.kind };
        Self { kind: shown.to_owned(), namespace: text(&metadata["namespace"]), name: text(name) }
    }
}
