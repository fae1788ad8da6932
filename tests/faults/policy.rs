//! A policy file that changes, and one with a mistake.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use serde_json::json;

use crate::common::{Server, captured, wait_until};
use crate::others::undisturbed;

/// A ConfigMap as the kubelet mounts it: a file that links into `..data`, which links to the newest state.
struct ConfigMap {
    folder: PathBuf,
    states: usize,
}

impl ConfigMap {
    fn new(name: &str, document: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("config-map-{name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let mut map = Self { folder, states: 0 };
        map.holds(document);
        symlink("..data/policy.yaml", map.file()).unwrap();
        map
    }

    fn file(&self) -> PathBuf {
        self.folder.join("policy.yaml")
    }

    fn holds(&mut self, document: &str) {
        self.states += 1;
        let state = format!("..state-{}", self.states);
        fs::create_dir(self.folder.join(&state)).unwrap();
        fs::write(self.folder.join(&state).join("policy.yaml"), document).unwrap();
        symlink(&state, self.folder.join("..data_tmp")).unwrap();
        fs::rename(self.folder.join("..data_tmp"), self.folder.join("..data")).unwrap();
    }
}

const HEAD: &str = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {name: test}\n";

#[test]
fn a_config_map_is_swapped_ten_times_without_a_restart_and_a_mistake_keeps_the_last_good_policy() {
    let off = format!("{HEAD}spec:\n  rules: {{sidecar-gomemlimit: off}}\n");
    let on = format!("{HEAD}spec: {{}}\n");
    let mut map = ConfigMap::new("swapped", &on);
    let file = map.file();
    let server = Server::start(&["--policy", file.to_str().unwrap(), "--policy-reload-seconds", "1"]);
    let body = captured("mutate-create-pod-bare-dapr");
    let edits = || {
        let response = server.post("/mutate/enforce", &body);
        assert_eq!(response.status, 200);
        let uid = response.json()["response"]["uid"].clone();
        let lines = server.log();
        let line = lines.iter().rev().find(|line| line["uid"] == uid);
        line.map(|line| line["results"].to_string()).unwrap_or_default()
    };
    undisturbed(&server, || {
        for nth in 1..=10 {
            let document = if nth % 2 == 0 { &on } else { &off };
            map.holds(document);
            let reloaded = || server.metric("dapr_preflight_policy_file_reloads_total{outcome=\"in_force\"}");
            wait_until(|| reloaded() == f64::from(nth));
            wait_until(|| edits().contains("sidecar-gomemlimit") == (nth % 2 == 0));
        }
        // Line 5, and what was meant.
        map.holds(&format!("{HEAD}spec:\n  ruls: {{}}\n"));
        wait_until(|| server.metric("dapr_preflight_policy_file_reloads_total{outcome=\"refused\"}") == 1.0);
    });
    let mistake = format!("{}:5:3: unknown field \"ruls\", did you mean \"rules\"?", file.display());
    server.logged(|line| {
        line["message"] == "the last good policy stays in force" && line["error"].as_str().unwrap().contains(&mistake)
    });
    let verbose = server.ops("/readyz?verbose");
    assert!(verbose.status == 200 && verbose.text().contains(&format!("[-]policy: {mistake}")), "{verbose:?}");
    assert_eq!((server.ops("/readyz").status, server.metric("dapr_preflight_policy_file_current")), (200, 0.0));
    assert!(edits().contains("sidecar-gomemlimit"), "the last good one is not in force");

    // Gone altogether is a mistake, too; back again is none.
    fs::remove_file(&file).unwrap();
    wait_until(|| server.metric("dapr_preflight_policy_file_reloads_total{outcome=\"refused\"}") == 2.0);
    symlink("..data/policy.yaml", &file).unwrap();
    map.holds(&off);
    wait_until(|| server.metric("dapr_preflight_policy_file_current") == 1.0);
    assert_eq!(server.ops("/readyz?verbose").text(), "[+]serving ok\n[+]certificate ok\n[+]policy ok\n");
    wait_until(|| !edits().contains("sidecar-gomemlimit"));
    assert_eq!(json!(server.ops("/readyz").text()), "ok\n");
}
