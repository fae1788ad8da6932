//! What ends the real daprd when it starts, and what does not: the examples of each rule that says so.

use std::net::TcpStream;
use std::path::{Path, PathBuf};

use dapr_preflight::rules::ALL;
use serde_json::{Value, json};

use super::{Scenario, pod};
use crate::cluster::{Cluster, free_port};
use crate::namespace::{container, eventually};
use crate::process::Process;

pub const SCENARIOS: &[Scenario] = &[
    (
        "daprd: a Configuration that a rule finds certain to end it ends it, and the rule's good one does not",
        configurations,
    ),
    (
        "daprd: a Component or an MCPServer that a rule finds certain to end it ends it, and a good one does not",
        resources,
    ),
    ("daprd: a pod that a rule finds certain to end it ends it, as the real injector starts it", pods),
    ("daprd: pod-root, as user 0 it exits in Kubernetes, as another it does not", root),
];

const RUNS: &str = "dapr initialized. Status: Running";

/// Rule, and how daprd ends over its bad example.
const CONFIGURATIONS: [(&str, &str); 4] = [
    ("configuration-access-control", "invalid access control spec. missing trustdomain for apps: [order]"),
    ("configuration-duration", "error loading configuration"),
    ("configuration-secret-scopes", "vault storeName is repeated in secrets configuration"),
    ("configuration-tracing-exporter", "invalid protocol gRPC provided for Otel endpoint"),
];

fn configurations(cluster: &mut Cluster) {
    for (rule, ends) in CONFIGURATIONS {
        let [bad, good] = examples(rule);
        for (what, example, says) in [("bad", bad, ends), ("good", good, RUNS)] {
            let daprd = Daprd::new(cluster, &format!("{rule}-{what}"));
            daprd.write("configuration.yaml", &example[0]);
            let config = format!("--config={}/configuration.yaml", daprd.folder.display());
            daprd.run(&alone(&[&config]), says, what == "bad");
        }
    }
}

fn resources(cluster: &mut Cluster) {
    let [bad, mut good] = examples("component-type");
    // The one that is built into this daprd.
    good[0]["spec"]["type"] = json!("state.in-memory");
    let mut unknown_version = good.clone();
    unknown_version[0]["spec"]["version"] = json!("v9");
    // It asks the server before it is ready, and nobody is there: that is no fault of the object.
    let [_, mut server] = examples("mcp-server-endpoint");
    let url = "/spec/endpoint/streamableHTTP/url";
    *server[0].pointer_mut(url).unwrap() = json!("http://127.0.0.1:1/mcp");
    let mut no_http = server.clone();
    *no_http[0].pointer_mut(url).unwrap() = json!("ftp://127.0.0.1:1/mcp");
    let [twice, once] = examples("actor-state-store-twice").map(|objects| {
        let components = objects.into_iter().filter(|object| object["kind"] == "Component");
        let in_memory = components.map(|mut component| {
            component["spec"]["type"] = json!("state.in-memory");
            component["spec"]["version"] = json!("v1");
            component
        });
        in_memory.collect::<Vec<_>>()
    });
    for (name, objects, says, ends) in [
        ("type", bad, "incorrect type statestore.redis", true),
        ("version", unknown_version, "couldn't find state store state.in-memory/v9", true),
        ("component", good, "Component loaded: statestore", false),
        ("no-http", no_http, "streamableHTTP.url scheme must be http or https", true),
        ("server", server, "failed to connect to MCP server", true),
        ("twice", twice, "detected duplicate actor state store", true),
        ("once", once, RUNS, false),
    ] {
        let daprd = Daprd::new(cluster, &format!("resource-{name}"));
        for (nth, object) in objects.iter().enumerate() {
            daprd.write(&format!("{nth}.yaml"), object);
        }
        // Without placement there are no actors, and nobody compares stores.
        let folder = format!("--resources-path={}", daprd.folder.display());
        daprd.run(&alone(&[&folder, "--placement-host-address=127.0.0.1:1"]), says, ends);
    }
}

