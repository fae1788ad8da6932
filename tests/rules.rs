//! What every rule promises, proven by one loop over all of them.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use dapr_preflight::policy::{Check, Fix, Level, Policy, Rule};
use dapr_preflight::rules::ALL;
use serde_json::Value;
use support::{documents, findings, findings_in, judged_by, mended};

/// Calls `promise` for every rule with its two examples, and says which rule broke it.
fn every_rule(promise: impl Fn(&Rule, &[Value], &[Value])) {
    for rule in ALL {
        println!("rule {}", rule.id);
        promise(rule, &documents(rule.bad), &documents(rule.good));
    }
}

#[test]
fn every_rule_finds_fault_with_its_bad_example_and_none_with_its_good_one() {
    every_rule(|rule, bad, good| {
        assert_ne!(findings_in(rule, bad, &Policy::default()), [], "{}", rule.bad);
        assert_eq!(findings_in(rule, good, &Policy::default()), [], "{}", rule.good);
    });
}

#[test]
fn every_finding_carries_the_fix_that_its_rule_promises_and_edits_only_with_one() {
    every_rule(|rule, bad, _| {
        for finding in findings_in(rule, bad, &Policy::default()) {
            assert_eq!(finding.fix, rule.fix);
            assert_eq!(finding.edits.is_empty(), rule.fix == Fix::None);
        }
    });
}

#[test]
fn a_safe_fix_turns_the_bad_example_into_the_good_one_and_then_finds_nothing_more() {
    every_rule(|rule, bad, good| {
        if rule.fix == Fix::Safe {
            let [bad] = bad else { panic!("one document") };
            let after = mended(bad, &findings(rule, bad, &Policy::default()));
            assert_eq!(std::slice::from_ref(&after), good);
        }
    });
}

#[test]
fn all_safe_fixes_together_converge_in_one_round() {
    let pods = ALL.iter().filter(|rule| matches!(rule.check, Check::Pod(_) | Check::StoredPod(_)));
    let examples = pods.flat_map(|rule| documents(rule.bad)).filter(|document| document["kind"] == "Pod");
    for bad in examples {
        let safe = |pod: &Value| -> Vec<_> {
            let rules = ALL.iter().filter(|rule| rule.fix == Fix::Safe);
            let all = rules.flat_map(|rule| findings(rule, pod, &Policy::default()));
            all.filter(|finding| finding.fix == Fix::Safe).collect()
        };
        let after = mended(&bad, &safe(&bad));
        assert_eq!(safe(&after), []);
    }
}

#[test]
fn a_rule_that_is_off_finds_nothing() {
    every_rule(|rule, bad, _| {
        let mut policy = Policy::default();
        policy.levels.insert(rule.id.to_owned(), Level::Off);
        // No manifest is a stored pod.
        let seen = !matches!(rule.check, Check::StoredPod(_));
        assert_eq!(!judged_by(rule, bad, &Policy::default()).is_empty(), seen, "{}", rule.id);
        assert_eq!(judged_by(rule, bad, &policy), [""; 0]);
    });
}

#[test]
fn only_a_certain_finding_or_a_line_of_the_applications_checklist_denies_by_default() {
    every_rule(|rule, bad, _| {
        let checklist =
            ["app-probes", "sidecar-resources", "sidecar-gomemlimit", "termination-grace"].contains(&rule.id);
        let certain = findings_in(rule, bad, &Policy::default()).iter().all(|finding| finding.certain);
        assert_eq!(rule.level == Level::Deny, checklist || certain);
    });
}

#[test]
fn the_list_of_rules_is_sorted_and_is_the_folder() {
    let ids: Vec<_> = ALL.iter().map(|rule| rule.id).collect();
    let sorted: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(ids, sorted.into_iter().collect::<Vec<_>>());

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| name != "mod")
        .collect();
    assert_eq!(files, ids.iter().map(|id| id.replace('-', "_")).collect());
}

#[test]
fn every_rule_says_what_it_is_in_words() {
    every_rule(|rule, bad, _| {
        assert!(!rule.title.ends_with('.') && rule.title.len() <= 80, "{}", rule.title);
        assert!(rule.why.ends_with('.') && !rule.why.contains("  "), "{}", rule.why);
        for finding in findings_in(rule, bad, &Policy::default()) {
            assert!(finding.at.starts_with('/'), "{}", finding.at);
            for part in [&*finding.problem, &*finding.consequence, &*finding.advice] {
                assert!(!part.is_empty() && !part.ends_with('.') && !part.contains("  "), "{part}");
            }
        }
    });
}
