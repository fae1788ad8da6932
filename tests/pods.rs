//! What the rules on the whole pod find, in cases that their examples do not show.

mod support;

use dapr_preflight::policy::{Engine, ObjectKind, ObjectSubject, Policies, Policy};
use dapr_preflight::rules::ALL;
use serde_json::{Value, json};
use support::engine;
use support::reviews::{ENFORCE, create, found, found_by, owned, pod, with_daprd, workload};

const NOTHING: [&str; 0] = [];

/// The pod with some fields of its spec set.
fn with_spec(mut pod: Value, spec: &Value) -> Value {
    for (field, value) in spec.as_object().unwrap() {
        pod["spec"][field] = value.clone();
    }
    pod
}

/// The pod with some fields of its app's container set.
fn with_app(mut pod: Value, fields: &Value) -> Value {
    for (field, value) in fields.as_object().unwrap() {
        pod["spec"]["containers"][0][field] = value.clone();
    }
    pod
}

fn under(version: &str, object: &Value) -> Vec<String> {
    found_by(&Engine::new(ALL, Policies::default().assuming(version.parse().unwrap())), object)
}

#[test]
fn a_pod_that_says_everything_has_nothing_found_as_pod_and_as_template() {
    for object in [pod(json!({})), workload("Deployment", &pod(json!({}))), workload("DaemonSet", &pod(json!({})))] {
        assert_eq!(found(&object), NOTHING);
    }
}

#[test]
fn an_image_is_pinned_by_a_tag_after_its_last_slash_or_by_a_digest() {
    let image = |image: &str| found(&with_app(pod(json!({})), &json!({ "image": image })));
    for pinned in ["order:v1", "registry:5000/team/order:v1", "order@sha256:0123", "order:latest@sha256:0123"] {
        assert_eq!(image(pinned), NOTHING, "{pinned}");
    }
    for moving in ["order", "registry:5000/order", "registry:5000/order:latest"] {
        assert_eq!(image(moving), ["app-image:warned"], "{moving}");
    }
    let init = json!({ "initContainers": [{ "name": "migrate", "image": "migrate" }] });
    assert_eq!(found(&with_spec(pod(json!({})), &init)), ["app-image:warned"]);
    let sidecar = |image: &str| found(&pod(json!({ "dapr.io/sidecar-image": image })));
    assert_eq!(sidecar("daprio/daprd:edge"), ["sidecar-image:warned"]);
    assert_eq!(sidecar("daprio/daprd:1.18.2"), NOTHING);
}

#[test]
fn a_daprd_without_tag_is_the_injectors_affair() {
    assert_eq!(found(&with_daprd(pod(json!({})), json!({ "name": "daprd", "image": "daprio/daprd" }))), NOTHING);
}

#[test]
fn probes_are_asked_of_the_container_with_the_apps_port_or_else_of_any() {
    let bare = json!({ "readinessProbe": null, "livenessProbe": null });
    let without = with_app(pod(json!({ "dapr.io/app-port": "8080" })), &bare);
    assert_eq!(found(&without), ["app-probes:denied"]);
    assert_eq!(found(&with_app(pod(json!({})), &bare)), ["app-probes:warned"], "nobody calls it");
    let lives = json!({ "readinessProbe": null });
    assert_eq!(found(&with_app(pod(json!({})), &lives)), NOTHING);
    assert_eq!(found(&owned(without.clone(), "apps/v1", "ReplicaSet")), ["app-probes:warned"]);
    assert_eq!(found(&workload("Deployment", &without)), ["app-probes:denied"]);
    let helped = |pod: Value| {
        let mut pod = pod;
        let mut helper = pod["spec"]["containers"][0].clone();
        helper["name"] = json!("helper");
        helper["readinessProbe"] = json!({ "tcpSocket": { "port": 1 } });
        helper["livenessProbe"] = json!({ "grpc": { "port": 1 } });
        pod["spec"]["containers"].as_array_mut().unwrap().push(helper);
        pod
    };
    assert_eq!(found(&helped(without.clone())), NOTHING, "nobody says which container is the app");
    let declared = with_app(without.clone(), &json!({ "ports": [{ "containerPort": 8080 }] }));
    let mut declared = helped(declared);
    declared["spec"]["containers"][1]["ports"] = json!([]);
    assert_eq!(found(&declared), ["app-probes:denied"]);
    for ends in ["Never", "OnFailure"] {
        assert_eq!(found(&with_spec(without.clone(), &json!({ "restartPolicy": ends }))), NOTHING);
    }
}

