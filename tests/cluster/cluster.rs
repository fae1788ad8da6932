//! The control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok in the place of kubelets, Dapr's
//! injectors, and our server.

pub mod chart;
mod dapr;
mod programs;
mod seen;

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::Api;
use crate::certificates;
use crate::manifests;
use crate::namespace::{Namespace, Said, kubectl};
use crate::process::Process;

pub use dapr::Dapr;

/// The nodes of the cluster: 4 cores and 8 GiB each.
pub const NODES: [&str; 3] = ["node-a", "node-b", "node-c"];

const TOKEN: &str = "admin-token";
const FREE_PORTS: [&str; 10] = [
    "etcd",
    "etcd-peer",
    "apiserver",
    "kcm",
    "scheduler",
    "injector-1.15",
    "injector-1.18",
    "injector-1.18-native",
    "preflight",
    "preflight-ops",
];

/// A running cluster. Dropped, it ends with everything in it.
pub struct Cluster {
    processes: Vec<Process>,
    ports: HashMap<&'static str, u16>,
    directory: PathBuf,
    programs: PathBuf,
    authority: String,
    namespaces: usize,
    serving: (Vec<String>, Dapr),
    webhooks: RefCell<HashMap<u16, Vec<Value>>>,
}

impl Cluster {
    /// Starts everything and waits until pods can run.
    pub fn start() -> Self {
        let programs = std::env::var("DAPR_PREFLIGHT_CLUSTER_PROGRAMS").expect("start this by tests/cluster/run");
        let directory = std::env::var("DAPR_PREFLIGHT_CLUSTER_DIRECTORY").expect("start this by tests/cluster/run");
        let directory = PathBuf::from(directory);
        let mut cluster = Self {
            processes: Vec::new(),
            ports: free_ports(),
            authority: certificates::write(&directory),
            directory,
            programs: programs.into(),
            namespaces: 0,
            serving: (Vec::new(), Dapr::V1_18),
            webhooks: RefCell::default(),
        };
        cluster.write_configuration();
        cluster.start_etcd();
        cluster.start_apiserver();
        cluster.start_controllers();
        cluster.prepare();
        cluster.start_injectors();
        cluster.reset();
        cluster
    }

