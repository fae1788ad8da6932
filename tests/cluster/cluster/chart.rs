//! Our chart, as Helm renders it, and who our server is to the API server.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Cluster;
use crate::manifests;
use crate::namespace::{Said, run};

/// Where the chart is installed.
pub const HOME: &str = "dapr-preflight";

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/chart");

impl Cluster {
    /// Helm.
    pub fn helm(&self, arguments: &[&str]) -> Said {
        let kubeconfig = self.kubeconfig();
        let folders = ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"].map(|name| (name, self.directory()));
        run(
            &self.programs().join("helm"),
            &[&["--kubeconfig", kubeconfig.to_str().unwrap()], arguments].concat(),
            &folders,
            "",
        )
    }

    /// `helm install`, `upgrade` or `template` of our chart, for a server that listens here.
    pub fn chart(&self, verb: &[&str], port: u16, arguments: &[&str]) -> Said {
        let url = format!("webhooks.url=https://127.0.0.1:{port}");
        let authority = format!("certificates.secret.caBundle={}", STANDARD.encode(self.authority()));
        let ours = [
            "dapr-preflight",
            CHART,
            "-n",
            HOME,
            "--set",
            "certificates.source=secret",
            "--set",
            &authority,
            "--set",
            &url,
        ];
        self.helm(&[verb, &ours, arguments].concat())
    }

    /// The objects of one template of our chart.
    pub fn rendered(&self, port: u16, template: &str) -> Vec<Value> {
        let template = format!("templates/{template}.yaml");
        let said = self.chart(&["template"], port, &["-s", &template]).must_succeed();
        serde_saphyr::from_multiple(&said.stdout).unwrap()
    }

    /// What a server of ours needs to watch: the kinds, a service account and its permissions, and a way to use them.
    pub fn permit(&self) {
        self.kubectl(&["apply", "--server-side", "--force-conflicts", "-f", &format!("{CHART}/crds")], "")
            .must_succeed();
        for name in ["preflightpolicies", "preflightexemptions"] {
            let crd = format!("crd/{name}.dapr-preflight.io");
            self.kubectl(&["wait", "--for=condition=Established", &crd], "").must_succeed();
        }
        self.apply(&format!("{{apiVersion: v1, kind: Namespace, metadata: {{name: {HOME}}}}}"));
        for template in ["serviceaccount", "rbac"] {
            let template = format!("templates/{template}.yaml");
            let managed = ["-s", &template, "--set=certificates.source=managed"];
            self.apply(&self.chart(&["template"], 0, &managed).must_succeed().stdout);
        }
        self.new_token();
    }

    /// A way to use the permissions of our service account.
    pub fn new_token(&self) {
        let token = ["-n", HOME, "create", "token", "dapr-preflight", "--duration=4h"];
        let token = self.kubectl(&token, "").must_succeed().stdout;
        let kubeconfig = manifests::kubeconfig(&self.url("apiserver", "https"), self.authority(), token.trim(), HOME);
        fs::write(self.preflight_kubeconfig(), kubeconfig).unwrap();
    }

    /// The kubeconfig of our service account.
    pub fn preflight_kubeconfig(&self) -> std::path::PathBuf {
        self.directory().join("preflight.kubeconfig")
    }
}