#[test]
fn a_limit_is_a_request_too_and_a_cpu_limit_is_not_asked_for() {
    let with = |resources: Value| found(&with_app(pod(json!({})), &json!({ "resources": resources })));
    assert_eq!(with(json!({ "limits": { "cpu": "1", "memory": "1Gi" } })), NOTHING);
    assert_eq!(with(json!({ "requests": { "cpu": "1" }, "limits": { "memory": "1Gi" } })), NOTHING);
    assert_eq!(with(json!({ "limits": { "memory": "1Gi" } })), ["app-resources:warned"]);
    assert_eq!(with(Value::Null), ["app-resources:warned"]);
}

#[test]
fn a_container_may_say_for_itself_that_it_is_not_root() {
    let with = |pod_says: Value, app_says: Value| {
        let profile = json!({ "type": "RuntimeDefault" });
        let mut pod = with_app(pod(json!({})), &json!({ "securityContext": app_says }));
        pod["spec"]["securityContext"] = pod_says;
        pod["spec"]["securityContext"]["seccompProfile"] = profile;
        found(&pod)
    };
    assert_eq!(with(json!({}), json!({ "runAsNonRoot": true })), NOTHING);
    assert_eq!(with(json!({ "runAsUser": 1000 }), json!({})), NOTHING);
    assert_eq!(with(json!({ "runAsNonRoot": true }), json!({ "runAsNonRoot": false })), ["pod-run-as-non-root:warned"]);
    assert_eq!(with(json!({}), json!({ "runAsUser": 0 })), ["pod-run-as-non-root:warned"]);
}

#[test]
fn root_is_certain_to_fail_only_where_the_sidecar_is_there_and_not_before_1_16() {
    let root = json!({ "securityContext": { "runAsUser": 0, "runAsNonRoot": true, "seccompProfile": { "type": "Localhost" } } });
    let bare = with_spec(pod(json!({})), &root);
    assert_eq!(found(&owned(bare.clone(), "apps/v1", "ReplicaSet")), ["pod-root:warned"]);
    assert_eq!(found(&workload("Deployment", &bare)), ["pod-root:denied"]);
    assert_eq!(under("1.15", &workload("Deployment", &bare)), NOTHING);
    let stored = |daprd: Value| found(&owned(with_daprd(bare.clone(), daprd), "apps/v1", "ReplicaSet"));
    assert_eq!(stored(json!({ "name": "daprd" })), ["pod-root:denied"]);
    assert_eq!(stored(json!({ "name": "daprd", "securityContext": { "runAsUser": 65532 } })), NOTHING);
    let skips = json!([{ "name": "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK", "value": "true" }]);
    assert_eq!(stored(json!({ "name": "daprd", "env": skips })), NOTHING);
}

#[test]
fn a_seccomp_profile_is_the_pods_or_each_containers_own() {
    let with = |pod: Value, own: Value| {
        let pod = with_spec(pod, &json!({ "securityContext": { "runAsNonRoot": true } }));
        found(&with_app(pod, &json!({ "securityContext": { "seccompProfile": { "type": own } } })))
    };
    let open = ["pod-seccomp:warned"];
    assert_eq!(with(pod(json!({})), json!("RuntimeDefault")), open, "daprd has none");
    let sidecar = pod(json!({ "dapr.io/sidecar-seccomp-profile-type": "RuntimeDefault" }));
    assert_eq!(with(sidecar.clone(), json!("Localhost")), NOTHING);
    assert_eq!(with(sidecar, json!("Unconfined")), open);
    assert_eq!(found(&pod(json!({ "dapr.io/sidecar-seccomp-profile-type": "Unconfined" }))), open);
}

