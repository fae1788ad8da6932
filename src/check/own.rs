//! Our own documents among those that are checked: an exemption counts at once, a policy is read as `--policy` would.

use std::sync::Arc;

use super::judge::Looked;
use super::text::Text;
use super::{Check, exemptions, locate};
use crate::json::Value;
use crate::policy::{API_VERSION, KIND, PolicyError, parse_policy};
use crate::report::{Place, Unreadable};

impl Check {
    /// Takes an exemption, and finds the mistakes of exemptions and policies.
    pub(super) fn own(&self, text: &Text<'_>, base: &str, object: &Value, looked: &mut Looked) {
        let mistake = |place, problem: &str, kind: &str| {
            Unreadable::new(Arc::clone(text.file), Some(place), problem, &format!("see `kubectl explain {kind}.spec`"))
        };
        match exemptions::granted(object, self.known) {
            None => {}
            Some(Ok(granted)) => looked.granted.push(granted),
            Some(Err(error)) => {
                let place = locate::place(text, &format!("{base}{}", error.at), false);
                looked.unreadable.push(mistake(place, &error.problem, "preflightexemption"));
            }
        }
        // In a list it has no text of its own that could be read as a policy.
        let policy = base.is_empty() && object["apiVersion"] == API_VERSION && object["kind"] == KIND;
        if policy && let Err(error) = parse_policy(text.document.source(), self.known) {
            looked.unreadable.push(mistake(in_text(text, &error), &error.problem, "preflightpolicy"));
        }
    }
}

/// Where a mistake is that is known by its line and column in its document.
fn in_text(text: &Text<'_>, error: &PolicyError) -> Place {
    let nth = |number: u64| usize::try_from(number).unwrap_or_default().saturating_sub(1);
    let before = text.document.source().split_inclusive('\n').take(nth(error.line)).map(str::len).sum::<usize>();
    let line = text.document.source().get(before..).unwrap_or_default();
    let column = line.char_indices().nth(nth(error.column)).map_or(0, |(at, _)| at);
    let at = text.document.offset() + before + column;
    let word = line[column..].find([' ', ':', ',', '}', ']', '\n']).unwrap_or_default();
    locate::at(text, at..at + word.max(1))
}
