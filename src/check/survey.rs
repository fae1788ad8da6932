//! What only shows when everything is seen together, and where it is.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::judge::{Kept, kind_of};
use super::text::Text;
use super::{Check, Input};
use crate::files::{Lines, cuts};
use crate::json::Value;
use crate::policy::{Check as Looks, Inventory, Judged, Rule, Scope, printable};
use crate::report::{Found, ObjectName, Unseen};

/// Where a member of the inventory comes from.
struct Source {
    input: usize,
    document: usize,
    base: String,
}

impl Check {
    /// Runs the rules on all objects together. `kept` are those of each input.
    pub(super) fn survey(&self, inputs: &[Input], kept: Vec<Vec<Kept>>) -> (Vec<Found>, Vec<Unseen>, Inventory) {
        let mut inventory = Inventory::new(Scope::Files);
        let mut sources = Vec::new();
        for (input, kept) in kept.into_iter().enumerate() {
            for Kept { member, document, base } in kept {
                inventory.push(member);
                sources.push(Source { input, document, base });
            }
        }
        let survey = self.engine.survey(&inventory, self.now);
        let mut by_input: BTreeMap<usize, Vec<(usize, Judged)>> = BTreeMap::new();
        for (member, judged) in survey.judged {
            by_input.entry(sources[member].input).or_default().push((member, judged));
        }
        let by_input: Vec<_> = by_input.into_iter().collect();
        let placed =
            by_input.into_par_iter().map(|(input, judged)| self.place(&inputs[input], judged, &sources, &inventory));
        let found = placed.collect::<Vec<_>>().into_iter().flatten().collect();
        let stored = self.engine.rules().iter().filter(|rule| matches!(rule.check, Looks::StoredPod(_)));
        let apps = inventory.apps().count();
        let stored = stored.filter(|_| apps > 0).map(|rule| {
            let needs = "the pod as it is stored after every webhook: the webhook sees it".to_owned();
            Unseen { rule, needs, objects: apps }
        });
        let unseen = survey.not_evaluated.into_iter().map(|(rule, unseen)| Unseen {
            rule,
            needs: printable(unseen.needs).into_owned(),
            objects: usize::from(unseen.member.is_some()),
        });
        let unseen = together(stored.chain(unseen));
        (found, unseen, inventory)
    }

    /// Finds the members of one text again, which was let go of: every text at once might not fit into memory.
    fn place(
        &self,
        input: &Input,
        judged: Vec<(usize, Judged)>,
        sources: &[Source],
        inventory: &Inventory,
    ) -> Vec<Found> {
        let mut found = Vec::new();
        // It was read a moment ago; if it is gone since, so are the findings.
        let Ok(text) = input.read() else { return found };
        let lines = Lines::new(&text);
        let mut by_document: BTreeMap<usize, Vec<(usize, Judged)>> = BTreeMap::new();
        for (index, judged) in judged {
            by_document.entry(sources[index].document).or_default().push((index, judged));
        }
        for (number, cut) in cuts(&text).enumerate() {
            let Some(judged) = by_document.remove(&number) else { continue };
            let Ok(document) = cut.read() else { continue };
            let objects = document.objects();
            let place = Text::new(&input.name, &text, &lines, number, &document, &objects);
            for (index, judged) in judged {
                let object: &Value = &inventory.members[index].value;
                let Some(kind) = kind_of(object) else { continue };
                let name = ObjectName::of(kind, object);
                found.push(self.found(&place, &sources[index].base, &name, kind, object, judged));
            }
        }
        found
    }
}

/// One for each rule and need, with the number of objects.
fn together(all: impl Iterator<Item = Unseen>) -> Vec<Unseen> {
    let mut by_need: BTreeMap<(&str, String), (&'static Rule, usize)> = BTreeMap::new();
    for Unseen { rule, needs, objects } in all {
        by_need.entry((rule.id, needs)).or_insert((rule, 0)).1 += objects;
    }
    by_need.into_iter().map(|((_, needs), (rule, objects))| Unseen { rule, needs, objects }).collect()
}