#[test]
fn a_pod_without_the_accounts_token_needs_no_account_and_no_secret_store() {
    let unmounted = json!({ "serviceAccountName": "default", "automountServiceAccountToken": false });
    assert_eq!(found(&with_spec(pod(json!({})), &unmounted)), ["sidecar-secret-store:warned"]);
    let without = json!({ "dapr.io/disable-builtin-k8s-secret-store": "true" });
    assert_eq!(found(&with_spec(pod(without), &unmounted)), NOTHING);
    let shared = json!({ "serviceAccountName": "default" });
    assert_eq!(found(&with_spec(pod(json!({})), &shared)), ["pod-service-account:warned"]);
}

#[test]
fn the_apps_token_may_come_from_where_nobody_sees_it() {
    let with = |fields: Value| found(&with_app(pod(json!({})), &fields));
    assert_eq!(with(json!({ "env": [] })), ["app-api-token:warned"]);
    assert_eq!(with(json!({ "env": [], "envFrom": [{ "secretRef": { "name": "x" } }] })), NOTHING);
    assert_eq!(with(json!({ "env": null, "envFrom": [] })), ["app-api-token:warned"]);
}

#[test]
fn tokens_are_asked_for_both_ways_where_daprd_calls_the_app() {
    let none = json!({ "dapr.io/api-token-secret": "", "dapr.io/app-token-secret": "" });
    let warning = |annotations: Value| create(&pod(annotations), ENFORCE, &engine()).warnings().join("\n");
    assert!(warning(none.clone()).contains("no API token;"));
    let mut called = none;
    called["dapr.io/app-port"] = json!("8080");
    assert!(warning(called).contains("neither an API token nor an app token"));
}

#[test]
fn an_app_waits_for_daprd_in_its_probes_its_hook_and_its_command() {
    let whole = "curl -f localhost:3500/v1.0/healthz";
    let with = |fields: Value| found(&with_app(pod(json!({ "dapr.io/app-port": "8080" })), &fields));
    let probe = |path: &str| json!({ "httpGet": { "path": path, "port": 3500 } });
    let waits = ["app-waits-for-daprd:warned"];
    assert_eq!(with(json!({ "readinessProbe": probe("/v1.0/healthz") })), waits);
    assert_eq!(with(json!({ "startupProbe": { "exec": { "command": ["sh", "-c", whole] } } })), waits);
    assert_eq!(with(json!({ "lifecycle": { "postStart": { "exec": { "command": ["sh", "-c", whole] } } } })), waits);
    assert_eq!(with(json!({ "command": ["sh", "-c", format!("until {whole}; do sleep 1; done; exec app")] })), waits);
    assert_eq!(with(json!({ "args": [whole] })), waits);
    assert_eq!(with(json!({ "readinessProbe": probe("/v1.0/healthz/outbound") })), NOTHING);
    let unheard = with_app(pod(json!({})), &json!({ "args": [whole] }));
    assert_eq!(found(&unheard), NOTHING, "daprd waits for no app without a port");
}

#[test]
fn an_init_container_cannot_wait_for_daprd_at_all() {
    let init = json!({ "initContainers": [
        { "name": "wait", "image": "curl:8", "args": ["localhost:3500/v1.0/healthz/outbound"] },
    ] });
    assert_eq!(found(&with_spec(pod(json!({})), &init)), ["app-waits-for-daprd:warned"]);
}

#[test]
fn a_job_ends_with_a_native_sidecar_where_dapr_has_one() {
    let native = json!({ "dapr.io/enable-native-sidecar": "true" });
    for kind in ["Job", "CronJob"] {
        assert_eq!(found(&workload(kind, &pod(json!({})))), ["sidecar-job:warned"], "{kind}");
        assert_eq!(found(&workload(kind, &pod(native.clone()))), NOTHING, "{kind}");
        let older = under("1.17", &workload(kind, &pod(native.clone())));
        assert_eq!(older, ["annotation-unknown:warned", "sidecar-job:warned"], "{kind}");
    }
    let mut there = pod(json!({}));
    there["spec"]["initContainers"] = json!([{ "name": "daprd" }]);
    assert_eq!(found(&owned(there, "batch/v1", "Job")), NOTHING, "the injector's default was native");
}

