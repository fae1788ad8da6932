//! One line per decision, written without `tracing`: this is the hot path.

use std::cell::RefCell;
use std::io::Write;
use std::time::{Duration, SystemTime};

use humantime::{Rfc3339Timestamp, format_rfc3339_micros};
use tracing::Level;

use super::log::{Log, LogFormat};
use crate::admission::{Decision, Outcome};

/// Logs decisions, in the same format as everything else.
#[derive(Clone, Debug)]
pub struct DecisionLog {
    log: Log,
    format: LogFormat,
    level: Level,
}

thread_local! {
    static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl DecisionLog {
    /// Writes to `log` what is of `level` or graver.
    #[must_use]
    pub fn new(log: Log, format: LogFormat, level: Level) -> Self {
        Self { log, format, level }
    }

    /// Logs one decision.
    pub(super) fn write(&self, decision: &Decision<'_>, took: Duration) {
        if level(decision) > self.level {
            return;
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            let timestamp = format_rfc3339_micros(SystemTime::now());
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            match self.format {
                LogFormat::Json => json(line, &timestamp, decision, micros),
                LogFormat::Human => human(line, &timestamp, decision, micros),
            }
            self.log.push(line);
        });
    }
}

/// A review that could not be read went by unchecked: somebody should look.
fn level(decision: &Decision<'_>) -> Level {
    if decision.outcome == Outcome::Unreadable { Level::WARN } else { Level::INFO }
}

/// The first three fields are those of `tracing`'s own lines.
fn json(line: &mut Vec<u8>, timestamp: &Rfc3339Timestamp, decision: &Decision<'_>, micros: u64) {
    const WRITES: &str = "text and numbers have a JSON form, and memory takes them";
    let level = level(decision);
    write!(line, r#"{{"timestamp":"{timestamp}","level":"{level}","message":"decision","micros":{micros}"#)
        .expect(WRITES);
    let brace = line.len();
    serde_json::to_writer(&mut *line, decision).expect(WRITES);
    // The decision's fields go on where ours end.
    line[brace] = b',';
    line.push(b'\n');
}

fn human(line: &mut Vec<u8>, timestamp: &Rfc3339Timestamp, decision: &Decision<'_>, micros: u64) {
    let Decision { uid, namespace, kind, name, operation, stage, mode, dry_run, .. } = decision;
    let (stage, mode, outcome) = (stage.as_str(), mode.as_str(), decision.outcome.as_str());
    // Debug quotes and escapes what came from outside, so that nobody can forge a line.
    let _ = write!(
        line,
        "{timestamp} {:>5} decision outcome={outcome} stage={stage} mode={mode} operation={operation:?} kind={kind:?} namespace={namespace:?} \
         name={name:?} uid={uid:?} dry_run={dry_run} micros={micros} results=",
        level(decision).as_str(),
    );
    for (number, result) in decision.results.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(line, "{comma}{}:{}", result.rule, result.effect.as_str());
    }
    let _ = write!(line, " edits={:?}", decision.edits);
    if let Some(detail) = &decision.detail {
        let _ = write!(line, " detail={detail:?}");
    }
    line.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::{Effect, RuleResult};
    use crate::policy::{Mode, Stage};

    #[test]
    fn a_decision_is_one_line_in_either_format_whatever_the_names_in_it() {
        let decision = Decision {
            uid: "u-1".into(),
            namespace: "shop".into(),
            kind: "Pod".into(),
            name: "orders\n2026-01-01T00:00:00.000000Z  INFO forged \"\u{1b}[0m".into(),
            operation: "CREATE".into(),
            stage: Stage::Validate,
            mode: Mode::Warn,
            dry_run: true,
            outcome: Outcome::Warned,
            results: vec![RuleResult { rule: "app-probes", effect: Effect::Warned }],
            edits: vec!["/metadata/annotations/dapr.io~1env".into()],
            detail: Some("line\nbreak".to_owned()),
        };
        let [mut text, mut value] = [Vec::new(), Vec::new()];
        let timestamp = format_rfc3339_micros(SystemTime::UNIX_EPOCH);
        human(&mut text, &timestamp, &decision, 17);
        json(&mut value, &timestamp, &decision, 17);

        let expected = r#"1970-01-01T00:00:00.000000Z  INFO decision outcome=warned stage=validate mode=warn operation="CREATE" kind="Pod" namespace="shop" name="orders\n2026-01-01T00:00:00.000000Z  INFO forged \"\u{1b}[0m" uid="u-1" dry_run=true micros=17 results=app-probes:warned edits=["/metadata/annotations/dapr.io~1env"] detail="line\nbreak""#;
        assert_eq!(String::from_utf8(text).unwrap(), format!("{expected}\n"));
        assert_eq!(value.iter().filter(|byte| **byte == b'\n').count(), 1);
        let value: serde_json::Value = serde_json::from_slice(&value).unwrap();
        assert_eq!((&value["name"], &value["micros"]), (&(*decision.name).into(), &17.into()));
        assert_eq!(value["timestamp"], "1970-01-01T00:00:00.000000Z");
    }
}
