//! Reviews that are made to hurt, each as long as the longest body that is read by default.

use serde_json::{Value, json};

/// What it is that hurts, and the body.
pub type Hurtful = (&'static str, Vec<u8>);

/// One of each kind, of at most this many bytes.
pub fn all(bytes: usize) -> Vec<Hurtful> {
    let filled = |name, before: &str, piece: &dyn Fn(usize) -> String, after: &str| {
        let mut inside = String::new();
        for number in 0.. {
            let next = piece(number);
            if before.len() + inside.len() + next.len() + after.len() > bytes - 1024 {
                break;
            }
            inside.push_str(&next);
        }
        let body = review(&format!("{before}{}{after}", inside.trim_end_matches(',')));
        (name, body.into_bytes())
    };
    let annotations = r#"{"metadata":{"annotations":{"dapr.io/enabled":"true","dapr.io/app-id":"a","#;
    let spec = r#"{"metadata":{"annotations":{"dapr.io/enabled":"true","dapr.io/app-id":"a"}},"spec":{"#;
    let no_spec = r#"}},"spec":{"containers":[{"name":"a"}]}}"#;
    let deep = bytes / 2 - 512;
    vec![
        ("deep nesting where nobody looks", deeply(deep, "status").into_bytes()),
        ("deep nesting where a list is read", deeply(deep, "spec").into_bytes()),
        filled("annotations that nobody knows", annotations, &|n| format!(r#""dapr.io/{n}":"","#), no_spec),
        filled("one annotation, again and again", annotations, &|_| r#""dapr.io/env":"A=B","#.into(), no_spec),
        filled(
            "labels",
            r#"{"metadata":{"annotations":{"dapr.io/enabled":"true"},"labels":{"a":"","#,
            &|n| format!(r#""{n}":"","#),
            no_spec,
        ),
        filled(
            "one long string",
            &format!(r#"{annotations}"dapr.io/config":""#),
            &|_| "x".repeat(1000),
            &format!(r#""{no_spec}"#),
        ),
        filled(
            "one long string of escapes",
            &format!(r#"{annotations}"dapr.io/config":""#),
            &|_| r"\u00e4".repeat(100),
            &format!(r#""{no_spec}"#),
        ),
        filled(
            "a list of env entries",
            &format!(r#"{annotations}"dapr.io/env":""#),
            &|n| format!("A{n}=1,"),
            &format!(r#""{no_spec}"#),
        ),
        filled(
            "a list of commas",
            &format!(r#"{annotations}"dapr.io/env":"A=1"#),
            &|_| ",".repeat(1000) + "=",
            &format!(r#""{no_spec}"#),
        ),
        filled(
            "a list of volume mounts",
            &format!(r#"{annotations}"dapr.io/volume-mounts":""#),
            &|n| format!("v{n}:/p,"),
            &format!(r#""{no_spec}"#),
        ),
        filled("empty containers", &format!(r#"{spec}"containers":["#), &|_| "{},".into(), "]}}"),
        filled(
            "containers with ports",
            &format!(r#"{spec}"containers":["#),
            &|n| format!(r#"{{"name":"{n}","ports":[{{"containerPort":3500}}]}},"#),
            "]}}",
        ),
        filled("empty env", &format!(r#"{spec}"containers":[{{"name":"daprd","env":["#), &|_| "{},".into(), "]}]}}"),
        filled(
            "owners",
            r#"{"metadata":{"annotations":{"dapr.io/enabled":"true"},"ownerReferences":["#,
            &|_| "{},".into(),
            r#"]},"spec":{"containers":[{"name":"a"}]}}"#,
        ),
        filled(
            "a key, again and again",
            "{",
            &|_| r#""spec":{"containers":[{"name":"a"}]},"#.into(),
            r#","metadata":{"annotations":{"dapr.io/enabled":"true"}}}"#,
        ),
        filled(
            "numbers",
            &format!(r#"{spec}"containers":[{{"name":"a","ports":["#),
            &|n| format!(r#"{{"containerPort":{n}}},"#),
            "]}]}}",
        ),
    ]
}

/// A pod's creation with this object.
fn review(object: &str) -> String {
    let mut review: Value = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "hurtful", "kind": { "group": "", "version": "v1", "kind": "Pod" }, "namespace": "shop",
            "operation": "CREATE", "object": null, "dryRun": false,
        },
    });
    // The API server writes the object behind the kind; a map here is sorted.
    let request = review["request"].as_object_mut().expect("it is one");
    let rest: Vec<_> =
        request.iter().filter(|(key, _)| *key != "object").map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{{},"object":{object}}}}}"#,
        rest.join(",")
    )
}

fn deeply(depth: usize, place: &str) -> String {
    let nest = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let rest = if place == "spec" { String::new() } else { r#","spec":{"containers":[{"name":"a"}]}"#.into() };
    let place = if place == "spec" { r#""spec":{"containers":"# } else { r#""status":"# };
    let close = if rest.is_empty() { "}" } else { "" };
    review(&format!(r#"{{"metadata":{{"annotations":{{"dapr.io/enabled":"true"}}}},{place}{nest}{close}{rest}}}"#))
}
