//! The oracle: what the real injector, API server and daprd did with 1,154 pods (`data/injector/README.md`), and what we say
//! of the same pods.

mod support;

use dapr_preflight::dapr::injection::{Injection, Sidecar, predict};
use dapr_preflight::dapr::pod::Pod;
use dapr_preflight::dapr::{Quantity, Version};
use dapr_preflight::policy::{Phase, PodSubject, Policy};
use serde_json::{Map, Value, json};
use support::engine;

const VERSIONS: [(&str, Version); 2] = [("1.15.0", Version::new(1, 15, 0)), ("1.18.2", Version::new(1, 18, 2))];

/// The sidecar's variables that come from neither `env` nor `env-from-secret`.
const FROM_OTHER_ANNOTATIONS: [&str; 5] = [
    "DAPR_API_TOKEN",
    "APP_API_TOKEN",
    "DAPR_SCHEDULER_HOST_ADDRESS",
    "DAPR_SCHEDULER_HOST_ADDRESS_DNS_A",
    "DAPR_COMPONENT_SOCKETS_FOLDER",
];

/// The first line's `base`, and the lines after it.
fn lines() -> (Value, Vec<Value>) {
    let mut lines =
        include_str!("data/injector/outcomes.jsonl").lines().map(|line| serde_json::from_str(line).unwrap());
    let first: Value = lines.next().unwrap();
    (first["base"].clone(), lines.collect())
}

/// The pod that the README describes.
fn pod_of(line: &Value) -> String {
    let mut spec =
        json!({ "containers": [{ "name": "app", "image": "r/order:v1", "ports": [{ "containerPort": 8080 }] }] });
    for (key, value) in line["spec"].as_object().unwrap_or(&Map::new()) {
        spec[key] = value.clone();
    }
    let metadata = json!({ "generateName": "order-5447c47766-", "annotations": line["annotations"] });
    json!({ "metadata": metadata, "spec": spec }).to_string()
}

/// What the injector of one version did: `both`, where both did the same.
fn recorded<'a>(line: &'a Value, version: &str) -> &'a Value {
    line["injector"].get("both").unwrap_or(&line["injector"][version])
}

/// A field of the sidecar: the difference from the base, or the base.
fn field<'a>(base: &'a Value, line: &'a Value, version: &str, name: &str) -> &'a Value {
    recorded(line, version).get(name).unwrap_or(&base[version][name])
}

#[test]
fn the_injectors_decision_is_predicted() {
    let (base, lines) = lines();
    assert_eq!(lines.len(), 1154);
    for line in &lines {
        let text = pod_of(line);
        let pod: Pod<'_> = serde_json::from_str(&text).unwrap();
        for (name, version) in VERSIONS {
            let recorded = recorded(line, name);
            match predict(&pod, version) {
                Injection::NotEnabled | Injection::AlreadyInjected(_) => {
                    assert_eq!(recorded["injected"], false, "{line}")
                }
                Injection::Refused(error) => assert_eq!(recorded["refused"], error.to_string(), "{line}"),
                Injection::Injected(sidecar) => {
                    assert!(recorded.get("refused").is_none() && recorded.get("injected").is_none(), "{name} {line}");
                    sidecar_agrees(&sidecar, &base, line, name);
                }
            }
        }
    }
}

fn sidecar_agrees(sidecar: &Sidecar<'_>, base: &Value, line: &Value, version: &str) {
    let place = if sidecar.native() { "initContainers" } else { "containers" };
    assert_eq!(*field(base, line, version, "where"), place, "{line}");

    let resources = sidecar.resources().unwrap_or_default();
    let recorded = field(base, line, version, "resources");
    for (list, name, ours) in [
        ("requests", "cpu", resources.cpu_request),
        ("limits", "cpu", resources.cpu_limit),
        ("requests", "memory", resources.memory_request),
        ("limits", "memory", resources.memory_limit),
    ] {
        let theirs = recorded.get(list).and_then(|list| list.get(name)?.as_str());
        assert_eq!(ours, theirs.map(|text| Quantity::parse(text).unwrap()), "{list} {name} {line}");
    }

    let mut env = Map::new();
    for entry in sidecar.env() {
        env.insert(entry.name.to_owned(), json!(entry.value));
    }
    for entry in sidecar.secret_env() {
        if let Some(secret) = entry.secret_key() {
            let reference = json!({ "secretKeyRef": { "name": secret.secret, "key": secret.key } });
            env.insert(entry.name.to_owned(), reference);
        }
    }
    let keys: Vec<_> = sidecar.env_keys().collect();
    if !keys.is_empty() {
        env.insert("DAPR_ENV_KEYS".to_owned(), json!(keys.join(" ")));
    }
    let mut theirs = recorded_env(line, version);
    theirs.retain(|name, _| !FROM_OTHER_ANNOTATIONS.contains(&name.as_str()));
    assert_eq!(env, theirs, "{version} {line}");

    let ports: Vec<_> = field(base, line, version, "rest")["ports"]
        .as_array()
        .or(base[version]["rest"]["ports"].as_array())
        .unwrap()
        .iter()
        .map(|port| port["containerPort"].as_i64().unwrap())
        .collect();
    for port in sidecar.ports().filter(|port| port.key.is_some()) {
        assert!(ports.contains(&i64::from(port.number)), "{port:?} {line}");
    }
}

fn recorded_env(line: &Value, version: &str) -> Map<String, Value> {
    recorded(line, version).get("env").and_then(Value::as_object).cloned().unwrap_or_default()
}

#[test]
fn our_certain_findings_are_exactly_what_was_refused_or_crashed() {
    let policy = Policy { dapr_version: VERSIONS[1].1, ..Policy::default() };
    let mut wrong = Vec::new();
    for line in lines().1 {
        let text = pod_of(&line);
        let pod: Pod<'_> = serde_json::from_str(&text).unwrap();
        let subject = PodSubject::pod(&pod, Phase::Incoming, &policy);
        let refused = line["api"] != "accepted";
        let exited = line["daprd"].as_str().is_some_and(|daprd| daprd.starts_with("exit"));
        let certain: Vec<_> = engine()
            .judge(&subject)
            .into_iter()
            .map(|judged| judged.finding)
            .filter(|finding| finding.certain)
            .collect();
        // daprd was not started for lines with several annotations: there a crash that we foresee cannot be confirmed.
        let foreseen = match line.get("daprd") {
            None if !refused => certain.iter().any(|finding| !finding.consequence.starts_with("daprd ")),
            _ => !certain.is_empty(),
        };
        if (refused || exited) != foreseen {
            wrong.push(format!(
                "{}\n    {} {:?}\n    {certain:?}",
                line["annotations"],
                line["api"],
                line.get("daprd")
            ));
        }
    }
    assert!(wrong.is_empty(), "{} lines:\n{}", wrong.len(), wrong.join("\n"));
}
