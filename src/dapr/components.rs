//! The component types that daprd knows, and their versions.
//!
//! From `cmd/daprd/components/*.go` (what is registered) and `pkg/runtime/processor/processor.go` (the categories) of
//! Dapr 1.18.2. Besides these there are pluggable components, whose names are anybody's.

/// What a type begins with; daprd knows no component of another kind.
pub const CATEGORIES: [&str; 10] = [
    "bindings",
    "configuration",
    "conversation",
    "crypto",
    "lock",
    "middleware",
    "pubsub",
    "secretstores",
    "state",
    "workflowbackend",
];

/// The types that are built in, sorted.
pub static BUILT_IN: [&str; 147] = [
    "bindings.alicloud.dingtalk.webhook",
    "bindings.alicloud.dubbo",
    "bindings.alicloud.oss",
    "bindings.alicloud.sls",
    "bindings.alicloud.tablestore",
    "bindings.apns",
    "bindings.aws.dynamodb",
    "bindings.aws.kinesis",
    "bindings.aws.s3",
    "bindings.aws.ses",
    "bindings.aws.sns",
    "bindings.aws.sqs",
    "bindings.azure.blobstorage",
    "bindings.azure.cosmosdb",
    "bindings.azure.cosmosdb.gremlinapi",
    "bindings.azure.eventgrid",
    "bindings.azure.eventhubs",
    "bindings.azure.openai",
    "bindings.azure.servicebus.queues",
    "bindings.azure.servicebusqueues",
    "bindings.azure.signalr",
    "bindings.azure.storagequeues",
    "bindings.cloudflare.queues",
    "bindings.commercetools",
    "bindings.cron",
    "bindings.dingtalk.webhook",
    "bindings.dubbo",
    "bindings.gcp.bucket",
    "bindings.gcp.pubsub",
    "bindings.graphql",
    "bindings.http",
    "bindings.huawei.obs",
    "bindings.influx",
    "bindings.kafka",
    "bindings.kubemq",
    "bindings.kubernetes",
    "bindings.localstorage",
    "bindings.mqtt",
    "bindings.mqtt3",
    "bindings.mysql",
    "bindings.postgres",
    "bindings.postgresql",
    "bindings.postmark",
    "bindings.rabbitmq",
    "bindings.redis",
    "bindings.rethinkdb.statechange",
    "bindings.rocketmq",
    "bindings.sftp",
    "bindings.smtp",
    "bindings.twilio.sendgrid",
    "bindings.twilio.sms",
    "bindings.wasm",
    "bindings.zeebe.command",
    "bindings.zeebe.jobworker",
    "configuration.azure.appconfig",
    "configuration.kubernetes",
    "configuration.postgres",
    "configuration.postgresql",
    "configuration.redis",
    "conversation.anthropic",
    "conversation.aws.bedrock",
    "conversation.deepseek",
    "conversation.echo",
    "conversation.googleai",
    "conversation.huggingface",
    "conversation.mistral",
    "conversation.ollama",
    "conversation.openai",
    "crypto.azure.keyvault",
    "crypto.dapr.jwks",
    "crypto.dapr.kubernetes.secrets",
    "crypto.dapr.localstorage",
    "lock.redis",
    "middleware.http.bearer",
    "middleware.http.oauth2",
    "middleware.http.oauth2clientcredentials",
    "middleware.http.opa",
    "middleware.http.ratelimit",
    "middleware.http.routeralias",
    "middleware.http.routerchecker",
    "middleware.http.sentinel",
    "middleware.http.uppercase",
    "middleware.http.wasm",
    "pubsub.aws.snssqs",
    "pubsub.azure.eventhubs",
    "pubsub.azure.servicebus",
    "pubsub.azure.servicebus.queues",
    "pubsub.azure.servicebus.topics",
    "pubsub.azure.servicebusqueues",
    "pubsub.gcp.pubsub",
    "pubsub.in-memory",
    "pubsub.jetstream",
    "pubsub.kafka",
    "pubsub.kubemq",
    "pubsub.mqtt",
    "pubsub.mqtt3",
    "pubsub.pulsar",
    "pubsub.rabbitmq",
    "pubsub.redis",
    "pubsub.rocketmq",
    "pubsub.snssqs",
    "pubsub.solace.amqp",
    "secretstores.alicloud.parameterstore",
    "secretstores.aws.parameterstore",
    "secretstores.aws.secretmanager",
    "secretstores.azure.keyvault",
    "secretstores.gcp.secretmanager",
    "secretstores.hashicorp.vault",
    "secretstores.huaweicloud.csms",
    "secretstores.kubernetes",
    "secretstores.local.env",
    "secretstores.local.file",
    "secretstores.tencentcloud.ssm",
    "state.aerospike",
    "state.alicloud.tablestore",
    "state.aws.dynamodb",
    "state.azure.blobstorage",
    "state.azure.cosmosdb",
    "state.azure.tablestorage",
    "state.cassandra",
    "state.cloudflare.workerskv",
    "state.cockroachdb",
    "state.coherence",
    "state.consul",
    "state.couchbase",
    "state.etcd",
    "state.gcp.firestore",
    "state.hashicorp.consul",
    "state.hazelcast",
    "state.in-memory",
    "state.jetstream",
    "state.memcached",
    "state.mongodb",
    "state.mysql",
    "state.oci.objectstorage",
    "state.oracledatabase",
    "state.postgres",
    "state.postgresql",
    "state.ravendb",
    "state.redis",
    "state.rethinkdb",
    "state.sqlite",
    "state.sqlite3",
    "state.sqlserver",
    "state.yugabyte",
    "state.yugabytedb",
    "state.zookeeper",
];

