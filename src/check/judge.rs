//! One text: its documents, their objects, and what the rules find in each.

use std::sync::Arc;

use rayon::prelude::*;

use super::exemptions::Granted;
use super::mistyped::mistyped;
use super::remedy::remedy;
use super::text::Text;
use super::{Check, Input, locate};
use crate::dapr::helm;
use crate::files::{Cut, Lines, cuts};
use crate::json::Value;
use crate::policy::{Inventory, Judged, Member, ObjectKind, escape, printable, unescape};
use crate::report::{Found, ObjectName, Remedy, Unreadable};

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
    pub member: Member,
    /// Which document of the text.
    pub document: usize,
    /// JSON pointer of the object in it.
    pub base: String,
}

impl Looked {
    /// With what another one comes to, behind it.
    fn and(mut self, other: Self) -> Self {
        self.found.extend(other.found);
        self.unreadable.extend(other.unreadable);
        self.objects += other.objects;
        self.kept.extend(other.kept);
        self.granted.extend(other.granted);
        self
    }
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
        let cuts: Vec<_> = cuts(&text).enumerate().collect();
        let look = |(number, cut): &(usize, Cut<'_>)| self.look_at(input, &text, &lines, *number, cut);
        match &*cuts {
            [one] => look(one),
            all => all.par_iter().map(look).collect::<Vec<_>>().into_iter().fold(looked, Looked::and),
        }
    }

    /// Judges every object of one document.
    fn look_at(&self, input: &Input, text: &str, lines: &Lines<'_>, number: usize, cut: &Cut<'_>) -> Looked {
        let mut looked = Looked::default();
        match cut.read() {
            Ok(document) if document.is_empty() => {}
            Ok(document) => {
                let objects = document.objects();
                let text = Text::new(&input.name, text, lines, number, &document, &objects);
                let written = self.document(&text, &mut looked);
                let objects = objects.into_iter().zip(written);
                looked.kept.extend(
                    objects.filter_map(|((base, object), written)| self.kept(number, base, written.unwrap_or(object))),
                );
            }
            Err(error) => {
                let place = locate::word(text, cut.source(), lines, error.at);
                let file = Arc::clone(&input.name);
                looked.unreadable.push(Unreadable::new(file, Some(place), &error.problem, &error.advice));
            }
        }
        looked
    }

    /// Judges every object of one document. Returned is what was read of each instead, where it could only be read as it is
    /// written.
    fn document(&self, text: &Text<'_>, looked: &mut Looked) -> Vec<Option<Value>> {
        let mut all_written = None;
        let mut read_instead = Vec::with_capacity(text.objects.len());
        for (nth, (base, object)) in text.objects.iter().enumerate() {
            let mut instead = None;
            if let Some(kind) = kind_of(object) {
                looked.objects += 1;
                let judged = self.engine.judge_manifest(kind, object, self.now).or_else(|_| {
                    // A value of another type than a string may be why.
                    let all = all_written.get_or_insert_with(|| text.document.objects_as_written());
                    let written = instead.insert(std::mem::take(&mut all[nth].1));
                    self.engine.judge_written(kind, object, written, self.now)
                });
                match judged {
                    Ok(judged) => {
                        let name = ObjectName::of(kind, object);
                        let found =
                            judged.into_iter().map(|judged| self.found(text, base, &name, kind, object, judged));
                        looked.found.extend(found);
                    }
                    Err(error) => {
                        let read = instead.as_ref().unwrap_or(object);
                        looked.unreadable.push(mistyped(text, base, kind, read, &error));
                    }
                }
                self.own(text, base, object, looked);
            }
            read_instead.push(instead);
        }
        read_instead
    }

    /// What rules on everything together compare of an object, if they do.
    fn kept(&self, document: usize, base: String, object: Value) -> Option<Kept> {
        let kind = kind_of(&object)?;
        let wanted = Inventory::wants(kind.group, kind.kind);
        let member = wanted.then(|| Member::of(object, self.engine.policies())).flatten()?;
        Some(Kept { member, document, base })
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
        let Judged { rule, mut finding, .. } = judged;
        // Rules repeat names as they are written.
        finding.problem = printable(finding.problem).into_owned();
        finding.consequence = printable(finding.consequence);
        finding.advice = printable(finding.advice);
        let pointer = format!("{base}{}", finding.at);
        Found {
            file: Arc::clone(text.file),
            document: text.number,
            place: locate::place(text, &pointer, finding.key),
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
    memchr::memmem::find(text.as_bytes(), b"apiVersion").is_some() || helm::may_hold_values(text)
}

/// What an object is; values of Dapr's chart are told by their keys.
pub(super) fn kind_of(object: &Value) -> Option<ObjectKind<'_>> {
    ObjectKind::of(object).or_else(|| helm::is_dapr_chart_values(object).then(ObjectKind::dapr_chart_values))
}

/// A pointer in which the items of lists are named where they have names, so that it survives a new item before them.
fn stable(object: &Value, pointer: &str) -> String {
    let mut at = object;
    let mut path = String::new();
    for segment in pointer.split('/').skip(1) {
        let name = unescape(segment);
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

impl ObjectName {
    /// Of an object of that kind.
    pub(super) fn of(kind: ObjectKind<'_>, object: &Value) -> Self {
        let metadata = &object["metadata"];
        let text = |value: &Value| printable(value.as_str().unwrap_or_default()).into_owned();
        let name = if metadata["name"].is_string() { &metadata["name"] } else { &metadata["generateName"] };
        let shown = if kind == ObjectKind::dapr_chart_values() { "values" } else { kind.kind };
        Self { kind: printable(shown).into_owned(), namespace: text(&metadata["namespace"]), name: text(name) }
    }
}
