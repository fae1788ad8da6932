//! The edges of the rules on Dapr's resources: where each begins to find fault, and where it stops.

mod support;

use dapr_preflight::dapr::Version;
use dapr_preflight::policy::{Check, Finding, Policy, Rule, escape};
use dapr_preflight::rules::ALL;
use serde_json::{Value, json};
use support::{findings, yaml};

fn rule(id: &str) -> &'static Rule {
    ALL.iter().find(|rule| rule.id == id).unwrap_or_else(|| panic!("no rule {id}"))
}

fn found(id: &str, object: &Value) -> Vec<Finding> {
    findings(rule(id), object, &Policy::default())
}

/// Where a rule finds fault with an object of this kind and spec; a certain fault ends with an exclamation mark.
fn places(id: &str, kind: &str, spec: &str) -> Vec<String> {
    let object =
        json!({ "apiVersion": "dapr.io/v1alpha1", "kind": kind, "metadata": { "name": "x" }, "spec": yaml(spec) });
    places_in(id, &object, &Policy::default())
}

fn places_in(id: &str, object: &Value, policy: &Policy) -> Vec<String> {
    let mark = |finding: Finding| if finding.certain { finding.at + "!" } else { finding.at };
    findings(rule(id), object, policy).into_iter().map(mark).collect()
}

/// Each line: a spec, and where fault is found with it.
fn edges(id: &str, kind: &str, cases: &[(&str, &[&str])]) {
    for (spec, expected) in cases {
        assert_eq!(places(id, kind, spec), *expected, "{id}: {spec}");
    }
}

#[test]
fn a_type_is_certainly_wrong_only_where_no_kind_of_component_begins_it() {
    edges(
        "component-type",
        "Component",
        &[
            ("{type: redis, version: v1, metadata: []}", &["/spec/type!"]),
            ("{type: redis, version: v1, metadata: [], ignoreErrors: true}", &["/spec/type"]),
            ("{type: state.my-own, version: v1, metadata: []}", &["/spec/type"]),
            ("{type: state.redis, version: v2, metadata: []}", &["/spec/version"]),
            ("{type: STATE.redis, version: v1, metadata: []}", &["/spec/type!"]),
            ("{type: state.Redis, version: V1, metadata: []}", &[]),
            ("{type: state.postgresql, version: v2, metadata: []}", &[]),
            ("{type: middleware.http.bearer, version: v1, metadata: []}", &[]),
            ("{type: '', version: v1, metadata: []}", &["/spec/type"]),
            // The API server's to refuse.
            ("{version: v1, metadata: []}", &[]),
            ("{}", &[]),
        ],
    );
    let advice = |kind: &str| {
        let spec = json!({ "type": kind, "version": "v1", "metadata": [] });
        let object = json!({ "apiVersion": "dapr.io/v1alpha1", "kind": "Component", "spec": spec });
        found("component-type", &object)[0].advice.to_string()
    };
    assert_eq!(advice("mongodb"), "did you mean state.mongodb?");
    assert_eq!(advice("state.mongdb"), "did you mean state.mongodb?");
    assert_eq!(advice("secretstore.x"), "did you mean secretstores?");
}

#[test]
fn a_component_without_a_spec_is_not_loaded_and_that_is_said() {
    let object = yaml("{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: x}}");
    assert_eq!(places_in("component-type", &object, &Policy::default()), ["/spec/type"]);
}

#[test]
fn a_secret_is_one_by_its_field_or_by_a_password_in_a_url() {
    edges(
        "component-plain-secret",
        "Component",
        &[
            ("{type: state.redis, metadata: [{name: REDISPASSWORD, value: x}]}", &["/spec/metadata/0/value"]),
            ("{type: state.redis, metadata: [{name: redisPassword, value: ''}]}", &[]),
            ("{type: state.redis, metadata: [{name: redisPassword, envRef: PASSWORD}]}", &[]),
            ("{type: pubsub.pulsar, metadata: [{name: host, value: 'pulsar://p'}]}", &["/spec/metadata/0/value"]),
            ("{type: pubsub.kafka, metadata: [{name: host, value: 'k'}]}", &[]),
            ("{type: bindings.mine, metadata: [{name: where, value: 'amqp://u:p@h'}]}", &["/spec/metadata/0/value"]),
            ("{type: bindings.mine, metadata: [{name: where, value: 5}]}", &[]),
        ],
    );
}

