//! What may refuse what: each line of it, as a review and its answer.

mod support;

use dapr_preflight::admission::Outcome;
use dapr_preflight::policy::{Engine, Mode, Policies};
use dapr_preflight::rules::ALL;
use serde_json::{Value, json};
use support::engine;
use support::reviews::{AUDIT, ENFORCE, MUTATE, WARN, create, owned, pod, request, send, update, workload};

/// The kinds of workload that are judged.
const WORKLOADS: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"];

/// Refused by the API server or daprd, whoever made it.
fn certainly_bad() -> Value {
    pod(json!({ "dapr.io/env": "GOMEMLIMIT=230Mi" }))
}

/// Against the checklist, and it would start.
fn against_the_checklist() -> Value {
    pod(json!({ "dapr.io/sidecar-memory-limit": "256megs" }))
}

fn with_policy(spec: &str) -> Engine {
    let text = format!(
        "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {{name: test}}\nspec: {spec}\n"
    );
    Engine::new(ALL, Policies::parse(&text, ALL).unwrap())
}

#[test]
fn a_workload_is_refused_for_any_deny_finding_and_a_bare_pod_likewise() {
    for bad in [certainly_bad(), against_the_checklist()] {
        let reply = create(&bad, ENFORCE, &engine());
        assert_eq!((reply.allowed(), reply.outcome), (false, Outcome::Denied));
        for kind in WORKLOADS {
            let reply = create(&workload(kind, &bad), ENFORCE, &engine());
            assert_eq!((reply.allowed(), reply.outcome), (false, Outcome::Denied), "{kind}");
            let field = reply.response["status"]["details"]["causes"][0]["field"].as_str().unwrap();
            let base = if kind == "CronJob" { "spec.jobTemplate.spec.template." } else { "spec.template." };
            assert!(field.starts_with(&format!("{base}metadata.annotations[dapr.io/")), "{field}");
        }
    }
}

#[test]
fn a_pod_that_a_controller_owns_is_refused_only_for_certain_findings() {
    for (api_version, kind) in [("apps/v1", "ReplicaSet"), ("batch/v1", "Job"), ("acme.io/v1", "Thing")] {
        let refused = create(&owned(certainly_bad(), api_version, kind), ENFORCE, &engine());
        assert_eq!(refused.outcome, Outcome::Denied);
        let warned = create(&owned(against_the_checklist(), api_version, kind), ENFORCE, &engine());
        assert_eq!((warned.allowed(), warned.outcome), (true, Outcome::Warned));
        assert!(warned.rules.contains(&"sidecar-resources:warned".to_owned()), "{:?}", warned.rules);
    }
}

#[test]
fn a_stricter_policy_refuses_owned_pods_for_any_deny_finding() {
    let strict = with_policy("{ownedPods: deny}");
    let reply = create(&owned(against_the_checklist(), "apps/v1", "ReplicaSet"), ENFORCE, &strict);
    assert_eq!(reply.outcome, Outcome::Denied);
}

#[test]
fn an_owner_that_is_no_controller_does_not_make_a_pod_owned() {
    let mut bad = against_the_checklist();
    bad["metadata"]["ownerReferences"] = json!([{ "apiVersion": "v1", "kind": "ReplicaSet", "name": "x" }]);
    assert_eq!(create(&bad, ENFORCE, &engine()).outcome, Outcome::Denied);
}

#[test]
fn a_workload_is_not_refused_for_what_its_pods_will_be_mended_of() {
    let role = pod(json!({
        "dapr-preflight.io/role": "actor", "dapr.io/app-port": "8080", "dapr.io/enable-native-sidecar": "true",
    }));
    for kind in WORKLOADS {
        let reply = create(&workload(kind, &role), ENFORCE, &engine());
        assert_eq!((reply.allowed(), reply.outcome), (true, Outcome::Allowed), "{kind}");
        assert!(reply.rules.contains(&"sidecar-resources:recorded".to_owned()), "{:?}", reply.rules);
        assert!(reply.rules.contains(&"termination-grace:recorded".to_owned()), "{:?}", reply.rules);
    }
}

