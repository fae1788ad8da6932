//! All texts, on all cores, into one report.

use rayon::prelude::*;

use super::judge::Looked;
use super::progress::Progress;
use super::{Check, Input};
use crate::policy::Exemptions;
use crate::report::Report;

impl Check {
    /// Checks these texts. The report is the same however many cores there are.
    #[must_use]
    pub fn run(&self, inputs: &[Input]) -> Report {
        let looked = self.look_at_all(inputs);
        let granted: Vec<_> = looked.iter().flat_map(|looked| looked.granted.iter().cloned()).collect();
        if granted.is_empty() {
            return self.report(inputs, looked);
        }
        // Rules ask whether others run, so what an exemption changes is more than its own findings: judged again.
        let exemptions = self.engine.exemptions().clone().and(granted.into_iter().collect::<Exemptions>());
        let exempting = Self { engine: self.engine.clone().with_exemptions(exemptions), ..self.clone() };
        let looked = exempting.look_at_all(inputs);
        exempting.report(inputs, looked)
    }

    fn look_at_all(&self, inputs: &[Input]) -> Vec<Looked> {
        let progress = Progress::new(inputs.len(), self.progress);
        let looked = inputs
            .par_iter()
            .map(|input| {
                let looked = self.look(input);
                progress.step();
                looked
            })
            .collect();
        progress.end();
        looked
    }

    fn report(&self, inputs: &[Input], looked: Vec<Looked>) -> Report {
        let mut report = Report { files: inputs.iter().map(|input| input.name.clone()).collect(), ..Report::default() };
        let mut kept = Vec::with_capacity(looked.len());
        for looked in looked {
            report.objects += looked.objects;
            report.found.extend(looked.found);
            report.unreadable.extend(looked.unreadable);
            kept.push(looked.kept);
        }
        let (found, unseen, compared) = self.survey(inputs, kept);
        report.compared = Some(compared);
        report.found.extend(found);
        // Of nothing at all no success is claimed.
        report.unseen = if report.objects == 0 { Vec::new() } else { unseen };
        report.found.sort_by(|a, b| {
            let key = |found: &'_ crate::report::Found| (found.place.region, found.rule.id);
            a.file.cmp(&b.file).then_with(|| key(a).cmp(&key(b))).then_with(|| a.finding.at.cmp(&b.finding.at))
        });
        report
    }
}
