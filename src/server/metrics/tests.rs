//! Every count arrives under the labels it belongs to.

use super::*;
use crate::admission::RuleResult;

#[test]
fn every_decision_is_counted_under_its_own_labels() {
    let metrics = Metrics::new(&["known-rule"]);
    for kind in KINDS {
        for stage in STAGES {
            for mode in Mode::ALL {
                for outcome in Outcome::ALL {
                    let decision = Decision { kind: kind.into(), ..decision(stage, mode, outcome) };
                    metrics.decided(&decision, 0.001);
                }
            }
        }
    }
    let text = text(&metrics);
    let counted: Vec<_> = text.lines().filter(|line| line.starts_with(&format!("{}{{", REVIEWS.name))).collect();
    assert_eq!(counted.len(), REVIEW_SERIES);
    assert!(counted.iter().all(|line| line.ends_with("} 1")), "{counted:?}");
    let labels = r#"{kind="Job",mode="warn",outcome="denied",stage="validate"} 1"#;
    assert!(counted.contains(&format!("{}{labels}", REVIEWS.name).as_str()), "{counted:?}");
}

#[test]
fn a_kind_that_nobody_knows_is_no_label() {
    let metrics = Metrics::new(&[]);
    let decision = Decision { kind: "Secret-of-mine".into(), ..decision(Stage::Mutate, Mode::Warn, Outcome::Skipped) };
    metrics.decided(&decision, 0.001);
    let text = text(&metrics);
    assert!(!text.contains("Secret-of-mine"), "{text}");
    assert!(text.contains(r#"{kind="other",mode="warn",outcome="skipped",stage="mutate"} 1"#), "{text}");
}

#[test]
fn the_table_is_sorted_and_so_are_its_labels() {
    assert!(TABLE.is_sorted_by_key(|metric| metric.name));
    assert!(TABLE.iter().all(|metric| metric.labels.is_sorted()));
}

#[test]
fn rules_are_counted_by_effect_whether_announced_at_start_or_not() {
    let metrics = Metrics::new(&["known-rule"]);
    for (number, effect) in Effect::ALL.into_iter().enumerate() {
        let mut decision = decision(Stage::Validate, Mode::Warn, Outcome::Warned);
        let results = ["known-rule", "other-rule"].map(|rule| RuleResult { rule, effect });
        decision.results = results.to_vec();
        for _ in 0..=number {
            metrics.decided(&decision, 0.001);
        }
        for result in results {
            let labels = format!("effect=\"{}\",rule=\"{}\"", effect.as_str(), result.rule);
            let line = format!("{}{{{labels}}} {}\n", RULE_RESULTS.name, number + 1);
            assert!(text(&metrics).contains(&line), "{line}");
        }
    }
}

#[test]
fn every_http_error_is_counted_under_its_own_code() {
    let metrics = Metrics::new(&[]);
    for failure in Failure::ALL {
        metrics.failed(failure);
        let line = format!("{}{{code=\"{}\"}} 1\n", HTTP_ERRORS.name, failure.code().as_str());
        assert!(text(&metrics).contains(&line), "{line}");
    }
}

fn text(metrics: &Metrics) -> String {
    String::from_utf8(metrics.text().unwrap()).unwrap()
}

fn decision(stage: Stage, mode: Mode, outcome: Outcome) -> Decision<'static> {
    Decision {
        uid: "u".into(),
        namespace: "shop".into(),
        kind: "Pod".into(),
        name: "orders".into(),
        operation: "CREATE".into(),
        stage,
        mode,
        dry_run: false,
        outcome,
        results: Vec::new(),
        edits: Vec::new(),
        detail: None,
    }
}