#[test]
fn five_seconds_are_left_where_the_time_to_start_does_not_parse() {
    edges(
        "component-init-timeout",
        "Component",
        &[
            ("{initTimeout: 1m30s}", &[]),
            ("{initTimeout: ''}", &[]),
            ("{initTimeout: 1 m}", &["/spec/initTimeout"]),
            ("{initTimeout: 0s}", &["/spec/initTimeout"]),
            ("{initTimeout: -5s}", &["/spec/initTimeout"]),
        ],
    );
}

#[test]
fn every_policy_of_an_access_control_list_needs_three_fields() {
    edges(
        "configuration-access-control",
        "Configuration",
        &[
            (
                "{accessControl: {policies: [{appId: '', namespace: '', trustDomain: ''}]}}",
                &[
                    "/spec/accessControl/policies/0/appId!",
                    "/spec/accessControl/policies/0/namespace!",
                    "/spec/accessControl/policies/0/trustDomain!",
                ],
            ),
            ("{accessControl: {defaultAction: ALLOW, policies: []}}", &[]),
            ("{accessControl: {defaultAction: permit}}", &["/spec/accessControl/defaultAction"]),
            (
                "{accessControl: {policies: [{appId: a, namespace: shop, trustDomain: public, operations: [{name: /x, action: yes!}]}]}}",
                &["/spec/accessControl/policies/0/operations/0/action"],
            ),
        ],
    );
}

#[test]
fn a_store_is_scoped_once_and_its_default_is_allow_or_deny() {
    edges(
        "configuration-secret-scopes",
        "Configuration",
        &[
            ("{secrets: {scopes: [{storeName: a, defaultAccess: Deny}, {storeName: A}]}}", &[]),
            ("{secrets: {scopes: [{storeName: a}, {storeName: a}]}}", &["/spec/secrets/scopes/1/storeName!"]),
            ("{secrets: {scopes: [{storeName: a, defaultAccess: none}]}}", &["/spec/secrets/scopes/0/defaultAccess!"]),
        ],
    );
}

#[test]
fn an_exporter_ends_daprd_by_its_protocol_or_by_an_address_that_is_no_url() {
    let otel = |address: &str, protocol: &str| {
        format!("{{tracing: {{otel: {{endpointAddress: '{address}', isSecure: true, protocol: '{protocol}'}}}}}}")
    };
    let at = |field: &str| format!("/spec/tracing/otel/{field}");
    for (address, protocol, expected) in [
        ("o:4317", "grpc", vec![]),
        ("o:4317", "HTTP", vec![at("protocol!")]),
        ("o:4317", "", vec![at("protocol")]),
        ("", "smoke", vec![]),
        ("https://o:4317/v1", "http", vec![at("endpointAddress")]),
    ] {
        assert_eq!(places("configuration-tracing-exporter", "Configuration", &otel(address, protocol)), expected);
    }
    let zipkin = "/spec/tracing/zipkin/endpointAddress!";
    for (address, expected) in [
        ("http://z:9411/api/v2/spans", vec![]),
        ("", vec![]),
        ("z:9411/api/v2/spans", vec![zipkin]),
        ("http://", vec![zipkin]),
        ("http:///api", vec![zipkin]),
    ] {
        let spec = format!("{{tracing: {{zipkin: {{endpointAddress: '{address}'}}}}}}");
        assert_eq!(places("configuration-tracing-exporter", "Configuration", &spec), expected, "{address}");
    }
}

#[test]
fn a_rate_is_a_number_above_0_and_at_most_1() {
    for (rate, wrong) in
        [("1", false), ("0.5", false), ("1e-3", false), ("0", true), ("", true), ("1.5", true), ("-1", true)]
    {
        let spec = format!("{{tracing: {{samplingRate: '{rate}', stdout: true}}}}");
        assert_eq!(!places("configuration-tracing-sampling", "Configuration", &spec).is_empty(), wrong, "{rate}");
    }
    edges(
        "configuration-tracing-sampling",
        "Configuration",
        &[("{}", &["/spec/tracing"]), ("{tracing: {samplingRate: '1'}}", &["/spec/tracing"])],
    );
}