#[test]
fn annotations_on_the_workload_itself_are_seen_unless_the_template_says_the_same() {
    let plain = json!({ "metadata": {}, "spec": { "containers": [] } });
    let on_itself = |pod: &Value, annotations: Value| {
        let mut workload = workload("Deployment", pod);
        workload["metadata"]["annotations"] = annotations;
        found(&workload)
    };
    let misplaced = ["annotation-misplaced:warned"];
    assert_eq!(on_itself(&plain, json!({ "dapr.io/enabled": "true", "dapr.io/app-id": "a" })), misplaced);
    assert_eq!(on_itself(&pod(json!({})), json!({ "dapr.io/app-port": "80" })), misplaced);
    assert_eq!(on_itself(&pod(json!({})), json!({ "dapr.io/app-id": "other" })), NOTHING);
    assert_eq!(on_itself(&plain, json!({ "dapr.io/control-plane": "operator", "other.io/x": "1" })), NOTHING);
    let mut off = plain;
    off["metadata"]["annotations"] = json!({ "dapr.io/enabled": "false" });
    assert_eq!(on_itself(&off, json!({ "dapr.io/app-id": "a" })), NOTHING);
}

#[test]
fn what_is_meant_for_the_template_alone_does_not_make_a_pod_daprs() {
    let mut marked = pod(json!({}));
    marked["metadata"]["annotations"] = json!({ "dapr.io/control-plane": "operator" });
    assert_eq!(found(&marked), NOTHING);
    marked["metadata"]["annotations"] = json!({ "dapr.io/app-port": "8080" });
    assert_eq!(found(&marked), ["enabled-missing:warned"]);
}

#[test]
fn a_statefulsets_claims_are_volumes_that_its_template_does_not_show() {
    let mounts = pod(json!({ "dapr.io/volume-mounts": "data:/mnt/data" }));
    assert_eq!(found(&workload("Deployment", &mounts)), ["sidecar-volume-missing:warned"]);
    assert_eq!(found(&workload("StatefulSet", &mounts)), NOTHING);
}

#[test]
fn components_cost_a_pod_its_volumes_only_where_it_has_none_at_all() {
    let components = |spec: Value| {
        let annotations = json!({
            "dapr.io/pluggable-components": "store", "dapr.io/disable-builtin-k8s-secret-store": "true",
        });
        let mut pod = with_spec(pod(annotations), &spec);
        pod["spec"]["containers"].as_array_mut().unwrap().push(json!({ "name": "store", "image": "store:1" }));
        pod
    };
    let bare = components(json!({ "automountServiceAccountToken": false }));
    assert_eq!(found(&workload("Deployment", &bare)), ["pluggable-components-volumes:denied"]);
    assert_eq!(found(&workload("StatefulSet", &bare)), NOTHING);
    assert_eq!(found(&workload("Deployment", &components(json!({})))), NOTHING, "the token is a volume");
    let volume = json!({ "automountServiceAccountToken": false, "volumes": [{ "name": "x", "emptyDir": {} }] });
    assert_eq!(found(&workload("Deployment", &components(volume))), NOTHING);
}

#[test]
fn a_list_of_variables_is_read_as_it_was_meant_or_said_to_be_misread() {
    let env = |list: &str| found(&pod(json!({ "dapr.io/env": list })));
    let misread = ["sidecar-env-misread:warned"];
    for list in ["A,B=2", "A=1,b-c=2", "A = 1", "A=\"x\"", "A=1,", "A=1,A=2"] {
        assert_eq!(env(list), misread, "{list}");
    }
    for list in ["A=1,2,3,B=x", "A=x=y", "OTEL_RESOURCE_ATTRIBUTES=service.name=a,service.version=1", "A=it's"] {
        assert_eq!(env(list), NOTHING, "{list}");
    }
    assert_eq!(under("1.15", &pod(json!({ "dapr.io/env": "A=x=y" }))), misread);
    let both = json!({ "dapr.io/env": "A=1", "dapr.io/env-from-secret": "A=s:k" });
    assert_eq!(found(&pod(both)), misread);
}

