//! Which values of a Dapr resource are secrets.

use std::ops::Range;

use crate::json::Value;

/// Fields that components take secrets in: all that are marked `sensitive` in components-contrib 1.18.3
/// (`*/metadata.yaml`, and the fields of its built-in authentication profiles), except where the same name is harmless
/// in other components. In lower case: components compare names without it (`metadata/utils.go`).
const SENSITIVE: [&str; 35] = [
    "accesskey",
    "accesskeyid",
    "accesskeysecret",
    "accountkey",
    "apikey",
    "authkey",
    "authtoken",
    "azurecertificate",
    "azurecertificatepassword",
    "azureclientsecret",
    "cfapitoken",
    "clientcert",
    "clientkey",
    "clientsecret",
    "connectionstring",
    "masterkey",
    "oauth2clientsecret",
    "oidcclientassertionkey",
    "oidcclientsecret",
    "password",
    "private-key",
    "private_key",
    "privatekey",
    "privatekeyid",
    "private_key_id",
    "privatekeypassphrase",
    "querytoken",
    "redispassword",
    "saslpassword",
    "secretaccesskey",
    "secretkey",
    "sentinelpassword",
    "sessiontoken",
    "token",
    "vaulttoken",
];

/// Fields that hold a secret in these components only (the type, or all that begin with it).
const SENSITIVE_IN: [(&str, &str); 7] = [
    ("bindings.cloudflare.", "key"),
    ("bindings.rabbitmq", "host"),
    ("conversation.", "key"),
    ("pubsub.mqtt3", "url"),
    ("pubsub.pulsar", "host"),
    ("pubsub.solace.amqp", "url"),
    ("state.cloudflare.", "key"),
];

/// HTTP headers that authenticate, in lower case.
const HEADERS: [&str; 7] = [
    "api-key",
    "authorization",
    "cookie",
    "ocp-apim-subscription-key",
    "proxy-authorization",
    "x-api-key",
    "x-auth-token",
];

/// Whether a component of that type takes a secret in that field.
#[must_use]
pub fn is_sensitive(component: &str, field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    let here = |(of, name): &(&str, &str)| *name == field && component.starts_with(of);
    SENSITIVE.contains(&field.as_str()) || SENSITIVE_IN.iter().any(here)
}

/// Whether that HTTP header authenticates.
#[must_use]
pub fn is_sensitive_header(name: &str) -> bool {
    HEADERS.contains(&name.to_ascii_lowercase().as_str())
}

/// What a key sounds like, in lower case, whose value may be a secret.
const WORDS: [&str; 10] = [
    "auth",
    "connectionstring",
    "cookie",
    "credential",
    "key",
    "passphrase",
    "password",
    "secret",
    "stringdata",
    "token",
];

/// Whether a key sounds like that of a secret, where nobody knows what it belongs to.
#[must_use]
pub fn sounds_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key == "value" || key.ends_with("env") || WORDS.iter().any(|word| key.contains(word))
}

/// Whether a text is a URL with a password in it (`amqp://user:secret@host`).
#[must_use]
pub fn has_password(text: &str) -> bool {
    passwords(text).next().is_some()
}

/// Where the passwords of URLs are in a text, in bytes.
pub fn passwords(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, separator)| {
        let start = at + separator.len();
        let rest = &text[start..];
        let authority = &rest[..rest.find(['/', '?', '#', ' ']).unwrap_or(rest.len())];
        let (userinfo, _) = authority.rsplit_once('@')?;
        let (user, password) = userinfo.split_once(':').filter(|(_, password)| !password.is_empty())?;
        let from = start + user.len() + 1;
        Some(from..from + password.len())
    })
}

/// A secret that a Dapr resource has in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenOut<'a> {
    /// JSON pointer of its value.
    pub at: String,
    /// What it is called there.
    pub name: &'a str,
    /// It is called otherwise, but is a URL with a password in it.
    pub is_url: bool,
}

/// JSON pointer of an HTTPEndpoint's private key.
pub const PRIVATE_KEY: &str = "/spec/clientTLS/privateKey/value";
/// JSON pointer of an HTTPEndpoint's URL.
pub const BASE_URL: &str = "/spec/baseUrl";