/// The built-in types that have a version besides `v1`, or none but it, with all that they have.
static VERSIONS: [(&str, &[&str]); 8] = [
    ("state.azure.blobstorage", &["v1", "v2"]),
    ("state.cockroachdb", &["v1", "v2"]),
    ("state.etcd", &["v1", "v2"]),
    ("state.postgres", &["v1", "v2"]),
    ("state.postgresql", &["v1", "v2"]),
    ("state.sqlserver", &["v1", "v2"]),
    ("state.yugabyte", &["v2"]),
    ("state.yugabytedb", &["v2"]),
];

/// Whether a type begins with a category that daprd knows.
#[must_use]
pub fn has_category(component: &str) -> bool {
    component.split_once('.').is_some_and(|(category, _)| CATEGORIES.contains(&category))
}

/// The versions of a built-in type; daprd compares both in lower case, and takes `v0` for `v1`.
#[must_use]
pub fn versions(component: &str) -> Option<&'static [&'static str]> {
    let component = component.to_ascii_lowercase();
    BUILT_IN.binary_search(&&*component).ok()?;
    let own = VERSIONS.iter().find(|(of, _)| *of == component);
    Some(own.map_or(&["v0", "v1"], |(_, versions)| versions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_are_sorted_and_each_begins_with_a_category() {
        assert!(BUILT_IN.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(BUILT_IN.iter().all(|component| has_category(component)));
        assert!(VERSIONS.iter().all(|(component, _)| BUILT_IN.contains(component)));
    }

    #[test]
    fn a_category_ends_at_the_first_dot() {
        assert!(has_category("state.my-own"));
        for other in ["state", "states.redis", "redis", "", ".redis", "State.redis"] {
            assert!(!has_category(other), "{other}");
        }
    }

    #[test]
    fn a_built_in_type_has_versions_and_any_other_has_none() {
        assert_eq!(versions("state.redis"), Some(["v0", "v1"].as_slice()));
        assert_eq!(versions("state.etcd"), Some(["v1", "v2"].as_slice()));
        assert_eq!(versions("state.mine"), None);
    }
}