/// Rule, and how daprd ends over its bad example.
const PODS: [(&str, &str); 4] = [
    ("annotation-refused", "invalid value for --log-level: warning"),
    ("app-health-timeout", "must be smaller than"),
    ("app-port", "conflicts with 'app-port'"),
    ("sidecar-gomemlimit-malformed", "malformed GOMEMLIMIT"),
];

fn pods(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    for (rule, ends) in PODS {
        let [bad, good] = examples(rule);
        for (what, example, says) in [("bad", bad, ends), ("good", good, "")] {
            let mut pod = example[0].clone();
            pod["metadata"]["name"] = json!(format!("{rule}-{what}"));
            pod["spec"]["containers"] = json!([{ "name": "app", "image": "registry.example/order:v1" }]);
            namespace.apply(&pod).must_succeed();
            let pod = namespace.get("pod", &format!("{rule}-{what}"));
            let daprd = Daprd::new(cluster, &format!("{rule}-{what}"));
            daprd.run_as(&injected(&pod), &environment(&pod), says, what == "bad");
        }
    }
}

fn root(cluster: &mut Cluster) {
    let mut pod = pod("order", json!({}));
    pod["spec"]["securityContext"] = json!({ "runAsUser": 0 });
    let namespace = cluster.namespace("");
    namespace.apply(&pod).must_succeed();
    let stored = namespace.get("pod", "order");
    let (of_pod, of_daprd) = (&stored["spec"]["securityContext"], &container(&stored, "daprd")["securityContext"]);
    assert_eq!((&of_pod["runAsUser"], &of_daprd["runAsUser"]), (&json!(0), &Value::Null), "the pod's user is daprd's");
    cluster.namespace("enforce").apply(&pod).must_fail().says("[pod-root]");
    for (user, says) in
        [("0", "current user UID(0) is root"), ("65532", "Running in Kubernetes environment as user 65532")]
    {
        let daprd = Daprd::new(cluster, &format!("user-{user}"));
        let arguments = ["--mode=kubernetes", "--control-plane-address=127.0.0.1:1", "--sentry-address=127.0.0.1:1"];
        let arguments: Vec<String> = alone(&[])
            .into_iter()
            .filter(|one| !one.starts_with("--mode="))
            .chain(arguments.map(str::to_owned))
            .collect();
        // In a namespace of users of its own it is that user, whoever runs this.
        let user = format!("--map-user={user}");
        let program = daprd.program.display().to_string();
        let arguments = [vec!["--user".to_owned(), user, program], arguments].concat();
        daprd.start(Path::new("unshare"), &arguments, &[], says, true);
    }
}

/// The objects of a rule's bad and good example.
fn examples(rule: &str) -> [Vec<Value>; 2] {
    let rule = ALL.iter().find(|known| known.id == rule).unwrap();
    [rule.bad, rule.good].map(|text| serde_saphyr::from_multiple(text).unwrap())
}

/// Its ports: those of its four APIs, and of its metrics.
const PORTS: [&str; 5] = ["3500", "50001", "50002", "3501", "9090"];

/// Arguments of a daprd that needs no control plane.
fn alone(more: &[&str]) -> Vec<String> {
    let fixed = [
        "--app-id=order",
        "--mode=standalone",
        "--enable-metrics=false",
        "--dapr-http-port=3500",
        "--dapr-grpc-port=50001",
        "--dapr-internal-grpc-port=50002",
        "--dapr-listen-addresses=127.0.0.1",
    ];
    on_free_ports(fixed.iter().chain(more).map(ToString::to_string).collect())
}

