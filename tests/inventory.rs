//! Rules across objects: what is missing, what is not to be seen, and how objects refer to each other.

mod support;

use dapr_preflight::policy::{Check, Inventory, Policies, Policy, Profile, Scope};
use dapr_preflight::rules::ALL;
use serde_json::{Value, json};
use support::documents;
use support::together::{judge, judge_under};

/// An app that gives every rule across objects a reason to look around.
const ACTOR: &str = r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {
    selector: {matchLabels: {app: order}}, template: {metadata: {labels: {app: order}, annotations: {
    dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/config: shop, dapr.io/api-token-secret: dapr-api-token,
    dapr-preflight.io/role: actor}}, spec: {containers: [{name: app}]}}}}"#;

fn scaler(spec: &str) -> String {
    format!(
        "{ACTOR}\n---\n{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: order, \
         namespace: shop}}, spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: order}}, {spec}}}}}"
    )
}

fn found(rule: &str, text: &str) -> Vec<String> {
    judge(&documents(text), Scope::Files).of(rule)
}

#[test]
fn a_rule_that_cannot_see_what_it_needs_says_so_and_never_keeps_silent() {
    let mut inventory = Inventory::new(Scope::Files);
    inventory.add(documents(ACTOR).remove(0).into(), &Policies::default()).unwrap();
    let mut asked = 0;
    for rule in ALL {
        let Check::Inventory(check) = rule.check else { continue };
        let evaluation = check(&inventory);
        assert!(evaluation.found.is_empty(), "{} finds {:?}", rule.id, evaluation.found);
        assert!(!evaluation.not_evaluated.is_empty(), "{} keeps silent", rule.id);
        assert!(evaluation.not_evaluated.iter().all(|unseen| !unseen.needs.is_empty()), "{}", rule.id);
        asked += 1;
    }
    assert!(asked > 15, "{asked}");
}

#[test]
fn what_is_not_in_a_whole_cluster_is_missing_there() {
    let said = judge(&documents(ACTOR), Scope::Cluster);
    for rule in [
        "actor-state-store",
        "autoscaler",
        "configuration-missing",
        "disruption-budget",
        "namespace-configuration",
        "namespace-network-policy",
        "namespace-resiliency",
        "replicas",
        "secret-missing",
    ] {
        assert_eq!(said.of(rule).len(), 1, "{rule}: {said:#?}");
        assert!(!said.needs(rule), "{rule}");
    }
    let certain: Vec<_> = said.found.iter().filter(|found| found.certain).map(|found| found.rule).collect();
    assert_eq!(certain, ["configuration-missing", "secret-missing"]);
}

#[test]
fn nothing_is_asked_of_an_inventory_without_apps() {
    let said = judge(&documents("{apiVersion: v1, kind: Secret, metadata: {name: s}}"), Scope::Files);
    let other: Vec<_> = said.needs.iter().filter(|(rule, _)| !rule.starts_with("control-plane")).collect();
    assert!(said.found.is_empty() && other.is_empty(), "{said:#?}");
}

#[test]
fn every_object_that_is_not_what_it_should_be_is_survived() {
    let kinds = [
        "apps/v1 Deployment",
        "policy/v1 PodDisruptionBudget",
        "keda.sh/v1 ScaledObject",
        "v1 Pod",
        "v1 Node",
        "dapr.io/v1alpha1 Component",
        "dapr.io/v1alpha1 Configuration",
        "networking.k8s.io/v1 NetworkPolicy",
        "v1 Secret",
        "autoscaling/v2 HorizontalPodAutoscaler",
        "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration",
    ];
    for value in [json!(null), json!(7), json!("x"), json!([]), json!([7]), json!({}), json!({ "a": [null] })] {
        let mut all = documents(ACTOR);
        for kind in kinds {
            let (api_version, kind) = kind.split_once(' ').unwrap();
            let head = json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": "order", "namespace": "shop" } });
            for field in ["spec", "metadata", "scopes", "webhooks", "data"] {
                let mut object = head.clone();
                object[field] = value.clone();
                all.push(object);
            }
            let mut deep = head;
            deep["spec"] = json!({ "selector": value, "template": value, "metadata": value, "ingress": value,
                "podSelector": value, "scaleTargetRef": value, "metrics": value, "minAvailable": value, "tls": value });
            all.push(deep);
        }
        for scope in [Scope::Files, Scope::Cluster] {
            let mut inventory = Inventory::new(scope);
            for object in &all {
                inventory.add(object.clone().into(), &Policies::default());
            }
            for rule in ALL {
                if let Check::Inventory(check) = rule.check {
                    check(&inventory);
                }
            }
        }
    }
}

