//! The injector's twin against the record of what the real injectors made of 1,154 pods, field by field.

use dapr_preflight::dapr::twin::{Outcome, Settings, inject};
use dapr_preflight::dapr::{Quantity, Version};
use serde_json::{Map, Value, json};

const VERSIONS: [(&str, Version, &str); 2] = [
    ("1.15.0", Version::new(1, 15, 0), "ghcr.io/dapr/daprd:1.15"),
    ("1.18.2", Version::new(1, 18, 2), "ghcr.io/dapr/daprd:1.18"),
];

#[test]
fn the_whole_outcome_is_predicted_for_every_recorded_pod() {
    let mut lines =
        include_str!("data/injector/outcomes.jsonl").lines().map(|line| serde_json::from_str(line).unwrap());
    let base: Value = lines.next().unwrap();
    let lines: Vec<Value> = lines.collect();
    assert_eq!(lines.len(), 1154);
    for line in &lines {
        for (name, version, image) in VERSIONS {
            let recorded = line["injector"].get("both").unwrap_or(&line["injector"][name]);
            match inject(&pod_of(line), version, &settings(image)).unwrap() {
                Outcome::NotInjected(_) => assert_eq!(recorded["injected"], false, "{name} {line}"),
                Outcome::Refused(message) => assert_eq!(recorded["refused"], message, "{name} {line}"),
                Outcome::Injected(pod) => {
                    let (ours, theirs) = (summary(&pod), with_differences(&base["base"][name], recorded));
                    for field in ["where", "args", "env", "resources", "rest", "labels", "app", "volumes"] {
                        assert_eq!(ours[field], theirs[field], "{field}, {name}, {line}");
                    }
                }
            }
        }
    }
}

/// The installation with which the record was made (`data/injector/README.md`).
fn settings(image: &str) -> Settings {
    Settings {
        namespace: "production".to_owned(),
        image: image.to_owned(),
        image_pull_policy: "Always".to_owned(),
        trust_anchors: "<trust anchors>".to_owned(),
        token_volume: false,
        ..Settings::default()
    }
}

/// The pod of a line, whole.
fn pod_of(line: &Value) -> Value {
    let mut spec = json!({
        "containers": [{ "name": "app", "image": "r/order:v1", "ports": [{ "containerPort": 8080 }] }],
        "volumes": [{ "name": "data", "emptyDir": {} }, { "name": "conf", "configMap": { "name": "c" } }],
        "serviceAccountName": "default",
        "terminationGracePeriodSeconds": 30,
    });
    for (key, value) in line["spec"].as_object().unwrap_or(&Map::new()) {
        spec[key] = value.clone();
    }
    let labels = json!({ "app": "order", "pod-template-hash": "5447c47766" });
    let metadata = json!({ "generateName": "order-5447c47766-", "labels": labels, "annotations": line["annotations"] });
    json!({ "metadata": metadata, "spec": spec })
}

/// A pod in the fields of the record.
fn summary(pod: &Value) -> Value {
    let find = |list: &str, name: &str| pod["spec"][list].as_array()?.iter().find(|one| one["name"] == name).cloned();
    let (place, daprd) = match find("containers", "daprd") {
        Some(daprd) => ("containers", daprd),
        None => ("initContainers", find("initContainers", "daprd").unwrap()),
    };
    let mut rest = daprd.as_object().unwrap().clone();
    for elsewhere in ["name", "args", "env", "resources"] {
        rest.remove(elsewhere);
    }
    let app = find("containers", "app").unwrap_or_default();
    let app: Map<_, _> =
        ["env", "volumeMounts"].iter().filter_map(|&field| Some((field.to_owned(), app.get(field)?.clone()))).collect();
    let volumes: Vec<_> =
        pod["spec"]["volumes"].as_array().into_iter().flatten().map(|volume| &volume["name"]).collect();
    json!({
        "where": place,
        "args": flags(&daprd["args"]),
        "env": variables(&daprd["env"]),
        "resources": shortest(&daprd["resources"]),
        "rest": rest,
        "labels": pod["metadata"]["labels"],
        "app": app,
        "volumes": volumes,
    })
}

/// Flag to value, `true` where it has none.
fn flags(args: &Value) -> Value {
    let mut flags = Map::new();
    let mut args = args.as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).peekable();
    while let Some(flag) = args.next() {
        let value = args.next_if(|next| flag.starts_with("--") && flag != "--" && !next.starts_with("--"));
        flags.insert(flag.to_owned(), value.map_or(json!(true), |value| json!(value)));
    }
    Value::Object(flags)
}

/// Name to value, or to where it comes from.
fn variables(env: &Value) -> Value {
    let value = |variable: &Value| match variable.get("valueFrom") {
        Some(source) => source.clone(),
        None => json!(variable["value"].as_str().unwrap_or_default()),
    };
    env.as_array()
        .unwrap()
        .iter()
        .map(|variable| (variable["name"].as_str().unwrap().to_owned(), value(variable)))
        .collect()
}

/// Quantities by what they amount to, not by how they are written.
fn shortest(resources: &Value) -> Value {
    let mut resources = resources.clone();
    for list in resources.as_object_mut().unwrap().values_mut() {
        for quantity in list.as_object_mut().unwrap().values_mut() {
            *quantity = json!(Quantity::parse(quantity.as_str().unwrap()).unwrap().nanos().to_string());
        }
    }
    resources
}

/// The base with the differences of a line; `null` takes away.
fn with_differences(base: &Value, differences: &Value) -> Value {
    let mut whole = base.clone();
    for (field, difference) in differences.as_object().unwrap() {
        match difference.as_object().filter(|_| whole[field].is_object()) {
            None => whole[field] = difference.clone(),
            Some(parts) => {
                for (name, part) in parts {
                    whole[field][name] = part.clone();
                }
                whole[field].as_object_mut().unwrap().retain(|_, part| !part.is_null());
            }
        }
    }
    whole["resources"] = shortest(&whole["resources"]);
    whole
}
