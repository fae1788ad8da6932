//! An MCPServer has one endpoint that daprd can reach.

use crate::json::Value;
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "mcp-server-endpoint",
    title: "An MCPServer has one endpoint that daprd can reach",
    source: Source::Dapr("pkg/internal/loader/validate/mcpserver.go"),
    why: "The API server asks for exactly one transport; daprd then refuses stdio in Kubernetes and any URL \
          that is not HTTP, and exits.",
    level: Level::Deny,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("MCPServer")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: MCPServer, metadata: {name: tools}, spec: {endpoint: {stdio: {command: npx}}}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: MCPServer, metadata: {name: tools},
        spec: {endpoint: {streamableHTTP: {url: 'https://tools.example/mcp'}}}}",
};

const ENDPOINT: &str = "/spec/endpoint";
const TRANSPORTS: [&str; 3] = ["streamableHTTP", "sse", "stdio"];

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let Some(endpoint) = subject.get(ENDPOINT) else { return Vec::new() };
    let given: Vec<_> = TRANSPORTS.into_iter().filter(|name| !endpoint[*name].is_null()).collect();
    let finding = match given[..] {
        ["stdio"] => Some(stdio()),
        [transport] => url(transport, endpoint[transport]["url"].as_str().unwrap_or_default()),
        _ => return vec![not_one(&given)],
    };
    let ignored = subject.get("/spec/ignoreErrors") == Some(&Value::Bool(true));
    finding.map(|finding| if ignored { finding.advisory() } else { finding.certain() }).into_iter().collect()
}

/// A CEL rule of the schema.
fn not_one(given: &[&str]) -> Finding {
    let problem = match given {
        [] => "the endpoint has no transport".to_owned(),
        given => format!("the endpoint has {}", given.join(" and ")),
    };
    let advice = "write exactly one of streamableHTTP and sse";
    Finding::new(ENDPOINT.to_owned(), problem, "the API server refuses the object", advice).certain()
}

fn stdio() -> Finding {
    let problem = "stdio is not allowed in Kubernetes";
    let advice = "run the server in a pod of its own and write streamableHTTP with its URL";
    Finding::new(format!("{ENDPOINT}/stdio"), problem, "daprd exits at the start of every app in scope", advice)
}

fn url(transport: &str, url: &str) -> Option<Finding> {
    let scheme = url.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    match scheme {
        Some((scheme, rest)) if ["http", "https"].contains(&&*scheme) && !rest.is_empty() => None,
        // An empty one is the API server's to refuse.
        _ if url.is_empty() => None,
        _ => {
            let at = format!("{ENDPOINT}/{transport}/url");
            let problem = format!("{} is no URL of HTTP", Quoted(url));
            let consequence = "daprd exits at the start of every app in scope";
            Some(Finding::new(at, problem, consequence, "write the whole URL, with https://"))
        }
    }
}