#[test]
fn what_the_control_plane_reads_is_not_asked_for_what_apps_need() {
    let object = yaml("{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: daprsystem}, spec: {}}");
    let rules = ["configuration-api-access", "configuration-metrics", "configuration-tracing-sampling"];
    for id in rules {
        assert_eq!(places_in(id, &object, &Policy::default()), [""; 0], "{id}");
    }
    edges("configuration-mtls", "Configuration", &[("{}", &[]), ("{mtls: {enabled: false}}", &["/spec/mtls"])]);
}

#[test]
fn only_metrics_switches_metrics_and_either_counts_paths() {
    edges(
        "configuration-metrics",
        "Configuration",
        &[
            ("{}", &["/spec/metrics/http/increasedCardinality"]),
            ("{metrics: {enabled: false}}", &["/spec/metrics/enabled"]),
            ("{metric: {enabled: false}}", &["/spec/metric/enabled"]),
            ("{metric: {enabled: true, http: {increasedCardinality: false}}}", &[]),
            (
                "{metrics: {http: {excludeVerbs: true}}, metric: {http: {increasedCardinality: false}}}",
                &["/spec/metrics/http/increasedCardinality"],
            ),
        ],
    );
}

#[test]
fn an_allow_list_counts_for_each_protocol_by_itself() {
    let allowed = "/spec/api/allowed";
    let rule = |protocol: &str| format!("{{name: state, version: v1, protocol: {protocol}}}");
    for (spec, expected) in [
        ("{}".to_owned(), vec![allowed.to_owned()]),
        (format!("{{api: {{allowed: [{}, {}]}}}}", rule("HTTP"), rule("grpc")), vec![]),
        (format!("{{api: {{allowed: [{}]}}}}", rule("grpc")), vec![allowed.to_owned()]),
        (format!("{{api: {{denied: [{}, {}]}}}}", rule("http"), rule("grpc")), vec![]),
        // gRPC is compared with case, so that this entry is no entry.
        (
            format!("{{api: {{allowed: [{}, {}]}}}}", rule("http"), rule("GRPC")),
            vec![format!("{allowed}/1/protocol"), allowed.to_owned()],
        ),
        (
            "{api: {allowed: [{name: a, version: v1}]}}".to_owned(),
            vec![format!("{allowed}/0/protocol"), allowed.to_owned()],
        ),
    ] {
        assert_eq!(places("configuration-api-access", "Configuration", &spec), expected, "{spec}");
    }
}

#[test]
fn a_feature_and_a_kind_are_known_by_version() {
    let old = Policy { dapr_version: Version::newest_of(1, 16), ..Policy::default() };
    let features = yaml(
        "{apiVersion: dapr.io/v1alpha1, kind: Configuration, spec: {features: [
            {name: SchedulerReminders, enabled: true}, {name: WorkflowHistorySigning, enabled: true}]}}",
    );
    let at = |index: usize| format!("/spec/features/{index}/name");
    assert_eq!(places_in("configuration-feature-unknown", &features, &old), [at(1)]);
    assert_eq!(places_in("configuration-feature-unknown", &features, &Policy::default()), [at(0)]);
    let server = yaml("{apiVersion: dapr.io/v1alpha1, kind: MCPServer, spec: {endpoint: {sse: {url: 'https://a'}}}}");
    assert_eq!(places_in("dapr-resource-refused", &server, &old), ["/kind"]);
    assert_eq!(places_in("dapr-resource-refused", &server, &Policy::default()), [""; 0]);
}

