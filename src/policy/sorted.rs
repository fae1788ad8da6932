//! The rules by what they look at: of more than a hundred, most kinds of objects concern three.

use super::finding::Finding;
use super::object::{GroupKind, ObjectSubject};
use super::rule::{Check, Fix, Rule};

/// The rules by what they look at, each list in the rules' own order.
#[derive(Clone)]
pub(super) struct Sorted {
    /// On pods.
    pub on_pods: Vec<&'static Rule>,
    /// Those of them that may have a safe fix.
    pub safe: Vec<&'static Rule>,
    /// On whole objects, for each kind that some rule names.
    by_kind: Vec<(GroupKind, Vec<OnObjects>)>,
    /// The same for every other kind.
    on_any: Vec<OnObjects>,
}

/// A rule on whole objects, and its predicate.
pub(super) type OnObjects = (&'static Rule, fn(&ObjectSubject<'_>) -> Vec<Finding>);

impl Sorted {
    pub(super) fn new(rules: &[&'static Rule]) -> Self {
        let pods = rules.iter().copied().filter(|rule| matches!(rule.check, Check::Pod(_) | Check::StoredPod(_)));
        let on_pods: Vec<_> = pods.collect();
        let safe = on_pods.iter().copied().filter(|rule| rule.fix == Fix::Safe).collect();
        let objects = || {
            rules.iter().filter_map(|&rule| match rule.check {
                Check::Object(kinds, check) => Some((kinds, (rule, check))),
                _ => None,
            })
        };
        let on = |group, kind| {
            let here = objects().filter(|(kinds, _)| kinds.iter().any(|named| named.covers(group, kind)));
            here.map(|(_, rule)| rule).collect()
        };
        let mut by_kind: Vec<(GroupKind, _)> = Vec::new();
        for named in objects().flat_map(|(kinds, _)| kinds).filter(|kind| **kind != GroupKind::ANY) {
            if by_kind.iter().all(|(known, _)| known != named) {
                by_kind.push((*named, on(named.group, named.kind)));
            }
        }
        Self { on_pods, safe, by_kind, on_any: on("", "") }
    }

    /// The rules on whole objects of that group and kind.
    pub(super) fn on(&self, group: &str, kind: &str) -> &[OnObjects] {
        self.by_kind.iter().find(|(named, _)| named.covers(group, kind)).map_or(&self.on_any, |(_, rules)| rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Level, Source};

    const fn rule(id: &'static str, check: Check) -> Rule {
        let (level, fix) = (Level::Warn, Fix::None);
        Rule { id, title: "", source: Source::Preflight(""), why: "", level, fix, check, bad: "", good: "" }
    }

    static EVERY: Rule = rule("every", Check::Object(&[GroupKind::ANY], |_| Vec::new()));
    static SETS: Rule = rule("sets", Check::Object(GroupKind::CONTROL_PLANE, |_| Vec::new()));
    static POD: Rule = rule("pod", Check::Pod(|_| Vec::new()));
    static SAFE: Rule = Rule { fix: Fix::Safe, ..rule("safe", Check::StoredPod(|_| Vec::new())) };
    static VALUES: Rule = rule("values", Check::Object(&[GroupKind::DAPR_CHART_VALUES], |_| Vec::new()));
    static RULES: [&Rule; 5] = [&SETS, &POD, &EVERY, &SAFE, &VALUES];

    #[test]
    fn a_kind_gets_the_rules_that_name_it_and_those_on_every_kind_in_their_order() {
        let sorted = Sorted::new(&RULES);
        let on = |group, kind| sorted.on(group, kind).iter().map(|(rule, _)| rule.id).collect::<Vec<_>>();
        assert_eq!(on("apps", "StatefulSet"), ["sets", "every"]);
        assert_eq!(on("", "Service"), ["every"]);
        assert_eq!(on(GroupKind::DAPR_CHART_VALUES.group, GroupKind::DAPR_CHART_VALUES.kind), ["values"]);
        let ids = |rules: &[&Rule]| rules.iter().map(|rule| rule.id).collect::<Vec<_>>();
        assert_eq!((ids(&sorted.on_pods), ids(&sorted.safe)), (vec!["pod", "safe"], vec!["safe"]));
    }
}
