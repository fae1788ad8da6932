//! The control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok in the place of kubelets, Dapr's
//! injectors, and our server.

use std::collections::HashMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::Api;
use crate::certificates;
use crate::manifests;
use crate::namespace::{Namespace, Said, eventually, kubectl};
use crate::process::Process;

/// Dapr's injector, as it can be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dapr {
    /// 1.15.0.
    V1_15,
    /// 1.18.2.
    V1_18,
    /// 1.18.2 with native sidecars for everybody.
    V1_18Native,
}

impl Dapr {
    const ALL: [Self; 3] = [Self::V1_15, Self::V1_18, Self::V1_18Native];

    /// Its version.
    pub fn version(self) -> &'static str {
        match self {
            Self::V1_15 => "1.15.0",
            Self::V1_18 | Self::V1_18Native => "1.18.2",
        }
    }

    /// The image that it puts into pods.
    pub fn image(self) -> String {
        format!("ghcr.io/dapr/daprd:{}", self.version())
    }

    fn name(self) -> &'static str {
        match self {
            Self::V1_15 => "injector-1.15",
            Self::V1_18 => "injector-1.18",
            Self::V1_18Native => "injector-1.18-native",
        }
    }

    fn port(self, ports: &HashMap<&'static str, u16>) -> u16 {
        ports[self.name()]
    }
}

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
    // First, so that the processes are gone before their directory.
    processes: Vec<Process>,
    ports: HashMap<&'static str, u16>,
    directory: PathBuf,
    programs: PathBuf,
    authority: String,
    namespaces: usize,
    serving: (Vec<String>, Dapr),
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
        self.apply(&manifests::our_webhooks(port, &self.authority, change));
        settle();
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
        let fixed = [
            "serve".to_owned(),
            format!("--listen=127.0.0.1:{listen}"),
            format!("--ops-listen=127.0.0.1:{ops}"),
            format!("--tls-dir={}", self.directory.display()),
            format!("--dapr-version={}", dapr.version()),
            "--log-format=json".to_owned(),
        ];
        let arguments: Vec<_> = fixed.into_iter().chain(arguments.iter().map(ToString::to_string)).collect();
        let binary = Path::new(env!("CARGO_BIN_EXE_dapr-preflight"));
        self.processes.push(Process::start(&self.directory, name, binary, &arguments, &[]));
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

    /// Our server's decisions in a namespace, from its log.
    pub fn decisions(&mut self, namespace: &Namespace) -> Vec<Value> {
        let log = self.process("preflight").log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["namespace"] == namespace.name()).collect()
    }

    /// How many calls the API server has made to our webhooks, by its own metrics.
    pub fn our_calls(&self) -> u64 {
        let metrics = self.api().text("/metrics");
        metrics
            .lines()
            .filter(|line| line.starts_with("apiserver_admission_webhook_request_total{"))
            .filter(|line| line.contains(".dapr-preflight.io\""))
            .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
            .sum()
    }

    /// What our server serves at `/metrics`.
    pub fn our_metrics(&self) -> String {
        get_plain(self.ports["preflight-ops"], "/metrics")
    }

    /// A namespace opts in to another mode.
    pub fn set_mode(&self, namespace: &Namespace, mode: &str) {
        let label = format!("dapr-preflight.io/mode={mode}");
        self.kubectl(&["label", "--overwrite", "namespace", namespace.name(), &label], "").must_succeed();
        settle();
    }

    /// The API server's audit events about a namespace.
    pub fn audit_events(&self, namespace: &Namespace) -> Vec<Value> {
        let log = fs::read_to_string(self.directory.join("audit.log")).unwrap_or_default();
        let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|event| event["objectRef"]["namespace"] == namespace.name()).collect()
    }

    /// How long each log is now.
    pub fn log_marks(&self) -> HashMap<String, usize> {
        self.processes.iter().map(|process| (process.name().to_owned(), process.log_length())).collect()
    }

    /// What was logged since, by those who may have an opinion on a failure.
    pub fn print_logs_since(&self, marks: &HashMap<String, usize>) {
        for process in &self.processes {
            if process.name().starts_with("etcd") || process.name() == "kwok" {
                continue;
            }
            let log = process.log();
            let mark = marks.get(process.name()).copied().filter(|&mark| mark <= log.len()).unwrap_or_default();
            let lines: Vec<_> = log[mark..].lines().collect();
            println!("---- {} ({} lines since, the last 20)", process.name(), lines.len());
            lines.iter().skip(lines.len().saturating_sub(20)).for_each(|line| println!("{line:.400}"));
        }
    }

    /// etcd.
    pub fn start_etcd(&mut self) {
        let (client, peer) = (self.url("etcd", "http"), self.url("etcd-peer", "http"));
        self.run(
            "etcd",
            "etcd",
            &[
                "--data-dir=etcd".to_owned(),
                "--unsafe-no-fsync".to_owned(),
                "--log-level=warn".to_owned(),
                format!("--listen-client-urls={client}"),
                format!("--advertise-client-urls={client}"),
                format!("--listen-peer-urls={peer}"),
                format!("--initial-advertise-peer-urls={peer}"),
                format!("--initial-cluster=default={peer}"),
            ],
        );
        self.wait_for_port("etcd", self.ports["etcd"]);
    }

    /// The API server, until it is ready.
    pub fn start_apiserver(&mut self) {
        let (etcd, port) = (self.url("etcd", "http"), self.ports["apiserver"]);
        self.run(
            "kube-apiserver",
            "kube-apiserver",
            &[
                format!("--etcd-servers={etcd}"),
                format!("--secure-port={port}"),
                "--bind-address=127.0.0.1".to_owned(),
                "--advertise-address=127.0.0.1".to_owned(),
                "--endpoint-reconciler-type=none".to_owned(),
                "--tls-cert-file=tls.crt".to_owned(),
                "--tls-private-key-file=tls.key".to_owned(),
                "--service-account-key-file=tls.pub".to_owned(),
                "--service-account-signing-key-file=tls.key".to_owned(),
                "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
                "--token-auth-file=tokens.csv".to_owned(),
                "--authorization-mode=RBAC".to_owned(),
                "--service-cluster-ip-range=10.96.0.0/24".to_owned(),
                "--allow-privileged".to_owned(),
                "--audit-policy-file=audit-policy.yaml".to_owned(),
                "--audit-log-path=audit.log".to_owned(),
            ],
        );
        self.wait_for_apiserver();
    }

    /// Waits until the API server says that it is ready.
    pub fn wait_for_apiserver(&mut self) {
        self.wait_for_port("kube-apiserver", self.ports["apiserver"]);
        let port = self.ports["apiserver"];
        eventually("the API server is ready", || {
            self.process("kube-apiserver").must_run();
            Api::try_connect(port, TOKEN).ok()?.try_text("/readyz").filter(|body| body == "ok")
        });
    }

    fn start_controllers(&mut self) {
        let kubeconfig = format!("--kubeconfig={}", self.kubeconfig().display());
        let (kcm, scheduler) = (self.ports["kcm"], self.ports["scheduler"]);
        self.run(
            "kube-controller-manager",
            "kube-controller-manager",
            &[
                kubeconfig.clone(),
                "--service-account-private-key-file=tls.key".to_owned(),
                "--root-ca-file=ca.crt".to_owned(),
                "--use-service-account-credentials=true".to_owned(),
                "--leader-elect=false".to_owned(),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--secure-port={kcm}"),
                "--controllers=*,-nodeipam".to_owned(),
            ],
        );
        self.run(
            "kube-scheduler",
            "kube-scheduler",
            &[
                "--config=scheduler.yaml".to_owned(),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--secure-port={scheduler}"),
            ],
        );
        let stages = fs::read_dir(self.programs.join("stages"))
            .unwrap()
            .map(|entry| format!("-c={}", entry.unwrap().path().display()));
        let kwok: Vec<_> = [kubeconfig, "--manage-all-nodes".to_owned()].into_iter().chain(stages).collect();
        self.run("kwok", "kwok", &kwok);
    }

    /// What is there before any app is: nodes, Dapr's namespace and its kinds, the StatefulSet that its 1.15 injector waits
    /// for, and the service accounts of the controllers.
    fn prepare(&mut self) {
        let crds = self.programs.join("crds-1.18.2");
        self.kubectl(&["apply", "--server-side", "-f", crds.to_str().unwrap()], "").must_succeed();
        NODES.iter().for_each(|node| self.apply_node(node));
        self.apply(manifests::DAPR_SYSTEM);
        let kube_system = self.existing_namespace("kube-system");
        for controller in ["replicaset", "statefulset", "daemon-set", "job", "cronjob", "deployment"] {
            kube_system.eventually_has("serviceaccount", &format!("{controller}-controller"));
        }
        self.existing_namespace("default").eventually_has("serviceaccount", "default");
    }

    /// A node as it was made: known, ready, without taints and open.
    pub fn apply_node(&self, name: &str) {
        self.api().ensure_node(name, &manifests::node(name));
    }

    fn start_injectors(&mut self) {
        for dapr in Dapr::ALL {
            let port = dapr.port(&self.ports);
            let program = self.programs.join(format!("injector-{}", dapr.version()));
            let arguments = [
                format!("-kubeconfig={}", self.kubeconfig().display()),
                format!("-port={port}"),
                "-tls-cert-file=tls.crt".to_owned(),
                "-tls-private-key-file=tls.key".to_owned(),
                "-trust-anchors-file=ca.crt".to_owned(),
            ];
            let image = dapr.image();
            let native = if dapr == Dapr::V1_18Native { "true" } else { "false" };
            let env = [
                ("NAMESPACE", "dapr-system"),
                ("KUBE_CLUSTER_DOMAIN", "cluster.local"),
                ("SIDECAR_IMAGE", image.as_str()),
                ("NATIVE_SIDECAR_ENABLED", native),
            ];
            self.processes.push(Process::start(&self.directory, dapr.name(), &program, &arguments, &env));
        }
        for dapr in Dapr::ALL {
            self.wait_for_port(dapr.name(), dapr.port(&self.ports));
        }
    }

    fn run(&mut self, name: &str, program: &str, arguments: &[String]) {
        let program = self.programs.join(program);
        self.processes.push(Process::start(&self.directory, name, &program, arguments, &[]));
    }

    fn url(&self, of: &str, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.ports[of])
    }

    fn write_configuration(&self) {
        let server = self.url("apiserver", "https");
        let write = |name: &str, text: &str| fs::write(self.directory.join(name), text).unwrap();
        write("tokens.csv", &format!("{TOKEN},admin,admin,system:masters\n"));
        write("kubeconfig", &manifests::kubeconfig(&server, &self.authority, TOKEN));
        write("scheduler.yaml", &manifests::scheduler(&self.kubeconfig()));
        write("audit-policy.yaml", manifests::AUDIT_POLICY);
    }

    fn wait_for_port(&mut self, name: &str, port: u16) {
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            self.process(name).must_run();
            assert!(begun.elapsed() < Duration::from_secs(60), "{name} does not listen:\n{}", self.process(name).log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.processes.iter_mut().rev().for_each(Process::kill);
    }
}

/// The API server reads webhook configurations by a watch: they count a moment after they are written.
fn settle() {
    std::thread::sleep(Duration::from_millis(400));
}

/// A page without TLS.
fn get_plain(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: ops\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// All at once, so that no two are the same.
fn free_ports() -> HashMap<&'static str, u16> {
    let listeners: Vec<_> = FREE_PORTS.iter().map(|&name| (name, TcpListener::bind("127.0.0.1:0").unwrap())).collect();
    listeners.iter().map(|(name, listener)| (*name, listener.local_addr().unwrap().port())).collect()
}