#[test]
fn a_duration_that_does_not_parse_ends_apps_since_the_field_is_there() {
    let object = yaml(
        "{apiVersion: dapr.io/v1alpha1, kind: Configuration,
            spec: {workflow: {stateRetentionPolicy: {failed: 30d, completed: 1h}}, tracing: {otel: {timeout: '10'}}}}",
    );
    let expected = ["/spec/tracing/otel/timeout!", "/spec/workflow/stateRetentionPolicy/failed!"];
    assert_eq!(places_in("configuration-duration", &object, &Policy::default()), expected);
    assert!(found("configuration-duration", &object)[1].advice.contains("720h"));
    let old = Policy { dapr_version: Version::newest_of(1, 16), ..Policy::default() };
    assert_eq!(places_in("configuration-duration", &object, &old), [""; 0]);
    assert_eq!(places_in("dapr-resource-unknown-field", &object, &old).len(), 2);
}

#[test]
fn each_value_of_a_policy_that_dapr_does_not_read_is_found() {
    let at = |rest: &str| format!("/spec/policies/{rest}");
    for (policies, expected) in [
        ("{timeouts: {a: '500', b: 1.5s, c: ''}}", vec![at("timeouts/c")]),
        ("{retries: {a: {duration: 1x, maxInterval: '', policy: Constant}}}", vec![at("retries/a/duration")]),
        ("{retries: {a: {policy: expontial}}}", vec![at("retries/a/policy")]),
        ("{retries: {a: {matching: {httpStatusCodes: '429, 500'}}}}", vec![at("retries/a/matching/httpStatusCodes")]),
        ("{retries: {a: {matching: {gRPCStatusCodes: '17'}}}}", vec![at("retries/a/matching/gRPCStatusCodes")]),
        ("{circuitBreakers: {a: {maxRequests: -1, interval: 5}}}", vec![at("circuitBreakers/a/maxRequests")]),
        ("{circuitBreakers: {a: {trip: consecutiveFailures > 5 && requests >= 1}}}", vec![]),
        ("{circuitBreakers: {a: {trip: consecutiveFailure > 5}}}", vec![at("circuitBreakers/a/trip")]),
        ("{timeouts: {a/b: x}}", vec![at("timeouts/a~1b")]),
    ] {
        let spec = format!("{{policies: {policies}, targets: {{}}}}");
        assert_eq!(places("resiliency-policy", "Resiliency", &spec), expected, "{policies}");
    }
}

#[test]
fn a_target_finds_its_policies_here_or_among_those_that_are_built_in() {
    edges(
        "resiliency-target",
        "Resiliency",
        &[
            (
                "{policies: {timeouts: {t: 5s}}, targets: {apps: {a: {timeout: t, retry: DaprBuiltInServiceRetries}}}}",
                &[],
            ),
            (
                "{policies: {retries: {t: {}}}, targets: {actors: {A: {timeout: t}}}}",
                &["/spec/targets/actors/A/timeout"],
            ),
            (
                "{policies: {}, targets: {components: {c: {inbound: {retry: r}, outbound: {circuitBreaker: b}}}}}",
                &["/spec/targets/components/c/inbound/retry", "/spec/targets/components/c/outbound/circuitBreaker"],
            ),
        ],
    );
}

#[test]
fn constant_retries_need_a_limit_and_exponential_ones_give_up_by_themselves() {
    edges(
        "resiliency-retries-endless",
        "Resiliency",
        &[
            ("{policies: {retries: {a: {}}}}", &["/spec/policies/retries/a/maxRetries"]),
            ("{policies: {retries: {a: {maxRetries: -1}}}}", &["/spec/policies/retries/a/maxRetries"]),
            ("{policies: {retries: {a: {maxRetries: 0}}}}", &[]),
            ("{policies: {retries: {a: {policy: exponential}}}}", &[]),
            ("{policies: {retries: {DaprBuiltInActorRetries: {}}}}", &[]),
        ],
    );
    edges(
        "resiliency-built-in",
        "Resiliency",
        &[
            (
                "{policies: {retries: {DaprBuiltInActorNotFoundRetries: {maxRetries: 9}}}}",
                &["/spec/policies/retries/DaprBuiltInActorNotFoundRetries"],
            ),
            (
                "{policies: {retries: {DaprBuiltInActorRetries: {}}}}",
                &["/spec/policies/retries/DaprBuiltInActorRetries/maxRetries"],
            ),
            (
                "{policies: {retries: {DaprBuiltInServiceRetry: {maxRetries: 9}}}}",
                &["/spec/policies/retries/DaprBuiltInServiceRetry"],
            ),
        ],
    );
}

