//! The Secrets that apps and Components name are there, with the keys that are read.

use crate::json::Value;
use crate::policy::{Check, DAPR_GROUP, Evaluation, Finding, Fix, Inventory, Level, Member, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "secret-missing",
    title: "The Secrets of tokens and Components are there, with their keys",
    source: Source::Dapr("pkg/operator/api/components.go; pkg/injector/patcher/sidecar_container.go"),
    why: "A Component whose Secret is missing keeps every sidecar of its namespace from starting, and a missing token its own \
          pod. Both show only at the next restart.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Inventory(check),
    bad: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/api-token-secret: dapr-api-token}},
        spec: {containers: []}}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: dapr-api-token, namespace: shop}, stringData: {api-token: ""}}"#,
    good: r#"{apiVersion: apps/v1, kind: Deployment, metadata: {name: order, namespace: shop}, spec: {template: {metadata: {
        annotations: {dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/api-token-secret: dapr-api-token}},
        spec: {containers: []}}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: dapr-api-token, namespace: shop}, stringData: {token: ""}}"#,
};

/// The annotations that name a Secret, of which Dapr reads the key `token`.
const TOKENS: [&str; 2] = ["dapr.io/api-token-secret", "dapr.io/app-token-secret"];
/// The kinds that are a Secret, or from which a controller makes one.
const SOURCES: [(&str, &str); 3] =
    [("", "Secret"), ("external-secrets.io", "ExternalSecret"), ("bitnami.com", "SealedSecret")];

/// A Secret that something reads.
struct Wanted<'i> {
    at: String,
    name: &'i str,
    key: &'i str,
    without_secret: &'static str,
    without_key: &'static str,
}

fn check(inventory: &Inventory) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let apps = inventory.apps().map(|(index, app, _)| (index, app, of_app(app)));
    let components = inventory.of(DAPR_GROUP, "Component");
    let components = components.map(|(index, component)| (index, component, of_component(component)));
    for (index, member, wanted) in apps.chain(components) {
        for wanted in wanted {
            judge(&mut evaluation, inventory, index, member, &wanted);
        }
    }
    evaluation
}

fn of_app(app: &Member) -> Vec<Wanted<'_>> {
    let named = TOKENS.iter().filter_map(|key| Some((key, app.pod_annotation(key).filter(|name| !name.is_empty())?)));
    let wanted = named.map(|(annotation, name)| Wanted {
        at: app.at_annotation(annotation),
        name,
        key: "token",
        without_secret: "the sidecar's container cannot be created, and the pod never becomes ready",
        without_key: "the sidecar's container cannot be created, and the pod never becomes ready",
    });
    wanted.collect()
}

fn of_component(component: &Member) -> Vec<Wanted<'_>> {
    // Any other store is read by daprd itself.
    if !matches!(component.text("/auth/secretStore"), None | Some("" | "kubernetes")) {
        return Vec::new();
    }
    let items = component.items("/spec/metadata").iter().enumerate();
    let wanted = items.filter_map(|(nth, item)| {
        let name = item["secretKeyRef"]["name"].as_str().filter(|name| !name.is_empty())?;
        Some(Wanted {
            at: format!("/spec/metadata/{nth}/secretKeyRef"),
            name,
            key: item["secretKeyRef"]["key"].as_str().filter(|key| !key.is_empty()).unwrap_or(name),
            without_secret: "the operator hands out no Component at all, and sidecars of the namespace do not start",
            without_key: "the value is empty, and the Component works without it or fails at its start",
        })
    });
    wanted.collect()
}

fn judge(evaluation: &mut Evaluation, inventory: &Inventory, index: usize, member: &Member, wanted: &Wanted<'_>) {
    let place = format!("{} in the namespace {}", Quoted(wanted.name), member.home());
    let beside = SOURCES.iter().flat_map(|(group, kind)| inventory.beside(group, kind, member));
    let beside: Vec<_> = beside.map(|(_, source)| source).collect();
    let there: Vec<_> = beside.iter().filter(|source| makes(source) == wanted.name).collect();
    let finding = if there.is_empty() {
        if beside.is_empty() && !inventory.is_whole() {
            evaluation.needs(index, format!("the Secret {place}"));
            return;
        }
        let problem = format!("there is no Secret {place}");
        Finding::new(wanted.at.clone(), problem, wanted.without_secret, "create it there before the pods start")
    } else if there.iter().all(|source| keys(source).is_some_and(|keys| !keys.contains(&wanted.key))) {
        let problem = format!("the Secret {place} has no key {}", Quoted(wanted.key));
        Finding::new(wanted.at.clone(), problem, wanted.without_key, "add that key to the Secret")
    } else {
        return;
    };
    // Of files, some Secrets may be elsewhere.
    evaluation.find(index, if inventory.is_whole() { finding.certain() } else { finding });
}

/// The name of the Secret that comes of an object.
fn makes(source: &Member) -> &str {
    let named = match &*source.kind {
        "ExternalSecret" => source.text("/spec/target/name"),
        "SealedSecret" => source.text("/spec/template/metadata/name"),
        _ => None,
    };
    named.unwrap_or(&source.name)
}

/// Its keys; `None` where they are not to be seen.
fn keys(source: &Member) -> Option<Vec<&str>> {
    let maps = |pointers: &[&str]| {
        let maps = pointers.iter().filter_map(|pointer| source.get(pointer)?.as_object());
        maps.flat_map(|map| map.keys()).collect()
    };
    match &*source.kind {
        "Secret" => Some(maps(&["/data", "/stringData"])),
        "SealedSecret" => Some(maps(&["/spec/encryptedData"])),
        _ if !source.items("/spec/dataFrom").is_empty() || source.get("/spec/target/template").is_some() => None,
        _ => Some(source.items("/spec/data").iter().filter_map(|item: &Value| item["secretKey"].as_str()).collect()),
    }
}