/// The secrets that a Dapr resource of that kind has in plain text.
#[must_use]
pub fn written_out<'a>(kind: &str, object: &'a Value) -> Vec<WrittenOut<'a>> {
    match kind {
        "Component" => {
            let component = object.pointer("/spec/type").and_then(Value::as_str).unwrap_or_default();
            pairs(object, "/spec/metadata", |name| is_sensitive(component, name))
        }
        "Configuration" => pairs(object, "/spec/tracing/otel/headers", is_sensitive_header),
        "HTTPEndpoint" => {
            let mut found = pairs(object, "/spec/headers", is_sensitive_header);
            found.extend(object.pointer(PRIVATE_KEY).map(|_| WrittenOut {
                at: PRIVATE_KEY.to_owned(),
                name: "privateKey",
                is_url: false,
            }));
            let url = object.pointer(BASE_URL).and_then(Value::as_str).filter(|url| has_password(url));
            found.extend(url.map(|_| WrittenOut { at: BASE_URL.to_owned(), name: "baseUrl", is_url: true }));
            found
        }
        "MCPServer" => {
            let transports = ["streamableHTTP", "sse"].into_iter();
            transports
                .flat_map(|name| pairs(object, &format!("/spec/endpoint/{name}/headers"), is_sensitive_header))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Those of a list of names and values.
fn pairs<'a>(object: &'a Value, list: &str, is_sensitive: impl Fn(&str) -> bool) -> Vec<WrittenOut<'a>> {
    let items = object.pointer(list).and_then(Value::as_array).into_iter().flatten().enumerate();
    items
        .filter_map(|(index, pair)| {
            let name = pair["name"].as_str()?;
            let value = &pair["value"];
            let text = value.as_str().unwrap_or_default();
            let secret = is_sensitive(name) && (value.is_number() || !text.is_empty());
            let is_url = !secret && has_password(text);
            (secret || is_url).then(|| WrittenOut { at: format!("{list}/{index}/value"), name, is_url })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn a_number_is_a_secret_too_and_an_empty_text_or_a_reference_is_none() {
        let component = json!({ "spec": { "type": "state.redis", "metadata": [
            { "name": "redisPassword", "value": 12345 },
            { "name": "sentinelPassword", "value": "" },
            { "name": "redisPassword", "secretKeyRef": { "name": "redis", "key": "password" } },
            { "name": "redisHost", "value": "redis://u:p@h" },
            { "name": "redisHost", "value": "redis:6379" },
        ] } });
        let found = written_out("Component", &component);
        let found: Vec<_> = found.iter().map(|found| (&*found.at, found.name, found.is_url)).collect();
        assert_eq!(
            found,
            [("/spec/metadata/0/value", "redisPassword", false), ("/spec/metadata/3/value", "redisHost", true)]
        );
    }

    #[test]
    fn a_field_is_a_secret_by_its_name_or_by_name_and_component() {
        assert!(is_sensitive("state.redis", "redisPassword"));
        assert!(is_sensitive("state.redis", "REDISPASSWORD"));
        assert!(!is_sensitive("state.redis", "redisHost"));
        assert!(is_sensitive("pubsub.mqtt3", "url"));
        assert!(!is_sensitive("state.azure.cosmosdb", "url"));
        assert!(is_sensitive("conversation.openai", "key"));
        assert!(!is_sensitive("bindings.kafka", "key"));
    }

    #[test]
    fn a_key_sounds_like_a_secret_in_any_case_and_as_a_part_of_a_word() {
        assert!(["value", "redisPassword", "API_TOKEN", "dapr.io/env", "privateKey"].into_iter().all(sounds_secret));
        assert!(!["name", "image", "replicas", "values", "environment"].into_iter().any(sounds_secret));
    }

    #[test]
    fn a_url_gives_its_password_away() {
        for text in ["amqp://user:secret@rabbit:5672", "postgres://u:p@h/db?x=1", "a mongodb://u:p%40@h b"] {
            assert!(has_password(text), "{text}");
        }
        let text = "amqp://user:a:b@rabbit:5672";
        assert_eq!(passwords(text).map(|at| &text[at]).collect::<Vec<_>>(), ["a:b"]);
        for text in ["amqp://rabbit:5672", "amqp://user@rabbit", "amqp://user:@rabbit", "https://h/a:b@c", "u:p@h", ""]
        {
            assert!(!has_password(text), "{text}");
        }
    }
}
