//! Label selectors, as Kubernetes reads them (`k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go`).

use crate::json::Value;

/// Whether a `LabelSelector` selects something with these labels. An empty one selects everything, none at all nothing,
/// and one that the API server would refuse nothing either.
#[must_use]
pub fn selects<'l>(selector: Option<&Value>, label: impl Fn(&str) -> Option<&'l str>) -> bool {
    let Some(selector) = selector.and_then(Value::as_object) else { return false };
    let exact = selector.get("matchLabels").and_then(Value::as_object);
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    exact.into_iter().flatten().all(|(key, value)| label(key) == value.as_str())
        && expressions.into_iter().flatten().all(|expression| holds(expression, &label))
}

fn holds<'l>(expression: &Value, label: impl Fn(&str) -> Option<&'l str>) -> bool {
    let Some(found) = expression["key"].as_str().map(label) else { return false };
    let values = expression["values"].as_array();
    let among = found.is_some_and(|found| values.into_iter().flatten().any(|value| value == found));
    match expression["operator"].as_str() {
        Some("In") => among,
        Some("NotIn") => !among,
        Some("Exists") => found.is_some(),
        Some("DoesNotExist") => found.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn on_order(selector: Value) -> bool {
        selects(Some(&selector), |key| {
            [("app", "order"), ("tier", "web")].iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
        })
    }

    fn expression(key: &str, operator: &str, values: Value) -> Value {
        json!({ "matchExpressions": [{ "key": key, "operator": operator, "values": values }] })
    }

    #[test]
    fn an_empty_selector_selects_everything_and_none_nothing() {
        assert!(on_order(json!({})));
        assert!(!selects(None, |_| None));
        assert!(!on_order(Value::Null));
    }

    #[test]
    fn all_labels_and_all_expressions_must_hold() {
        assert!(on_order(json!({ "matchLabels": { "app": "order", "tier": "web" } })));
        assert!(!on_order(json!({ "matchLabels": { "app": "order", "version": "v1" } })));
        assert!(on_order(expression("app", "In", json!(["cart", "order"]))));
        assert!(!on_order(expression("app", "NotIn", json!(["cart", "order"]))));
        assert!(on_order(expression("version", "NotIn", json!(["v1"]))));
        assert!(on_order(expression("app", "Exists", json!(null))));
        assert!(on_order(expression("version", "DoesNotExist", json!(null))));
        assert!(!on_order(expression("app", "Matches", json!(["order"]))));
        let expressions = expression("app", "In", json!(["order"]))["matchExpressions"].clone();
        assert!(!on_order(json!({ "matchLabels": { "app": "cart" }, "matchExpressions": expressions })));
    }
}
