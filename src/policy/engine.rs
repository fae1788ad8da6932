//! Runs rules over a subject under the policy that counts.

use std::fmt;

use jiff::Timestamp;
use rayon::prelude::*;

use super::exemption::Identity;
use super::exemptions::Exemptions;
use super::finding::Finding;
use super::inventory::{Inventory, Member, NotEvaluated};
use super::manifest::DEFAULT_NAMESPACE;
use super::mode::Mode;
use super::object::ObjectSubject;
use super::policies::Policies;
use super::rule::{Check, Fix, Level, Rule};
use super::sorted::Sorted;
use super::subject::{Phase, PodSubject};

/// The rules, the policies that they run under, what is exempt, and the cap on all of it.
#[derive(Clone)]
pub struct Engine {
    rules: &'static [&'static Rule],
    sorted: Sorted,
    policies: Policies,
    exemptions: Exemptions,
    /// The highest mode that any namespace gets; [`Mode::Enforce`] caps nothing.
    pub ceiling: Mode,
}

/// A finding, with its rule and the level that the rule has here.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Who found it.
    pub rule: &'static Rule,
    /// `deny` or `warn`; a rule that is `off` finds nothing.
    pub level: Level,
    /// What was found.
    pub finding: Finding,
}

/// What the rules have to say of an inventory.
#[derive(Debug, Default)]
pub struct Survey {
    /// What was found, each with the index of the member that has it.
    pub judged: Vec<(usize, Judged)>,
    /// What each rule could not see.
    pub not_evaluated: Vec<(&'static Rule, NotEvaluated)>,
}

impl Engine {
    /// Puts rules and policies together.
    #[must_use]
    pub fn new(rules: &'static [&'static Rule], policies: Policies) -> Self {
        let sorted = Sorted::new(rules);
        Self { rules, sorted, policies, exemptions: Exemptions::default(), ceiling: Mode::Enforce }
    }

    /// The same engine with other rules.
    #[must_use]
    pub fn with_rules(self, rules: &'static [&'static Rule]) -> Self {
        Self { rules, sorted: Sorted::new(rules), ..self }
    }

    /// The same engine under a ceiling.
    #[must_use]
    pub fn with_ceiling(mut self, ceiling: Mode) -> Self {
        self.ceiling = ceiling;
        self
    }

    /// The same engine under other policies.
    #[must_use]
    pub fn with_policies(mut self, policies: Policies) -> Self {
        self.policies = policies;
        self
    }

    /// The same engine with these exemptions.
    #[must_use]
    pub fn with_exemptions(mut self, exemptions: Exemptions) -> Self {
        self.exemptions = exemptions;
        self
    }

    /// Every rule that runs.
    #[must_use]
    pub fn rules(&self) -> &'static [&'static Rule] {
        self.rules
    }

    /// Every exemption.
    #[must_use]
    pub fn exemptions(&self) -> &Exemptions {
        &self.exemptions
    }

    /// Every policy.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// Everything that the rules find.
    #[must_use]
    pub fn judge(&self, subject: &PodSubject<'_>) -> Vec<Judged> {
        self.run(subject, &self.sorted.on_pods)
    }

    /// Everything that the rules on whole objects find.
    #[must_use]
    pub fn judge_object(&self, subject: &ObjectSubject<'_>) -> Vec<Judged> {
        let mut judged = Vec::new();
        for &(rule, check) in self.sorted.on(subject.group, subject.kind) {
            let level = subject.level(rule);
            if level == Level::Off {
                continue;
            }
            judged.extend(bounded(check(subject)).into_iter().map(|finding| Judged { rule, level, finding }));
        }
        judged
    }

    /// Everything that the rules on all objects together find. `now` is what exemptions expire by.
    #[must_use]
    pub fn survey(&self, inventory: &Inventory, now: Timestamp) -> Survey {
        let mut survey = Survey::default();
        let checks = self.rules.par_iter().filter_map(|&rule| match rule.check {
            Check::Inventory(check) => Some((rule, check(inventory))),
            _ => None,
        });
        for (rule, evaluation) in checks.collect::<Vec<_>>() {
            let level = |member: usize| self.level_for(rule, &inventory.members[member], now);
            survey.judged.extend(evaluation.found.into_iter().filter_map(|(member, finding)| {
                let level = level(member);
                (level != Level::Off).then_some((member, Judged { rule, level, finding }))
            }));
            let unseen = evaluation.not_evaluated.into_iter();
            let counts = |unseen: &NotEvaluated| unseen.member.is_none_or(|member| level(member) != Level::Off);
            survey.not_evaluated.extend(unseen.filter(counts).map(|unseen| (rule, unseen)));
        }
        survey
    }

    /// What a rule does with a member of an inventory.
    fn level_for(&self, rule: &Rule, member: &Member, now: Timestamp) -> Level {
        let namespace = if member.namespace.is_empty() { DEFAULT_NAMESPACE } else { &member.namespace };
        let identity = || Identity {
            app_id: member.app.as_ref().and_then(|app| app.app_id.as_deref()),
            objects: vec![(&*member.kind, &*member.name)],
        };
        match self.exemptions.covering(namespace, now, identity).name(rule) {
            true => Level::Off,
            false => self.policies.for_namespace(namespace).level(rule),
        }
    }

    /// What the rules find that can be mended safely: all that the mutating webhook has to know.
    #[must_use]
    pub fn mend(&self, subject: &PodSubject<'_>) -> Vec<Judged> {
        let mut judged = self.run(subject, &self.sorted.safe);
        judged.retain(|judged| judged.finding.fix == Fix::Safe);
        judged
    }

    fn run(&self, subject: &PodSubject<'_>, rules: &[&'static Rule]) -> Vec<Judged> {
        let mut judged = Vec::new();
        for &rule in rules {
            let check = match rule.check {
                Check::Pod(check) => check,
                Check::StoredPod(check) if subject.phase == Phase::Final => check,
                _ => continue,
            };
            let level = subject.level(rule);
            if level == Level::Off {
                continue;
            }
            let findings = bounded(check(subject));
            judged.extend(findings.into_iter().map(|finding| Judged { rule, level, finding }));
        }
        judged
    }
}

/// The most findings of one rule about one object: an object made to have thousands must not fill answers and logs.
const MOST: usize = 32;

/// The first of them, the certain ones before all others; the last says how many there would be more.
fn bounded(mut findings: Vec<Finding>) -> Vec<Finding> {
    let more = findings.len().saturating_sub(MOST);
    if more > 0 {
        findings.sort_by_key(|finding| !finding.certain);
        findings.truncate(MOST);
    }
    if let Some(last) = findings.last_mut().filter(|_| more > 0) {
        last.problem.push_str(&format!(" (and {more} more like it)"));
    }
    findings
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("rules", &self.rules.len())
            .field("policies", &self.policies)
            .field("ceiling", &self.ceiling)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_findings_the_certain_ones_are_kept_and_the_rest_is_counted() {
        let finding = |number: usize| Finding::new(format!("/{number}"), "p", "c", "a");
        let many: Vec<_> =
            (0..40).map(|number| if number == 39 { finding(39).certain() } else { finding(number) }).collect();
        let kept = bounded(many);
        assert_eq!((kept.len(), &*kept[0].at, &*kept[1].at), (MOST, "/39", "/0"));
        assert_eq!(kept[MOST - 1].problem, "p (and 8 more like it)");
        let few: Vec<_> = (0..MOST).map(finding).collect();
        assert_eq!(bounded(few.clone()), few);
    }
}
