//! A file of manifests: read or refused, and after one fix nothing is left for a second.

use dapr_preflight::check::{Check, Fixed, Input, fix};
use dapr_preflight::policy::{Engine, Policies};
use dapr_preflight::report::{Format, Severity, write};
use dapr_preflight::rules::ALL;

pub fn manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let check = Check {
        engine: Engine::new(ALL, Policies::default()),
        known: ALL,
        mode: None,
        fail_on: Severity::Deny,
        now: jiff::Timestamp::UNIX_EPOCH,
        changes: true,
        progress: false,
    };
    let once = fixed(&check, text);
    // Every finding has a place that can be shown.
    let _ = write(&once.report, Format::Human, false);
    if let Some(file) = once.files.first() {
        assert!(fixed(&check, &file.after).files.is_empty(), "{text:?} became {:?}", file.after);
    }
}

fn fixed(check: &Check, text: &str) -> Fixed {
    fix(check, &[Input::text("any.yaml", text)], true)
}
