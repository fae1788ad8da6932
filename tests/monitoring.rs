//! Alerts, dashboard and the table of metrics speak of metrics that exist. After a change of metrics:
//!
//!     DAPR_PREFLIGHT_WRITE=1 cargo test --locked --test monitoring

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use dapr_preflight::cli::rule_ids;
use dapr_preflight::server::{Metric, Metrics, TABLE};
use serde_json::Value;

const OURS: &str = "dapr_preflight_";
const ALERTS: &str = "deploy/chart/files/alerts.yaml";
const DASHBOARD: &str = "deploy/chart/files/dashboard.json";
const WRITTEN: &str = "deploy/metrics.md";

/// Type, help and labels of every metric, from what a process serves.
fn served() -> BTreeMap<String, (String, String, BTreeSet<String>)> {
    let metrics = Metrics::new(&rule_ids());
    let _ = (metrics.gauges(), metrics.certificate_gauges());
    let text = String::from_utf8(metrics.text().unwrap()).unwrap();
    let mut all: BTreeMap<String, (String, String, BTreeSet<String>)> = BTreeMap::new();
    for line in text.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|line| line.split_once(' ')) {
            all.entry(name.to_owned()).or_default().1 = help.to_owned();
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' ')) {
            all.entry(name.to_owned()).or_default().0 = kind.to_owned();
        } else if let Some((name, labels)) = line.split_once('{') {
            let labels = labels.split_once('}').unwrap().0.split("\",").map(|label| label.split_once('=').unwrap().0);
            let name = name.trim_end_matches("_bucket").trim_end_matches("_sum").trim_end_matches("_count");
            if let Some(metric) = all.get_mut(name) {
                metric.2.extend(labels.filter(|label| *label != "le").map(str::to_owned));
            }
        }
    }
    all
}

/// The metrics of ours that an expression names.
fn named(expression: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    expression
        .split(|c| !word(c))
        .filter(|name| name.starts_with(OURS))
        .map(|name| name.trim_end_matches("_bucket").to_owned())
        .collect()
}

fn alerts() -> Vec<Value> {
    let rules: Value = serde_saphyr::from_str(&fs::read_to_string(ALERTS).unwrap()).unwrap();
    rules["groups"][0]["rules"].as_array().unwrap().clone()
}

fn dashboard() -> Vec<String> {
    let board: Value = serde_json::from_str(&fs::read_to_string(DASHBOARD).unwrap()).unwrap();
    let panels = board["panels"].as_array().unwrap().iter();
    panels
        .flat_map(|panel| panel["targets"].as_array().unwrap())
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_written_table_of_metrics_is_the_one_in_the_code() {
    let mut table = String::from(
        "# Metrics\n\nServed at `/metrics`. Label values come from closed sets: never a name, an app-id or free text.\n\n\
         | metric | type | labels | what it says |\n|---|---|---|---|\n",
    );
    for Metric { name, kind, labels, help } in TABLE {
        let labels = labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        table.push_str(&format!("| `{name}` | {kind} | {labels} | {help} |\n"));
    }
    if std::env::var_os("DAPR_PREFLIGHT_WRITE").is_some() {
        fs::write(WRITTEN, &table).unwrap();
    }
    assert!(
        fs::read_to_string(WRITTEN).unwrap_or_default() == table,
        "{WRITTEN} is old; write it by the command in tests/monitoring.rs"
    );
}

#[test]
fn a_process_serves_what_the_table_in_the_code_says_and_nothing_else() {
    let table = TABLE.iter().map(|Metric { name, kind, labels, help }| {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        ((*name).to_owned(), ((*kind).to_owned(), (*help).to_owned(), labels))
    });
    assert_eq!(served(), table.collect());
}

#[test]
fn alerts_and_dashboard_name_only_metrics_and_labels_that_exist() {
    let served = served();
    let alerts = alerts().into_iter().map(|alert| alert["expr"].as_str().unwrap().to_owned());
    for expression in alerts.chain(dashboard()) {
        for name in named(&expression) {
            let (_, _, labels) = served.get(&name).unwrap_or_else(|| panic!("no metric {name}: {expression}"));
            for selected in expression.split(&format!("{name}{{")).skip(1) {
                for matcher in selected.split_once('}').unwrap().0.split(',') {
                    let label = matcher.split(['=', '~', '!']).next().unwrap().trim();
                    assert!(labels.contains(label), "{name} has no label {label}: {expression}");
                }
            }
        }
    }
}

#[test]
fn the_dashboard_shows_every_metric() {
    let shown: BTreeSet<String> = dashboard().iter().flat_map(|expression| named(expression)).collect();
    assert_eq!(shown, served().into_keys().collect());
}

#[test]
fn every_alert_has_two_tests_and_a_chapter() {
    let tests = fs::read_to_string("deploy/alerts.test.yaml").unwrap();
    let chapters: BTreeSet<String> = fs::read_to_string("docs/emergency.md")
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|title| title.to_lowercase().replace(' ', "-").replace([',', '\''], ""))
        .collect();
    for alert in alerts() {
        let name = alert["alert"].as_str().unwrap();
        for way in ["fires", "does not fire"] {
            assert!(tests.contains(&format!("  - name: {name} {way}\n")), "{name}: no test that it {way}");
        }
        let (_, chapter) =
            alert["annotations"]["runbook_url"].as_str().unwrap().split_once("docs/emergency.md#").unwrap();
        assert!(chapters.contains(chapter), "docs/emergency.md has no chapter {chapter}");
    }
}
