//! Every count arrives under the labels it belongs to.

use super::*;
use crate::admission::RuleResult;

#[test]
fn every_decision_is_counted_under_its_own_labels() {
    let metrics = Metrics::new(&["known-rule"]);
    for stage in STAGES {
        for mode in Mode::ALL {
            for outcome in Outcome::ALL {
                metrics.decided(&decision(stage, mode, outcome), 0.001);
                let line = format!(
                    "{}{{mode=\"{}\",outcome=\"{}\",stage=\"{}\"}} 1\n",
                    REQUESTS[0],
                    mode.as_str(),
                    outcome.as_str(),
                    stage.as_str(),
                );
                assert!(text(&metrics).contains(&line), "{line}");
            }
        }
    }
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
            let line = format!("{}{{{labels}}} {}\n", RULE_RESULTS[0], number + 1);
            assert!(text(&metrics).contains(&line), "{line}");
        }
    }
}

#[test]
fn every_http_error_is_counted_under_its_own_code() {
    let metrics = Metrics::new(&[]);
    for failure in Failure::ALL {
        metrics.failed(failure);
        let line = format!("{}{{code=\"{}\"}} 1\n", HTTP_ERRORS[0], failure.code().as_str());
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