    /// Where the logs are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the programs are, kubectl among them.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    /// The kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> PathBuf {
        self.directory.join("kubeconfig")
    }

    /// Kubernetes' version, as the API server says it.
    pub fn version(&self) -> String {
        self.api().get("/version")["gitVersion"].as_str().unwrap().to_owned()
    }

    /// A connection to the API server.
    pub fn api(&self) -> Api {
        Api::connect(self.ports["apiserver"], TOKEN)
    }

    /// kubectl, for what has no namespace. Its standard input is a manifest.
    pub fn kubectl(&self, arguments: &[&str], stdin: &str) -> Said {
        kubectl(&self.programs, &self.kubeconfig(), arguments, stdin)
    }

    /// Applies a manifest that must be accepted.
    pub fn apply(&self, manifest: &str) {
        self.kubectl(&["apply", "--server-side", "--force-conflicts", "-f", "-"], manifest).must_succeed();
    }

    /// A namespace that is there.
    pub fn existing_namespace(&self, name: &str) -> Namespace {
        Namespace::new(name, &self.programs, &self.kubeconfig())
    }

    /// A new namespace with this mode (none if empty), ready for pods.
    pub fn namespace(&mut self, mode: &str) -> Namespace {
        self.namespaces += 1;
        let name = format!("scenario-{}", self.namespaces);
        let mut labels = json!({ "scenario": "" });
        if !mode.is_empty() {
            labels["dapr-preflight.io/mode"] = json!(mode);
        }
        self.apply(
            &json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } })
                .to_string(),
        );
        let namespace = self.existing_namespace(&name);
        namespace.eventually_has("serviceaccount", "default");
        namespace
    }

    /// Everything as a scenario may expect it: every program running, Dapr 1.18 injecting, our server with the built-in
    /// policy, every node empty of taints and open.
    pub fn reset(&mut self) {
        if !self.runs("etcd") {
            self.start_etcd();
        }
        if !self.runs("kube-apiserver") {
            self.start_apiserver();
        }
        NODES.iter().for_each(|node| self.apply_node(node));
        // The pods of the last scenario would take the room of those of the next.
        self.kubectl(&["delete", "namespaces", "-l=scenario", "--wait=false"], "").must_succeed();
        self.serve_for(Dapr::V1_18, &[]);
        self.register();
    }

    /// Our server anew, with these arguments, for Dapr 1.18.
    pub fn serve(&mut self, arguments: &[&str]) {
        self.serve_for(Dapr::V1_18, arguments);
    }

    /// Another Dapr injects, and our server knows it.
    pub fn serve_for(&mut self, dapr: Dapr, arguments: &[&str]) {
        let wanted: (Vec<String>, Dapr) = (arguments.iter().map(ToString::to_string).collect(), dapr);
        if self.serving != wanted || !self.runs("preflight") {
            self.stop("preflight");
            self.start_preflight("preflight", dapr, arguments);
            self.serving = wanted;
        }
        self.register_dapr(dapr, "dapr-sidecar-injector");
    }

    /// Dapr's configuration, under its own name or another one.
    pub fn register_dapr(&self, dapr: Dapr, name: &str) {
        self.apply(&manifests::dapr_webhook(name, dapr.port(&self.ports), &self.authority));
        settle();
    }

    /// Our two configurations, as an installation has them.
    pub fn register(&self) {
        self.register_with(|_| {});
    }

    /// Our two configurations with a change: the function gets each webhook of both.
    pub fn register_with(&self, change: impl Fn(&mut Value)) {
        self.register_at(self.preflight_port(), change);
    }

    /// The same, at another port.
    pub fn register_at(&self, port: u16, change: impl Fn(&mut Value)) {
        for mut configuration in self.webhooks(port) {
            configuration["webhooks"].as_array_mut().unwrap().iter_mut().for_each(&change);
            self.apply(&configuration.to_string());
        }
        settle();
    }

    /// The API server calls another port, and nothing else changes: who owns the rest owns it still.
    pub fn register_url(&self, port: u16) {
        for mut configuration in self.webhooks(port) {
            for webhook in configuration["webhooks"].as_array_mut().unwrap() {
                webhook["clientConfig"].as_object_mut().unwrap().remove("caBundle");
                webhook["failurePolicy"] = json!("Fail");
            }
            self.apply(&configuration.to_string());
        }
        settle();
    }

    /// The configurations as the chart has them. Helm is asked once for each port.
    fn webhooks(&self, port: u16) -> Vec<Value> {
        let mut known = self.webhooks.borrow_mut();
        known.entry(port).or_insert_with(|| self.rendered(port, "webhooks")).clone()
    }

    /// Where one of Dapr's injectors listens.
    pub fn injector_port(&self, dapr: Dapr) -> u16 {
        dapr.port(&self.ports)
    }

    /// The certificate that everything here trusts, PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Where our server listens.
    pub fn preflight_port(&self) -> u16 {
        self.ports["preflight"]
    }

    /// A second instance of our server; the port where it listens.
    pub fn start_preflight(&mut self, name: &str, dapr: Dapr, arguments: &[&str]) -> u16 {
        let listen = if name == "preflight" { self.ports["preflight"] } else { free_port() };
        let ops = if name == "preflight" { self.ports["preflight-ops"] } else { free_port() };
        let own_tls = |argument: &&str| argument.starts_with("--tls-dir") || argument.starts_with("--tls-secret");
        let fixed_tls = (!arguments.iter().any(own_tls)).then(|| format!("--tls-dir={}", self.directory.display()));
        let fixed = [
            "serve".to_owned(),
            format!("--listen=127.0.0.1:{listen}"),
            format!("--ops-listen=127.0.0.1:{ops}"),
            format!("--dapr-version={}", dapr.version()),
            "--log-format=json".to_owned(),
        ];
        let arguments: Vec<_> =
            fixed.into_iter().chain(fixed_tls).chain(arguments.iter().map(ToString::to_string)).collect();
        let binary = Path::new(env!("CARGO_BIN_EXE_dapr-preflight"));
        let kubeconfig = self.preflight_kubeconfig();
        let env = [("KUBECONFIG", kubeconfig.to_str().unwrap())];
        self.processes.push(Process::start(&self.directory, name, binary, &arguments, &env));
        self.wait_for_port(name, listen);
        listen
    }

    /// One of the running programs.
    pub fn process(&mut self, name: &str) -> &mut Process {
        self.processes
            .iter_mut()
            .find(|process| process.name() == name)
            .unwrap_or_else(|| panic!("{name} does not run"))
    }

    /// Whether a program runs.
    pub fn runs(&mut self, name: &str) -> bool {
        self.processes.iter_mut().any(|process| process.name() == name && process.runs())
    }

    /// Ends a program, if it runs.
    pub fn stop(&mut self, name: &str) {
        if let Some(index) = self.processes.iter().position(|process| process.name() == name) {
            self.processes.remove(index).stop();
        }
    }

    /// A namespace opts in to another mode.
    pub fn set_mode(&self, namespace: &Namespace, mode: &str) {
        let label = format!("dapr-preflight.io/mode={mode}");
        self.kubectl(&["label", "--overwrite", "namespace", namespace.name(), &label], "").must_succeed();
        settle();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // In the order in which they need each other, the last first.
        self.processes.iter_mut().rev().for_each(Process::kill);
    }
}

/// The API server reads webhook configurations by a watch: they count a moment after they are written.
fn settle() {
    std::thread::sleep(Duration::from_millis(400));
}

/// A port of loopback that nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// All at once, so that no two are the same.
fn free_ports() -> HashMap<&'static str, u16> {
    let listeners: Vec<_> = FREE_PORTS.iter().map(|&name| (name, TcpListener::bind("127.0.0.1:0").unwrap())).collect();
    listeners.iter().map(|(name, listener)| (*name, listener.local_addr().unwrap().port())).collect()
}
