//! Which values of a Dapr resource are secrets.

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

/// Whether a text is a URL with a password in it (`amqp://user:secret@host`).
#[must_use]
pub fn has_password(text: &str) -> bool {
    text.match_indices("://").any(|(at, separator)| {
        let rest = &text[at + separator.len()..];
        let authority = &rest[..rest.find(['/', '?', '#', ' ']).unwrap_or(rest.len())];
        let userinfo = authority.rsplit_once('@').map_or("", |(userinfo, _)| userinfo);
        userinfo.split_once(':').is_some_and(|(_, password)| !password.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_url_gives_its_password_away() {
        for text in ["amqp://user:secret@rabbit:5672", "postgres://u:p@h/db?x=1", "a mongodb://u:p%40@h b"] {
            assert!(has_password(text), "{text}");
        }
        for text in ["amqp://rabbit:5672", "amqp://user@rabbit", "amqp://user:@rabbit", "https://h/a:b@c", "u:p@h", ""]
        {
            assert!(!has_password(text), "{text}");
        }
    }
}
