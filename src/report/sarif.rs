//! SARIF 2.1.0, for code scanning: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::catalogue::source;
use super::{Found, Place, Region, Remedy, Report, Severity, Unreadable};
use crate::policy::{Level, Rule, field_path};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What a path in a URI keeps.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

pub(super) fn sarif(report: &Report) -> String {
    let rules: BTreeMap<&str, &Rule> = report.found.iter().map(|found| (found.rule.id, found.rule)).collect();
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(index, id)| (*id, index)).collect();
    let unseen = report.unseen.iter().map(|unseen| {
        let text = format!("{} was not evaluated: needs {}", unseen.rule.id, unseen.needs);
        json!({ "level": "note", "message": { "text": text } })
    });
    let notifications: Vec<_> = report.unreadable.iter().map(unreadable).chain(unseen).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "dapr-preflight",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.unreadable.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": report.found.iter().map(|found| result(found, index[found.rule.id])).collect::<Vec<_>>(),
        }],
    });
    format!("{document:#}\n")
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": format!("{}\n\nSource: {}", rule.why, source(rule)) },
        "defaultConfiguration": { "level": level(Severity::from(rule.level)) },
        "properties": { "tags": ["dapr", "kubernetes"], "precision": "very-high",
                        "problem.severity": if rule.level == Level::Deny { "error" } else { "warning" } },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Note => "note",
    }
}

fn result(found: &Found, index: usize) -> Value {
    let finding = &found.finding;
    let mut result = json!({
        "ruleId": found.rule.id,
        "ruleIndex": index,
        "level": level(found.severity),
        "message": { "text": format!("{}; {}; {}", finding.problem, finding.consequence, finding.advice) },
        "locations": [{
            "physicalLocation": physical(&found.file, Some(&found.place)),
            "logicalLocations": [{
                "fullyQualifiedName": format!("{} {}", found.object, field_path(&finding.at)),
                "kind": "object",
            }],
        }],
        "partialFingerprints": { "daprPreflight/v1": found.fingerprint() },
    });
    if let Remedy::Changes(changes) = &found.remedy {
        let replace = |change: &super::Change| json!({ "deletedRegion": region(change.region), "insertedContent": { "text": change.insert } });
        result["fixes"] = json!([{
            "description": { "text": finding.advice },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(&found.file) },
                "replacements": changes.iter().map(replace).collect::<Vec<_>>(),
            }],
        }]);
    }
    result
}

fn unreadable(unreadable: &Unreadable) -> Value {
    let text = match &*unreadable.advice {
        "" => unreadable.problem.clone(),
        advice => format!("{}; {advice}", unreadable.problem),
    };
    let location = json!({ "physicalLocation": physical(&unreadable.file, unreadable.place.as_deref()) });
    json!({ "level": "error", "message": { "text": text }, "locations": [location] })
}

fn physical(file: &str, place: Option<&Place>) -> Value {
    let mut location = json!({ "artifactLocation": { "uri": uri(file) } });
    if let Some(place) = place {
        location["region"] = region(place.region);
    }
    location
}

fn region(region: Region) -> Value {
    json!({
        "startLine": region.start.line,
        "startColumn": region.start.column,
        "endLine": region.end.line,
        "endColumn": region.end.column,
    })
}

fn uri(file: &str) -> String {
    utf8_percent_encode(file.trim_start_matches("./"), PATH).to_string()
}