#[test]
fn a_workload_is_refused_for_what_only_a_person_can_mend() {
    let mut short = pod(json!({ "dapr-preflight.io/role": "actor" }));
    short["spec"]["terminationGracePeriodSeconds"] = json!(45);
    let reply = create(&workload("Deployment", &short), ENFORCE, &engine());
    assert_eq!(reply.outcome, Outcome::Denied);
    assert!(reply.rules.contains(&"termination-grace:denied".to_owned()));
}

#[test]
fn a_workload_whose_own_controller_is_judged_is_skipped() {
    for (kind, api_version, owner) in [("ReplicaSet", "apps/v1", "Deployment"), ("Job", "batch/v1", "CronJob")] {
        let mut object = workload(kind, &certainly_bad());
        object["metadata"]["ownerReferences"] =
            json!([{ "apiVersion": api_version, "kind": owner, "name": "o", "controller": true }]);
        assert_eq!(create(&object, ENFORCE, &engine()).outcome, Outcome::Skipped, "{kind}");
    }
}

#[test]
fn a_workload_of_another_controller_is_refused_only_for_certain_findings() {
    let of_a_rollout = |pod: &Value| {
        let mut object = workload("ReplicaSet", pod);
        object["metadata"]["ownerReferences"] =
            json!([{ "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "o", "controller": true }]);
        create(&object, ENFORCE, &engine()).outcome
    };
    assert_eq!(of_a_rollout(&against_the_checklist()), Outcome::Warned);
    assert_eq!(of_a_rollout(&certainly_bad()), Outcome::Denied);
}

#[test]
fn pods_are_validated_on_create_only() {
    let bad = certainly_bad();
    assert_eq!(update(&pod(json!({})), &bad, ENFORCE, &engine()).outcome, Outcome::Skipped);
}

#[test]
fn a_workload_is_judged_on_update_only_where_something_changed_that_rules_read() {
    for kind in WORKLOADS {
        let good = workload(kind, &pod(json!({})));
        let bad = workload(kind, &certainly_bad());
        let mut scaled = bad.clone();
        scaled["spec"]["replicas"] = json!(7);
        scaled["metadata"]["labels"] = json!({ "a": "b" });
        assert_eq!(update(&good, &bad, ENFORCE, &engine()).outcome, Outcome::Denied, "{kind}");
        assert_eq!(update(&bad, &scaled, ENFORCE, &engine()).outcome, Outcome::Skipped, "{kind}");
    }
}

#[test]
fn an_annotation_of_daprs_on_a_workload_itself_is_something_that_rules_read() {
    let rules = |old: &Value, object: &Value| update(old, object, ENFORCE, &engine()).rules;
    for kind in WORKLOADS {
        let old = workload(kind, &pod(json!({})));
        let with = |annotations: Value| {
            let mut object = old.clone();
            object["metadata"]["annotations"] = annotations;
            object
        };
        let misplaced = with(json!({ "dapr.io/app-port": "8080" }));
        let misread = "annotation-misplaced:warned".to_owned();
        assert!(rules(&old, &misplaced).contains(&misread), "{kind}");
        assert!(rules(&misplaced, &with(json!({ "dapr.io/app-port": "80" }))).contains(&misread), "{kind}");
        let noted = with(json!({ "dapr.io/app-port": "8080", "example.com/note": "x" }));
        assert_eq!(rules(&misplaced, &noted), [""; 0], "{kind}");
    }
}

#[test]
fn a_workload_that_waits_for_its_finalizers_is_never_refused() {
    let good = workload("Deployment", &pod(json!({})));
    let mut bad = workload("Deployment", &certainly_bad());
    bad["metadata"]["deletionTimestamp"] = json!("2026-11-23T00:00:00Z");
    assert_eq!(update(&good, &bad, ENFORCE, &engine()).outcome, Outcome::Skipped);
}

#[test]
fn delete_connect_and_subresources_are_allowed_at_once() {
    for operation in ["DELETE", "CONNECT"] {
        let body = request(operation, &Value::Null, &certainly_bad()).to_string();
        assert_eq!(send(body.as_bytes(), ENFORCE, &engine()).unwrap().outcome, Outcome::Skipped, "{operation}");
    }
    for sub_resource in ["ephemeralcontainers", "status", "scale", "resize", "binding"] {
        let mut body = request("CREATE", &certainly_bad(), &Value::Null);
        body["request"]["subResource"] = json!(sub_resource);
        let last = format!(
            "{{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{{\"uid\":\"0b4f-1\",\
             \"kind\":{},\"operation\":\"CREATE\",\"object\":{},\"subResource\":\"{sub_resource}\"}}}}",
            body["request"]["kind"], body["request"]["object"]
        );
        for endpoint in [MUTATE, ENFORCE] {
            for text in [body.to_string(), last.clone()] {
                let reply = send(text.as_bytes(), endpoint, &engine()).unwrap();
                assert_eq!((reply.outcome, reply.patch()), (Outcome::Skipped, None), "{text}");
            }
        }
    }
}

#[test]
fn a_subresource_that_is_named_after_its_object_is_allowed_at_once_too() {
    let body = request("CREATE", &certainly_bad(), &Value::Null);
    let object = body["request"]["object"].to_string();
    let kind = r#"{"group":"","version":"v1","kind":"Pod"}"#;
    let body = format!(
        r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{{"uid":"u","kind":{kind},"operation":"CREATE","object":{object},"subResource":"status"}}}}"#
    );
    for endpoint in [MUTATE, ENFORCE, WARN, AUDIT] {
        assert_eq!(send(body.as_bytes(), endpoint, &engine()).unwrap().outcome, Outcome::Skipped);
    }
}

#[test]
fn mirror_pods_pods_without_dapr_and_kinds_without_rules_are_allowed_at_once() {
    let mut mirror = certainly_bad();
    mirror["metadata"]["annotations"]["kubernetes.io/config.mirror"] = json!("x");
    let mut plain = certainly_bad();
    plain["metadata"]["annotations"] = json!({ "team": "orders" });
    let mut none = certainly_bad();
    none["metadata"]["annotations"] = Value::Null;
    let off = pod(json!({ "dapr.io/enabled": "false", "dapr.io/env": "GOMEMLIMIT=x" }));
    let mut service = certainly_bad();
    service["kind"] = json!("Service");
    for object in [mirror, plain, none, off, service] {
        for endpoint in [MUTATE, ENFORCE] {
            let reply = create(&object, endpoint, &engine());
            assert_eq!((reply.outcome, reply.rules.len()), (Outcome::Skipped, 0), "{object}");
        }
    }
}

#[test]
fn a_kind_is_known_by_its_group_too() {
    let mut body = request("CREATE", &workload("Deployment", &certainly_bad()), &Value::Null);
    body["request"]["kind"]["group"] = json!("acme.io");
    assert_eq!(send(body.to_string().as_bytes(), ENFORCE, &engine()).unwrap().outcome, Outcome::Skipped);
}

#[test]
fn a_safe_edit_that_the_final_pod_lacks_warns_and_never_refuses() {
    for object in [pod(json!({})), owned(pod(json!({})), "apps/v1", "ReplicaSet")] {
        let reply = create(&object, ENFORCE, &engine());
        assert_eq!((reply.allowed(), reply.outcome), (true, Outcome::Warned));
        assert!(reply.rules.contains(&"sidecar-resources:unapplied".to_owned()), "{:?}", reply.rules);
        assert!(reply.warnings().iter().any(|line| line.contains("not added")), "{:?}", reply.warnings());
    }
}

/// A pod as Dapr's injector leaves it.
fn injected(mut pod: Value) -> Value {
    pod["metadata"]["labels"]["dapr.io/sidecar-injected"] = json!("true");
    pod["metadata"]["labels"]["dapr.io/app-id"] = json!("order");
    pod["spec"]["containers"].as_array_mut().unwrap().push(json!({
        "name": "daprd",
        "resources": { "requests": { "cpu": "100m", "memory": "128Mi" }, "limits": { "cpu": "300m", "memory": "256Mi" } },
        "env": [{ "name": "GOMEMLIMIT", "value": "230MiB" }],
    }));
    pod
}

#[test]
fn a_value_over_which_daprd_exits_is_refused_in_the_final_pod_too() {
    let crashing = pod(json!({ "dapr.io/log-level": "loud" }));
    let fine = injected(pod(json!({})));
    assert_eq!(create(&fine, ENFORCE, &engine()).outcome, Outcome::Allowed);
    for object in [injected(crashing.clone()), owned(injected(crashing.clone()), "apps/v1", "ReplicaSet")] {
        let reply = create(&object, ENFORCE, &engine());
        assert_eq!((reply.outcome, &*reply.rules[0]), (Outcome::Denied, "annotation-refused:denied"));
    }
    let mut by_hand = injected(crashing);
    by_hand["metadata"]["labels"] = json!({});
    assert_eq!(create(&by_hand, ENFORCE, &engine()).outcome, Outcome::Allowed);
}

#[test]
fn once_daprd_is_there_the_annotations_for_its_resources_and_environment_are_past() {
    let past = pod(json!({
        "dapr.io/sidecar-memory-limit": "lots",
        "dapr.io/sidecar-image": "",
        "dapr.io/env": "GOMEMLIMIT=x",
        "dapr.io/env-from-secret": "GOMEMLIMIT=a:b:c",
    }));
    assert_ne!(create(&past, ENFORCE, &engine()).outcome, Outcome::Allowed);
    assert_eq!(create(&injected(past), ENFORCE, &engine()).outcome, Outcome::Allowed);
}

#[test]
fn a_missing_sidecar_warns_and_never_refuses_whatever_the_policy() {
    let strict = with_policy("{ownedPods: deny, rules: {sidecar-missing: deny}}");
    let reply = create(&owned(pod(json!({})), "apps/v1", "ReplicaSet"), ENFORCE, &strict);
    assert!(reply.rules.contains(&"sidecar-missing:warned".to_owned()), "{:?}", reply.rules);
    assert!(reply.allowed());
}

#[test]
fn mutating_never_denies_or_warns_and_validating_never_patches() {
    for object in [certainly_bad(), against_the_checklist(), pod(json!({}))] {
        let mutated = create(&object, MUTATE, &engine());
        assert!(mutated.allowed() && mutated.warnings().is_empty());
        for endpoint in [ENFORCE, WARN, AUDIT] {
            assert_eq!(create(&object, endpoint, &engine()).patch(), None);
        }
    }
}

#[test]
fn a_workload_is_never_mutated() {
    for kind in WORKLOADS {
        let reply = create(&workload(kind, &pod(json!({}))), MUTATE, &engine());
        assert_eq!((reply.outcome, reply.patch()), (Outcome::Skipped, None), "{kind}");
    }
}

#[test]
fn warn_says_everything_and_refuses_nothing() {
    for object in [certainly_bad(), workload("Deployment", &certainly_bad())] {
        let reply = create(&object, WARN, &engine());
        assert_eq!((reply.allowed(), reply.outcome), (true, Outcome::Warned));
        for rule in ["sidecar-gomemlimit-malformed", "sidecar-resources"] {
            assert!(reply.warnings().iter().any(|line| line.starts_with(&format!("[{rule}] "))), "{rule}");
        }
        assert!(reply.rules.iter().all(|result| result.ends_with(":warned")), "{:?}", reply.rules);
    }
}

#[test]
fn audit_says_nothing_and_records_everything() {
    let reply = create(&certainly_bad(), AUDIT, &engine());
    assert_eq!((reply.allowed(), reply.outcome, reply.warnings().len()), (true, Outcome::Allowed, 0));
    assert!(reply.rules.iter().all(|result| result.ends_with(":recorded")), "{:?}", reply.rules);
    let annotations = &reply.response["auditAnnotations"];
    assert_eq!(annotations["mode"], "audit");
    assert_eq!(annotations["rules"], "sidecar-gomemlimit-malformed,sidecar-missing,sidecar-resources");
    let edits = annotations["edits"].as_str().unwrap();
    assert!(edits.contains("/metadata/annotations/dapr.io~1sidecar-memory-limit"), "{edits}");
}

#[test]
fn the_ceiling_caps_every_path() {
    let bad = certainly_bad();
    let under = |mode| engine().with_ceiling(mode);
    assert_eq!(create(&bad, ENFORCE, &under(Mode::Warn)).outcome, Outcome::Warned);
    assert_eq!(create(&bad, ENFORCE, &under(Mode::Audit)).outcome, Outcome::Allowed);
    assert_eq!(create(&bad, WARN, &under(Mode::Audit)).warnings().len(), 0);
    assert_eq!(create(&bad, AUDIT, &under(Mode::Warn)).warnings().len(), 0);
    for mode in [Mode::Warn, Mode::Audit] {
        let reply = create(&bad, MUTATE, &under(mode));
        assert_eq!((reply.outcome, reply.patch()), (Outcome::Allowed, None));
        assert_eq!(reply.response["auditAnnotations"]["mode"], mode.as_str());
        assert!(reply.rules.contains(&"sidecar-resources:recorded".to_owned()), "{:?}", reply.rules);
    }
}

#[test]
fn a_dry_run_gets_the_same_answer() {
    for endpoint in [MUTATE, ENFORCE, WARN, AUDIT] {
        let mut body = request("CREATE", &certainly_bad(), &Value::Null);
        let real = send(body.to_string().as_bytes(), endpoint, &engine()).unwrap();
        body["request"]["dryRun"] = json!(true);
        let dry = send(body.to_string().as_bytes(), endpoint, &engine()).unwrap();
        assert_eq!(real.response, dry.response);
    }
}

#[test]
fn a_level_of_warn_warns_and_off_neither_finds_nor_edits() {
    let bad = certainly_bad();
    let warn = with_policy("{rules: {sidecar-gomemlimit-malformed: warn}}");
    let reply = create(&bad, ENFORCE, &warn);
    assert!(reply.allowed() && reply.rules.contains(&"sidecar-gomemlimit-malformed:warned".to_owned()));

    let plain = pod(json!({}));
    let warned = with_policy("{rules: {sidecar-resources: warn}}");
    assert_eq!(create(&plain, MUTATE, &warned).patch(), create(&plain, MUTATE, &engine()).patch());
    let off = with_policy("{rules: {sidecar-resources: off}}");
    let reply = create(&plain, MUTATE, &off);
    assert_eq!((reply.outcome, reply.patch()), (Outcome::Allowed, None));
}

#[test]
fn a_policy_counts_only_in_the_namespaces_that_it_names() {
    let elsewhere = with_policy("{namespaces: ['team-*'], rules: {sidecar-resources: off}}");
    assert_eq!(create(&pod(json!({})), MUTATE, &elsewhere).outcome, Outcome::Patched);
    let here = with_policy("{namespaces: ['prod*'], rules: {sidecar-resources: off}}");
    assert_eq!(create(&pod(json!({})), MUTATE, &here).outcome, Outcome::Allowed);
}

#[test]
fn a_denial_is_a_403_with_every_finding_in_the_message_and_in_the_causes() {
    let bad = pod(json!({ "dapr.io/app-id": "A", "dapr.io/sidecar-cpu-limit": "lots" }));
    let reply = create(&bad, ENFORCE, &engine());
    let status = &reply.response["status"];
    assert_eq!(
        (&status["code"], &status["reason"], &status["status"]),
        (&json!(403), &json!("Forbidden"), &json!("Failure"))
    );
    assert_eq!(status["details"]["kind"], Value::Null);
    let causes = status["details"]["causes"].as_array().unwrap();
    let reasons: Vec<_> = causes.iter().map(|cause| cause["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["app-id", "sidecar-resources"]);
    for cause in causes {
        let line = format!(
            "\n  [{}] {}: {}",
            cause["reason"].as_str().unwrap(),
            cause["field"].as_str().unwrap(),
            cause["message"].as_str().unwrap()
        );
        assert!(reply.message().contains(&line), "{}\n{line}", reply.message());
    }
    assert!(reply.message().starts_with("dapr-preflight found 2 faults:"), "{}", reply.message());
}

#[test]
fn whatever_else_is_broken_a_readable_uid_is_answered_allowed_and_unpatched() {
    let whole = request("CREATE", &pod(json!({})), &Value::Null);
    let text = whole.to_string();
    let mut cases = vec![
        text.replace("admission.k8s.io/v1", "admission.k8s.io/v1beta1"),
        text.replace("AdmissionReview", "ConversionReview"),
        text.replace("\"containers\":[", "\"containers\":[7,"),
        text.replace("\"terminationGracePeriodSeconds\":30", "\"terminationGracePeriodSeconds\":\"soon\""),
        text.replace("\"dryRun\":false", "\"dryRun\":\"no\""),
        text.replace("\"operation\":\"CREATE\"", "\"operation\":[]"),
        text.clone() + "x",
    ];
    // serde_json writes keys in alphabetical order, so the uid stands last: what is cut off after it is broken JSON.
    let end = text.find("\"uid\":\"0b4f-1\"").unwrap() + "\"uid\":\"0b4f-1\"".len();
    cases.extend((end..text.len()).map(|end| text[..end].to_owned()));
    for case in cases {
        for endpoint in [MUTATE, ENFORCE, WARN, AUDIT] {
            let reply = send(case.as_bytes(), endpoint, &engine()).unwrap_or_else(|error| panic!("{error}: {case}"));
            assert_eq!((reply.allowed(), reply.outcome, reply.patch()), (true, Outcome::Unreadable, None), "{case}");
            assert!(reply.detail.is_some() && reply.warnings().is_empty());
        }
    }
}

#[test]
fn an_update_at_a_mutating_path_is_allowed_unpatched_and_counted() {
    let reply = update(&pod(json!({})), &pod(json!({ "a": "b" })), MUTATE, &engine());
    assert_eq!((reply.allowed(), reply.outcome, reply.patch()), (true, Outcome::Unreadable, None));
}

#[test]
fn a_body_without_a_readable_uid_is_an_error() {
    let text = request("CREATE", &pod(json!({})), &Value::Null).to_string();
    let end = text.find("\"uid\":\"0b4f-1\"").unwrap() + "\"uid\":\"0b4f-1".len();
    for body in [
        "",
        "{",
        "null",
        "7",
        "[]",
        "{}",
        "\"uid\"",
        "{\"request\":null}",
        "{\"request\":[]}",
        "{\"uid\":\"x\"}",
        "{\"request\":{\"uid\":\"\"}}",
        "{\"request\":{\"uid\":null}}",
        "{\"request\":{\"uid\":7}}",
        &text[..end],
    ] {
        for endpoint in [MUTATE, ENFORCE, WARN, AUDIT] {
            let error = send(body.as_bytes(), endpoint, &engine()).unwrap_err();
            assert!(error.contains("request.uid"), "{error}");
        }
    }
}

#[test]
fn the_order_of_a_requests_keys_does_not_matter() {
    let written = request("CREATE", &certainly_bad(), &Value::Null);
    let inner = &written["request"];
    let object = format!("\"object\":{},\"oldObject\":null,", inner["object"]);
    let rest = format!(
        "\"dryRun\":false,\"namespace\":\"production\",\"kind\":{},\"operation\":\"CREATE\",\"uid\":\"0b4f-1\"",
        inner["kind"]
    );
    let early = format!(
        "{{\"request\":{{{object}{rest}}},\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\"}}"
    );
    for endpoint in [MUTATE, ENFORCE, WARN, AUDIT] {
        let a = send(early.as_bytes(), endpoint, &engine()).unwrap();
        let b = send(written.to_string().as_bytes(), endpoint, &engine()).unwrap();
        assert_eq!((a.response, a.rules), (b.response, b.rules));
    }
}

#[test]
fn warnings_keep_kubernetes_limits_and_say_how_many_do_not_fit() {
    let ports: Vec<_> = (0..60).map(|_| json!({ "containerPort": 9090 })).collect();
    let mut many = pod(json!({ "dapr-preflight.io/role": "a\nb\u{7f}\u{1b}[31m" }));
    many["spec"]["containers"][0]["ports"] = json!(ports);
    let reply = create(&many, WARN, &engine());
    let warnings = reply.warnings();
    let total: usize = warnings.iter().map(|line| line.chars().count()).sum();
    assert!(total <= 4096 && total > 3000, "{total}");
    for line in &warnings {
        assert!(line.chars().count() <= 256 && !line.contains(char::is_control), "{line}");
    }
    let left = reply.rules.len() - (warnings.len() - 1);
    assert!(warnings.last().unwrap().contains(&format!("{left} more findings")), "{warnings:?}");
}
