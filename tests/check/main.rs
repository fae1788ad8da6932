//! `check`, `fix`, `rules` and `explain` as a user runs them: real output and real exit codes.
//!
//! When output is meant to change: `INSTA_UPDATE=always cargo test --test check`, then read `git diff tests/check/`.

#[path = "../common/mod.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

mod agree;
mod bad_input;
mod choices;
mod explained;
mod fixing;
mod formats;
mod layouts;
mod secrets;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A folder of one test's own, in which commands run.
struct Folder(tempfile::TempDir);

/// What a command said, and how it ended.
#[derive(Debug)]
struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With these files in it.
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Said {
        run(self.0.path(), arguments, "")
    }
}

/// Runs our binary in a folder, with that on its standard input.
fn run(folder: &Path, arguments: &[&str], stdin: &str) -> Said {
    let mut child = common::preflight(arguments)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Not every command reads it.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    Said { code: output.status.code().unwrap(), stdout, stderr }
}

/// Runs it in the folder of this test's data.
fn in_data(arguments: &[&str]) -> Said {
    run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), arguments, "")
}

/// Rules that these tests speak of: others come and go.
const FEW: &str = "--only=annotation-refused,sidecar-gomemlimit,sidecar-resources,topology-spread";

/// A Deployment that has nothing but what Dapr needs.
const BARE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: order, namespace: shop}
spec:
  template:
    metadata:
      annotations:
        dapr.io/enabled: \"true\"
        dapr.io/app-id: order
    spec:
      containers: [{name: order, image: r/order:v1}]
";

/// The same with a mistake that no edit mends.
fn loud() -> String {
    BARE.replace("dapr.io/app-id: order", "dapr.io/app-id: order\n        dapr.io/log-level: loud")
}