/// The arguments that the injector gave to daprd, for one that needs no control plane.
fn injected(pod: &Value) -> Vec<String> {
    let arguments = container(pod, "daprd")["args"].as_array().unwrap();
    let mut arguments: Vec<String> = arguments.iter().map(|one| one.as_str().unwrap().to_owned()).collect();
    for (flag, value) in [("--mode", "standalone"), ("--dapr-listen-addresses", "127.0.0.1")] {
        let at = arguments.iter().position(|one| one == flag).unwrap();
        arguments[at + 1] = value.to_owned();
    }
    arguments.retain(|one| !["/daprd", "--enable-mtls", "--enable-metrics"].contains(&one.as_str()));
    arguments.push("--enable-metrics=false".to_owned());
    on_free_ports(arguments)
}

/// The variables that the injector gave to daprd, as far as they are values.
fn environment(pod: &Value) -> Vec<(String, String)> {
    let variables = container(pod, "daprd")["env"].as_array().unwrap();
    let value =
        |variable: &Value| Some((variable["name"].as_str()?.to_owned(), variable["value"].as_str()?.to_owned()));
    variables.iter().filter_map(value).filter(|(name, _)| name == "GOMEMLIMIT").collect()
}

/// The same arguments with another port for each of daprd's, wherever it stands; and nothing listens off loopback.
fn on_free_ports(arguments: Vec<String>) -> Vec<String> {
    let free = PORTS.map(|port| (port, free_port().to_string()));
    let other = |argument: String| {
        let (flag, value) = argument.split_once('=').map_or((None, &*argument), |(flag, value)| (Some(flag), value));
        match (free.iter().find(|(port, _)| *port == value), flag) {
            (Some((_, free)), Some(flag)) => format!("{flag}={free}"),
            (Some((_, free)), None) => free.clone(),
            (None, _) => argument,
        }
    };
    let mut arguments: Vec<String> = arguments.into_iter().map(other).collect();
    for flag in ["--dapr-internal-grpc-listen-address", "--dapr-public-listen-address"] {
        arguments.push(format!("{flag}=127.0.0.1"));
    }
    arguments
}

/// Where it will listen for HTTP.
fn http_port(arguments: &[String]) -> u16 {
    let mut words = arguments.iter().flat_map(|argument| argument.split('='));
    words.find(|word| *word == "--dapr-http-port").unwrap();
    words.next().unwrap().parse().unwrap()
}

/// A daprd with a folder of its own.
struct Daprd {
    name: String,
    program: PathBuf,
    folder: PathBuf,
}

impl Daprd {
    fn new(cluster: &Cluster, name: &str) -> Self {
        let folder = cluster.directory().join(format!("daprd-{name}"));
        std::fs::create_dir_all(&folder).unwrap();
        Self { name: name.to_owned(), program: cluster.programs().join("daprd-1.18.2"), folder }
    }

    fn write(&self, name: &str, object: &Value) {
        std::fs::write(self.folder.join(name), object.to_string()).unwrap();
    }

    /// Starts it: it says that, and then it `ends` with an error, or runs.
    fn run(&self, arguments: &[String], says: &str, ends: bool) {
        self.run_as(arguments, &[], says, ends);
    }

    fn run_as(&self, arguments: &[String], env: &[(String, String)], says: &str, ends: bool) {
        self.start(&self.program, arguments, env, says, ends);
    }

    fn start(&self, program: &Path, arguments: &[String], env: &[(String, String)], says: &str, ends: bool) {
        let env: Vec<_> = env.iter().map(|(name, value)| (&**name, &**value)).collect();
        let mut process = Process::start(&self.folder, &self.name, program, arguments, &env);
        eventually(&format!("daprd of {} says {says:?}", self.name), || {
            let ended = !process.runs();
            let said = process.log().contains(says);
            assert!(said || !ended, "{}: not {says:?}, but\n{}", self.name, process.log());
            (said && ended == ends).then_some(())
        });
        let listens = || TcpStream::connect(("127.0.0.1", http_port(arguments))).ok().map(drop);
        if !ends {
            // It need not say so: one of the examples wants warnings only.
            eventually(&format!("daprd of {} listens", self.name), listens);
        }
        assert!(ends || process.runs() && !process.log().contains("level=fatal"), "{}:\n{}", self.name, process.log());
    }
}