#[test]
fn an_autoscaler_is_blind_to_a_resource_that_any_container_does_not_ask_for() {
    let cpu = "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]";
    let text = scaler(cpu);
    let with = |sidecar: &str, app: &str| {
        let text = text.replace("dapr-preflight.io/role: actor", &format!("dapr-preflight.io/role: actor{sidecar}"));
        let said = judge(&documents(&text.replace("{name: app}", &format!("{{name: app{app}}}"))), Scope::Files);
        said.found.into_iter().find(|found| found.rule == "autoscaler-blind").map(|found| found.text)
    };
    let app = ", resources: {limits: {cpu: 1}}";
    assert!(with("", app).unwrap().contains("and daprd asks for no cpu"));
    assert!(with("", "").unwrap().contains("and app and daprd asks for no cpu"));
    assert_eq!(with(", dapr.io/sidecar-cpu-limit: \"1\"", app), None);
    // Dapr drops all four where one does not parse.
    assert!(with(", dapr.io/sidecar-cpu-limit: \"1\", dapr.io/sidecar-memory-limit: 256MB", app).is_some());
}

#[test]
fn only_a_share_of_the_whole_pods_requests_needs_requests() {
    let metric = |metric: &str| found("autoscaler-blind", &scaler(metric)).len();
    assert_eq!(
        metric("metrics: [{type: Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: 1}}}]"),
        0
    );
    assert_eq!(
        metric(
            "metrics: [{type: ContainerResource, containerResource: {name: cpu, container: app, \
        target: {type: Utilization, averageUtilization: 60}}}]"
        ),
        0
    );
    // Without any metric the API server writes 80 % of the CPU.
    assert_eq!(metric("maxReplicas: 3"), 1);
    assert_eq!(metric("targetCPUUtilizationPercentage: 80"), 1);
    let keda = |trigger: &str| {
        let text = format!(
            "{ACTOR}\n---\n{{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {{name: order}}, \
            spec: {{scaleTargetRef: {{name: order}}, triggers: [{trigger}]}}}}"
        );
        found("autoscaler-blind", &text).len()
    };
    assert_eq!(keda("{type: memory, metricType: Utilization, metadata: {value: \"70\"}}"), 1);
    assert_eq!(keda("{type: memory, metricType: AverageValue, metadata: {value: 1Gi}}"), 0);
    assert_eq!(keda("{type: kafka, metadata: {}}"), 0);
}

#[test]
fn the_minimum_that_is_asked_for_is_the_profiles() {
    let text = scaler("minReplicas: 2");
    assert_eq!(found("autoscaler-minimum", &text), ["HorizontalPodAutoscaler/order /spec/minReplicas"]);
    let dapr_docs = Policy { profile: Profile::DaprDocs, ..Policy::default() };
    assert_eq!(judge_under(&documents(&text), Scope::Files, &dapr_docs).of("autoscaler-minimum"), [""; 0]);
}

#[test]
fn a_budget_blocks_by_what_the_app_may_scale_down_to() {
    let budget = |spec: &str, more: &str| {
        let text = format!(
            "{}\n---\n{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: b, namespace: shop}}, \
            spec: {{{spec}, selector: {{matchLabels: {{app: order}}}}}}}}{more}",
            ACTOR.replace("spec: {\n", "spec: {replicas: 3,\n")
        );
        found("disruption-budget-blocks", &text).len()
    };
    for blocking in
        ["maxUnavailable: 0", "maxUnavailable: 0%", "minAvailable: 100%", "minAvailable: 3", "minAvailable: 4"]
    {
        assert_eq!(budget(blocking, ""), 1, "{blocking}");
    }
    for fine in ["maxUnavailable: 1", "maxUnavailable: 25%", "minAvailable: 2", "minAvailable: 50%"] {
        assert_eq!(budget(fine, ""), 0, "{fine}");
    }
    let down_to_two = "\n---\n{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: order, \
        namespace: shop}, spec: {minReplicas: 2, scaleTargetRef: {kind: Deployment, name: order}}}";
    assert_eq!(budget("minAvailable: 2", down_to_two), 1);
}

#[test]
fn a_manifest_without_a_namespace_may_belong_to_any() {
    let named = "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop}, spec: {}}";
    assert_eq!(found("configuration-missing", &format!("{ACTOR}\n---\n{named}")), [""; 0]);
    let elsewhere = named.replace("name: shop", "name: shop, namespace: cart");
    let said = judge(&documents(&format!("{ACTOR}\n---\n{elsewhere}")), Scope::Files);
    assert_eq!(said.of("configuration-missing"), [""; 0]);
    assert!(said.needs("configuration-missing"), "no Configuration of this namespace is here");
}

#[test]
fn a_secret_may_be_made_by_a_controller_and_needs_the_key_that_is_read() {
    let with = |object: &str| found("secret-missing", &format!("{ACTOR}\n---\n{object}")).len();
    let name = "metadata: {name: dapr-api-token, namespace: shop}";
    assert_eq!(with(&format!("{{apiVersion: v1, kind: Secret, {name}, data: {{token: eA==}}}}")), 0);
    assert_eq!(with(&format!("{{apiVersion: v1, kind: Secret, {name}, data: {{key: eA==}}}}")), 1);
    assert_eq!(with("{apiVersion: v1, kind: Secret, metadata: {name: other, namespace: shop}}"), 1);
    let external = "apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: e, namespace: shop}";
    let target = "target: {name: dapr-api-token}";
    assert_eq!(with(&format!("{{{external}, spec: {{{target}, data: [{{secretKey: token}}]}}}}")), 0);
    assert_eq!(with(&format!("{{{external}, spec: {{{target}, data: [{{secretKey: other}}]}}}}")), 1);
    assert_eq!(with(&format!("{{{external}, spec: {{{target}, dataFrom: [{{}}]}}}}")), 0);
    assert_eq!(
        with(&format!(
            "{{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, {name}, spec: {{encryptedData: {{token: x}}}}}}"
        )),
        0
    );
}