#[test]
fn an_mcp_server_in_kubernetes_has_one_endpoint_over_http() {
    edges(
        "mcp-server-endpoint",
        "MCPServer",
        &[
            ("{endpoint: {}}", &["/spec/endpoint!"]),
            ("{endpoint: {sse: {url: 'https://a'}, stdio: {command: a}}}", &["/spec/endpoint!"]),
            ("{endpoint: {stdio: {command: a}}, ignoreErrors: true}", &["/spec/endpoint/stdio"]),
            ("{endpoint: {sse: {url: 'ftp://a'}}}", &["/spec/endpoint/sse/url!"]),
            ("{endpoint: {sse: {url: 'HTTPS://a'}}}", &[]),
        ],
    );
}

#[test]
fn a_subscription_delivers_every_message_somewhere() {
    let v2 = |spec: &str| {
        let object = json!({ "apiVersion": "dapr.io/v2alpha1", "kind": "Subscription", "spec": yaml(spec) });
        places_in("subscription-route", &object, &Policy::default())
    };
    assert_eq!(v2("{routes: {}}"), ["/spec/routes/default"]);
    assert_eq!(v2("{routes: {rules: [{match: ' ', path: /a}]}}"), [""; 0]);
    assert_eq!(places("subscription-route", "Subscription", "{route: /a}"), ["/apiVersion"]);
    edges(
        "subscription-dead-letter",
        "Subscription",
        &[("{topic: a, deadLetterTopic: a}", &["/spec/deadLetterTopic"]), ("{topic: a, deadLetterTopic: b}", &[])],
    );
}

#[test]
fn an_http_endpoint_is_a_url_with_tls_and_a_whole_pair_or_none() {
    edges(
        "http-endpoint-tls",
        "HTTPEndpoint",
        &[
            ("{baseUrl: 'HTTPS://a'}", &[]),
            ("{baseUrl: a.example}", &["/spec/baseUrl"]),
            ("{baseUrl: 'https://a', clientTLS: {certificate: {value: c}}}", &["/spec/clientTLS/privateKey"]),
        ],
    );
    edges(
        "http-endpoint-plain-secret",
        "HTTPEndpoint",
        &[
            ("{baseUrl: 'https://u:p@a'}", &["/spec/baseUrl"]),
            ("{baseUrl: 'https://a', clientTLS: {privateKey: {value: k}}}", &["/spec/clientTLS/privateKey/value"]),
            ("{baseUrl: 'https://a', headers: [{name: Accept, value: json}]}", &[]),
        ],
    );
}

#[test]
fn a_kind_that_is_not_dapr_s_is_nobody_s_here() {
    let pod = yaml("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {type: 5}}");
    for id in ["dapr-resource-refused", "dapr-resource-unknown-field"] {
        assert_eq!(places_in(id, &pod, &Policy::default()), [""; 0]);
    }
    let slip = yaml("{apiVersion: dapr.io/v1alpha1, kind: Componet, spec: {}}");
    assert_eq!(found("dapr-resource-refused", &slip)[0].advice, "did you mean Component?");
}

#[test]
fn no_object_of_any_shape_makes_a_rule_panic() {
    let shapes = [json!(null), json!(1), json!("a"), json!([]), json!([null, 1, "a"]), json!({}), json!({ "a": [1] })];
    let rules: Vec<_> = ALL.iter().filter(|rule| matches!(rule.check, Check::Object(..))).collect();
    let documents = rules.iter().flat_map(|rule| support::documents(rule.bad));
    for document in documents.filter(|document| document["kind"].is_string()) {
        let mut places = Vec::new();
        pointers("", &document, &mut places);
        for place in places.iter().filter(|place| *place != "/kind" && *place != "/apiVersion") {
            for shape in &shapes {
                let mut object = document.clone();
                *object.pointer_mut(place).unwrap() = shape.clone();
                rules.iter().for_each(|rule| drop(findings(rule, &object, &Policy::default())));
            }
        }
    }
}

fn pointers(at: &str, value: &Value, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        let at = format!("{at}/{}", escape(&key));
        found.push(at.clone());
        pointers(&at, child, found);
    }
}
