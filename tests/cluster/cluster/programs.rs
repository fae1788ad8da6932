//! The programs, with the flags that make them a cluster on loopback.

use std::fs;
use std::time::{Duration, Instant};

use super::{Cluster, Dapr, NODES, TOKEN};
use crate::api::Api;
use crate::manifests;
use crate::namespace::eventually;
use crate::process::Process;

impl Cluster {
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
        self.start_apiserver_with(&[]);
    }

    /// The same, with further arguments.
    pub fn start_apiserver_with(&mut self, more: &[&str]) {
        let (etcd, port) = (self.url("etcd", "http"), self.ports["apiserver"]);
        let more = more.iter().map(ToString::to_string);
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
            ]
            .into_iter()
            .chain(more)
            .collect::<Vec<_>>(),
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

    pub(super) fn start_controllers(&mut self) {
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
        // Without leases a busy cluster's nodes would be taken for lost.
        let leases = "--node-lease-duration-seconds=40".to_owned();
        let kwok: Vec<_> = [kubeconfig, "--manage-all-nodes".to_owned(), leases].into_iter().chain(stages).collect();
        self.run("kwok", "kwok", &kwok);
    }

    /// What is there before any app is: nodes, Dapr's namespace and its kinds, the StatefulSet that its 1.15 injector waits
    /// for, and the service accounts of the controllers.
    pub(super) fn prepare(&mut self) {
        let crds = self.programs.join("crds-1.18.2");
        self.kubectl(&["apply", "--server-side", "-f", crds.to_str().unwrap()], "").must_succeed();
        NODES.iter().for_each(|node| self.apply_node(node));
        self.apply(manifests::DAPR_SYSTEM);
        let kube_system = self.existing_namespace("kube-system");
        for controller in ["replicaset", "statefulset", "daemon-set", "job", "cronjob", "deployment"] {
            kube_system.eventually_has("serviceaccount", &format!("{controller}-controller"));
        }
        self.existing_namespace("default").eventually_has("serviceaccount", "default");
        self.permit();
    }

    /// A node as it was made: known, ready, without taints and open.
    pub fn apply_node(&self, name: &str) {
        self.api().ensure_node(name, &manifests::node(name));
    }

    pub(super) fn start_injectors(&mut self) {
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

    pub(super) fn url(&self, of: &str, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.ports[of])
    }

    pub(super) fn write_configuration(&self) {
        let server = self.url("apiserver", "https");
        let write = |name: &str, text: &str| fs::write(self.directory.join(name), text).unwrap();
        write("tokens.csv", &format!("{TOKEN},admin,admin,system:masters\n"));
        write("kubeconfig", &manifests::kubeconfig(&server, &self.authority, TOKEN, "default"));
        write("scheduler.yaml", &manifests::scheduler(&self.kubeconfig()));
        write("audit-policy.yaml", manifests::AUDIT_POLICY);
    }

    pub(super) fn wait_for_port(&mut self, name: &str, port: u16) {
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            self.process(name).must_run();
            assert!(begun.elapsed() < Duration::from_secs(60), "{name} does not listen:\n{}", self.process(name).log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