#[test]
fn a_token_in_an_annotation_is_a_secret_for_all_to_read_and_one_from_a_secret_is_not() {
    let reserved = ["sidecar-env-reserved:warned"];
    assert_eq!(found(&pod(json!({ "dapr.io/env": "DAPR_API_TOKEN=x" }))), reserved);
    assert_eq!(found(&pod(json!({ "dapr.io/env-from-secret": "DAPR_API_TOKEN=s:k" }))), NOTHING);
    assert_eq!(found(&pod(json!({ "dapr.io/env-from-secret": "POD_NAME=s:k" }))), reserved);
}

#[test]
fn an_address_list_with_a_gap_means_every_interface() {
    let at = |addresses: &str| found(&pod(json!({ "dapr.io/sidecar-listen-addresses": addresses })));
    for addresses in ["", "0.0.0.0", "[::]", "127.0.0.1,", "127.0.0.1, 0.0.0.0"] {
        assert_eq!(at(addresses), ["sidecar-listen-addresses:warned"], "{addresses:?}");
    }
    assert_eq!(at("[::1],127.0.0.1"), NOTHING);
}

#[test]
fn a_hook_counts_before_a_native_sidecar_and_beside_another() {
    let with = |annotations: Value, hook: Value| {
        let hook = json!({ "lifecycle": { "preStop": hook } });
        found(&with_app(pod(annotations), &hook))
    };
    let short = ["shutdown-budget:warned"];
    let native = json!({ "dapr.io/enable-native-sidecar": "true" });
    let sleep = |seconds: i64| json!({ "sleep": { "seconds": seconds } });
    let shell = json!({ "exec": { "command": ["sh", "-c", "sleep 16"] } });
    assert_eq!(with(native.clone(), sleep(16)), short);
    assert_eq!(with(native.clone(), shell), short);
    assert_eq!(with(native, sleep(15)), NOTHING);
    assert_eq!(with(json!({}), sleep(29)), NOTHING);
    assert_eq!(with(json!({}), sleep(30)), short);
}

#[test]
fn what_is_no_string_is_found_wherever_kubernetes_wants_one() {
    let mut job = workload("CronJob", &pod(json!({})));
    let template = "/spec/jobTemplate/spec/template";
    job["metadata"]["labels"] = json!({ "a~/b": 1.5 });
    job["spec"]["jobTemplate"]["metadata"] = json!({ "annotations": { "x": false } });
    let pod = job.pointer_mut(template).unwrap();
    pod["metadata"]["annotations"]["other.io/port"] = json!(8080);
    pod["spec"]["nodeSelector"] = json!({ "gpu": true, "disk": null, "os": "linux" });
    let found = |object: &Value| {
        let object = &object.clone().into();
        let ObjectKind { group, kind, .. } = ObjectKind::of(object).unwrap();
        let policy = Policy::default();
        let judged = engine().judge_object(&ObjectSubject::new(group, kind, object, &policy));
        let ours = judged.into_iter().filter(|judged| judged.rule.id == "value-not-a-string");
        ours.map(|judged| (judged.finding.at, judged.finding.certain)).collect::<Vec<_>>()
    };
    let at = |place: &str| (place.to_owned(), true);
    assert_eq!(
        found(&job),
        [
            at("/metadata/labels/a~0~1b"),
            at("/spec/jobTemplate/metadata/annotations/x"),
            at(&format!("{template}/metadata/annotations/other.io~1port")),
            at(&format!("{template}/spec/nodeSelector/gpu")),
        ]
    );
    let custom = json!({ "apiVersion": "x.io/v1", "kind": "X", "metadata": { "annotations": { "a": 1 } } });
    assert_eq!(found(&custom), [at("/metadata/annotations/a")]);
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": {}, "spec": { "selector": { "v": 1 } } });
    assert_eq!(found(&service), [at("/spec/selector/v")]);
}
