//! `tests/cluster/bench`: what each way to mend a pod adds to its creation, on the real API server, in one run.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use crate::api::Api;
use crate::cluster::{Cluster, Dapr};
use crate::manifests::bench as manifests;

const ROUNDS: usize = 5;
const PODS: usize = 300;
/// Pods of one kind in a row: few, so that a noisy minute hits all alike.
const BATCH: usize = 50;

/// A namespace whose pods are mended in one way.
struct Variant {
    name: &'static str,
    title: &'static str,
    /// Milliseconds of each creation, by round.
    rounds: Vec<Vec<f64>>,
}

/// Measures, and prints the table.
pub fn bench() {
    let mut cluster = Cluster::start();
    let floor = Floor::start(&cluster);
    let mut variants = variants(&mut cluster, floor.port);
    let mut api = cluster.api();
    for variant in &mut variants {
        comes_out_as_claimed(&mut api, variant.name);
        // What is slow the first time is not what is asked about.
        create(&mut api, variant.name, BATCH);
        clear(&mut api, variant.name);
    }
    for round in 0..ROUNDS {
        variants.iter_mut().for_each(|variant| variant.rounds.push(Vec::new()));
        for _ in 0..PODS / BATCH {
            for variant in &mut variants {
                let times = create(&mut api, variant.name, BATCH);
                variant.rounds[round].extend(times);
            }
        }
        variants.iter().for_each(|variant| clear(&mut api, variant.name));
        eprintln!("round {} of {ROUNDS}", round + 1);
    }
    print!("{}", table(&variants, &cluster.api().text("/metrics")));
}

fn variants(cluster: &mut Cluster, floor: u16) -> Vec<Variant> {
    let all = [
        ("none", "no webhook"),
        ("floor", "the floor: a webhook that does nothing but answer"),
        ("mutating", "dapr-preflight, mutating"),
        ("both", "dapr-preflight, mutating and validating"),
        ("policy", "MutatingAdmissionPolicy, the same edits"),
        ("dapr", "Dapr's own injector 1.18.2"),
    ];
    for (name, _) in all {
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": { "bench": name } } });
        cluster.apply(&namespace.to_string());
        cluster.existing_namespace(name).eventually_has("serviceaccount", "default");
    }
    let ports = (floor, cluster.preflight_port(), cluster.injector_port(Dapr::V1_18));
    cluster
        .kubectl(&["delete", "mutatingwebhookconfigurations,validatingwebhookconfigurations", "--all"], "")
        .must_succeed();
    cluster.apply(&manifests::registrations(ports, cluster.authority()));
    // They would delete pods whose owner is made up, place them, and run them.
    for program in ["kube-controller-manager", "kube-scheduler", "kwok"] {
        cluster.stop(program);
    }
    std::thread::sleep(std::time::Duration::from_secs(2));
    all.map(|(name, title)| Variant { name, title, rounds: Vec::new() }).into()
}

fn path(namespace: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/pods")
}

/// Creates pods one after the other; milliseconds of each.
fn create(api: &mut Api, namespace: &str, count: usize) -> Vec<f64> {
    let (path, pod) = (path(namespace), manifests::pod(namespace));
    let one = |_| {
        let begun = Instant::now();
        let (status, answer) = api.create(&path, &pod).unwrap();
        let time = begun.elapsed().as_secs_f64() * 1000.0;
        assert_eq!(status, 201, "{answer:#}");
        time
    };
    (0..count).map(one).collect()
}

fn clear(api: &mut Api, namespace: &str) {
    let response = api.request("DELETE", &format!("{}?gracePeriodSeconds=0", path(namespace)), b"").unwrap();
    assert_eq!(response.status, 200, "{}", response.text());
}

/// Every way makes the edits that it is measured for.
fn comes_out_as_claimed(api: &mut Api, namespace: &str) {
    let (status, pod) = api.create(&path(namespace), &manifests::pod(namespace)).unwrap();
    assert_eq!(status, 201, "{pod:#}");
    let edits = ["env", "sidecar-cpu-request", "sidecar-cpu-limit", "sidecar-memory-request", "sidecar-memory-limit"];
    let annotations = &pod["metadata"]["annotations"];
    let made = edits.iter().filter(|edit| !annotations[format!("dapr.io/{edit}")].is_null()).count()
        + usize::from(pod["metadata"]["labels"]["dapr.io/app-id"] == "order-service")
        + usize::from(pod["spec"]["topologySpreadConstraints"][0]["matchLabelKeys"][0] == "pod-template-hash");
    let sidecar = pod["spec"]["containers"].as_array().unwrap().iter().any(|container| container["name"] == "daprd");
    let expected = match namespace {
        "none" => (0, false),
        // Dapr's own label.
        "dapr" => (1, true),
        _ => (edits.len() + 2, false),
    };
    assert_eq!((made, sidecar), expected, "{namespace}: {pod:#}");
}

fn table(variants: &[Variant], metrics: &str) -> String {
    let typical = |variant: &Variant| median(variant.rounds.iter().map(|round| median(round.clone())).collect());
    let none = typical(&variants[0]);
    let added = |name: &str| typical(variants.iter().find(|variant| variant.name == name).unwrap()) - none;
    let mut table = format!(
        "\nPod creation, {ROUNDS} rounds of {PODS} for each, in turns of {BATCH}\n\n\
         | | median, ms | added, ms | p99, ms | added, of the floor's | API server's own mean, ms |\n|---|---|---|---|---|---|\n"
    );
    let floor = added("floor");
    for variant in variants {
        let mut all: Vec<f64> = variant.rounds.concat();
        all.sort_unstable_by(f64::total_cmp);
        let p99 = all[all.len() * 99 / 100];
        let (median, added) = (typical(variant), added(variant.name));
        let ratio = added / floor;
        let own = own_mean(metrics, variant.name).map_or("–".to_owned(), |mean| format!("{mean:.2}"));
        writeln!(table, "| {} | {median:.2} | {added:.2} | {p99:.1} | {ratio:.2} | {own} |", variant.title).unwrap();
    }
    table
}

/// The mean of the API server's own histogram, over all calls of a way.
fn own_mean(metrics: &str, name: &str) -> Option<f64> {
    let of = |suffix: &str| -> f64 {
        let webhook = format!("name=\"{name}.bench.dapr-preflight.io\"");
        let policy = format!("policy=\"{name}.bench.dapr-preflight.io\"");
        let webhooks = format!("apiserver_admission_webhook_admission_duration_seconds_{suffix}{{");
        let policies = format!("apiserver_mutating_admission_policy_check_duration_seconds_{suffix}{{");
        let lines = metrics.lines().filter(|line| {
            (line.starts_with(&webhooks) && line.contains(&webhook))
                || (line.starts_with(&policies) && line.contains(&policy))
        });
        lines.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
    };
    let count = of("count");
    (count > 0.0).then(|| of("sum") / count * 1000.0)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The floor, in a process of its own.
struct Floor {
    process: Child,
    port: u16,
}

impl Floor {
    fn start(cluster: &Cluster) -> Self {
        let mut process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(std::env::current_exe().unwrap())
            .arg("--floor")
            .arg(cluster.directory())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let port = said["listen"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
        Self { process, port }
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
