//! For programs: everything that is known. Fields are only ever added; `version` changes when one changes its meaning.

use serde_json::{Value, json};

use super::{Found, Remedy, Report, Totals, Unreadable, Unseen};
use crate::policy::field_path;

pub(super) fn json(report: &Report) -> String {
    let document = json!({
        "version": 1,
        "summary": Totals::of(report),
        "findings": report.found.iter().map(found).collect::<Vec<_>>(),
        "notEvaluated": report.unseen.iter().map(unseen).collect::<Vec<_>>(),
        "unreadable": report.unreadable.iter().map(unreadable).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn found(found: &Found) -> Value {
    let finding = &found.finding;
    let (changes, impossible) = match &found.remedy {
        Remedy::None | Remedy::Unasked => (Value::Null, Value::Null),
        Remedy::Changes(changes) => {
            let change = |change: &super::Change| json!({ "region": change.region, "insert": change.insert });
            (changes.iter().map(change).collect(), Value::Null)
        }
        Remedy::Impossible(why) => (Value::Null, json!(why)),
    };
    json!({
        "rule": found.rule.id,
        "level": found.severity,
        "fails": found.fails,
        "certain": finding.certain,
        "file": &*found.file,
        "region": found.place.region,
        "document": found.document,
        "object": { "kind": found.object.kind, "namespace": found.object.namespace, "name": found.object.name },
        "at": finding.at,
        "field": field_path(&finding.at),
        "problem": finding.problem,
        "consequence": finding.consequence,
        "advice": finding.advice,
        "fix": finding.fix,
        "changes": changes,
        "cannotChange": impossible,
        "fingerprint": found.fingerprint(),
    })
}

fn unseen(unseen: &Unseen) -> Value {
    json!({ "rule": unseen.rule.id, "needs": unseen.needs, "objects": unseen.objects })
}

fn unreadable(unreadable: &Unreadable) -> Value {
    json!({
        "file": &*unreadable.file,
        "region": unreadable.place.as_ref().map(|place| place.region),
        "problem": unreadable.problem,
        "advice": unreadable.advice,
    })
}