#[test]
fn the_secret_of_a_component_is_the_operators_only_in_kubernetes_own_store() {
    let component = |store: &str| {
        let text = format!(
            "{{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {{name: c, namespace: shop}}, {store} \
            spec: {{type: state.redis, version: v1, metadata: [{{name: redisPassword, secretKeyRef: {{name: redis}}}}]}}}}\n---\n\
            {{apiVersion: v1, kind: Secret, metadata: {{name: other, namespace: shop}}}}"
        );
        found("secret-missing", &text)
    };
    assert_eq!(component(""), ["Component/c /spec/metadata/0/secretKeyRef"]);
    assert_eq!(component("auth: {secretStore: kubernetes},").len(), 1);
    assert_eq!(component("auth: {secretStore: vault},"), [""; 0]);
}

#[test]
fn a_network_policy_of_a_plugin_is_not_read_and_one_for_everybody_restricts_nothing() {
    let rule = "namespace-network-policy";
    let cilium = format!(
        "{ACTOR}\n---\n{{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {{name: p, namespace: shop}}}}"
    );
    let said = judge(&documents(&cilium), Scope::Cluster);
    assert!(said.of(rule).is_empty() && said.needs(rule));
    let policy = |spec: &str| {
        found(
            rule,
            &format!(
                "{ACTOR}\n---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, \
            metadata: {{name: p, namespace: shop}}, spec: {{podSelector: {{}}, {spec}}}}}"
            ),
        )
    };
    assert_eq!(policy("policyTypes: [Egress]"), ["Deployment/order /spec/template/metadata/labels"]);
    assert_eq!(policy("ingress: [{}]"), ["NetworkPolicy/p /spec/ingress/0"]);
    assert_eq!(policy("ingress: [{from: [{namespaceSelector: {}}]}]"), ["NetworkPolicy/p /spec/ingress/0"]);
    for restricting in [
        "ingress: []",
        "policyTypes: [Ingress]",
        "ingress: [{ports: [{port: 8080}]}]",
        "ingress: [{from: [{namespaceSelector: {matchLabels: {a: b}}}]}]",
    ] {
        assert_eq!(policy(restricting), [""; 0], "{restricting}");
    }
}

#[test]
fn a_blank_placement_address_and_a_scope_elsewhere_leave_one_actor_state_store() {
    let store = |name: &str, scopes: &str| {
        format!(
            "\n---\n{{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {{name: {name}, \
        namespace: shop}}, spec: {{type: state.redis, version: v1, metadata: [{{name: actorStateStore, value: \"true\"}}]}}{scopes}}}"
        )
    };
    let rule = "actor-state-store-twice";
    assert_eq!(found(rule, &format!("{ACTOR}{}{}", store("a", ""), store("b", ""))).len(), 1);
    assert_eq!(found(rule, &format!("{ACTOR}{}{}", store("a", ""), store("b", ", scopes: [cart]"))).len(), 0);
    let blank = ACTOR.replace("dapr-preflight.io/role: actor", "dapr.io/placement-host-address: \"\"");
    assert_eq!(found(rule, &format!("{blank}{}{}", store("a", ""), store("b", ""))).len(), 0);
}

#[test]
fn a_mistyped_scope_is_answered_with_the_app_id_that_was_meant() {
    let component = "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: c, namespace: shop}, \
        spec: {type: state.redis, version: v1, metadata: []}, scopes: [ordre, order]}";
    let said = judge(&documents(&format!("{ACTOR}\n---\n{component}")), Scope::Files);
    let found: Vec<_> = said.found.iter().filter(|found| found.rule == "component-scope-unknown").collect();
    let [found] = found[..] else { panic!("{found:?}") };
    assert_eq!(found.at, "/scopes/0");
    assert!(found.text.contains("did you mean \"order\"?"), "{found}");
}

#[test]
fn an_inventory_lets_go_of_what_it_does_not_read() {
    let mut inventory = Inventory::new(Scope::Cluster);
    let pod = |annotations: Value| {
        json!({ "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": "p", "managedFields": [1], "annotations": annotations },
            "spec": { "containers": [{ "name": "app", "env": [{ "name": "PASSWORD", "value": "secret" }] }], "volumes": [{ "name": "v" }] },
            "status": { "phase": "Running" } })
    };
    assert_eq!(inventory.add(pod(json!({})).into(), &Policies::default()), None, "it is none of Dapr's");
    inventory.add(pod(json!({ "dapr.io/enabled": "true", "team": "a" })).into(), &Policies::default()).unwrap();
    let kept = json!({ "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "p", "annotations": { "dapr.io/enabled": "true" } },
        "spec": { "containers": [{ "name": "app" }] } });
    assert_eq!(Value::from(&inventory.members[0].value), kept);
}
