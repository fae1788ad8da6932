//! Where in an object a mistake is: from a line of its JSON to the field on it.

use serde_json::Value;

/// The text in which [`field_at`] counts lines: a field or an item on each.
pub(super) fn lines(object: &Value) -> String {
    format!("{object:#}")
}

/// The field on a line (from 1) of such a text, like `spec.rules.topology-spread` or `spec.roles[1]`.
pub(super) fn field_at(text: &str, line: u64) -> String {
    // For each open object or list, what is open in it now: a key, or the number of an item.
    let mut open: Vec<Step> = Vec::new();
    for (number, text) in (1..).zip(text.lines()) {
        let text = text.trim().trim_end_matches(',');
        if matches!(text, "}" | "]") {
            open.pop();
        } else if let Some(step) = open.last_mut() {
            step.enter(text);
        }
        if number == line {
            break;
        }
        if text.ends_with('{') {
            open.push(Step::Key(String::new()));
        } else if text.ends_with('[') {
            open.push(Step::Item(None));
        }
    }
    let field: String = open.iter().map(Step::shown).collect();
    field.trim_start_matches('.').to_owned()
}

enum Step {
    Key(String),
    Item(Option<usize>),
}

impl Step {
    fn enter(&mut self, line: &str) {
        match self {
            Self::Key(key) => *key = key_of(line),
            Self::Item(item) => *item = Some(item.map_or(0, |item| item + 1)),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Key(key) if key.is_empty() => String::new(),
            Self::Key(key) => format!(".{key}"),
            Self::Item(item) => item.map(|item| format!("[{item}]")).unwrap_or_default(),
        }
    }
}

fn key_of(line: &str) -> String {
    let mut key = serde_json::Deserializer::from_str(line).into_iter::<String>();
    key.next().and_then(Result::ok).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_line_of_an_object_is_a_field_of_it() {
        let object = json!({
            "kind": "PreflightPolicy",
            "spec": { "namespaces": ["a", "b\": {"], "roles": [{ "role": "actor" }, { "role": "x" }], "rules": {} },
        });
        let text = lines(&object);
        let at = |words: &str| field_at(&text, 1 + text.lines().position(|line| line.contains(words)).unwrap() as u64);
        assert_eq!(at("PreflightPolicy"), "kind");
        assert_eq!(at("\"spec\""), "spec");
        assert_eq!(at("\"a\""), "spec.namespaces[0]");
        assert_eq!(at("\"b"), "spec.namespaces[1]");
        assert_eq!(at("actor"), "spec.roles[0].role");
        assert_eq!(at("\"x\""), "spec.roles[1].role");
        assert_eq!(at("\"rules\""), "spec.rules");
        assert_eq!(field_at(&text, 1), "");
        assert_eq!(field_at(&text, 999), "");
    }
}
