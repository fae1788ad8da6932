//! A namespace of a scenario, through kubectl.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than anything here takes that is not wrong.
const PATIENCE: Duration = Duration::from_secs(40);

/// What kubectl said.
#[derive(Debug)]
pub struct Said {
    pub ok: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    /// Itself, if kubectl succeeded.
    pub fn must_succeed(self) -> Self {
        assert!(self.ok, "kubectl failed: {}{}", self.stdout, self.stderr);
        self
    }

    /// Itself, if kubectl failed.
    pub fn must_fail(self) -> Self {
        assert!(!self.ok, "kubectl succeeded: {}{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless this was written to the terminal.
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.stderr.contains(words), "{words:?} is not in:\n{}", self.stderr);
        self
    }
}

/// A namespace of a scenario.
pub struct Namespace {
    name: String,
    programs: PathBuf,
    kubeconfig: PathBuf,
}

impl Namespace {
    /// One that exists.
    pub fn new(name: &str, programs: &Path, kubeconfig: &Path) -> Self {
        Self { name: name.to_owned(), programs: programs.to_owned(), kubeconfig: kubeconfig.to_owned() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// kubectl in this namespace.
    pub fn kubectl(&self, arguments: &[&str]) -> Said {
        self.kubectl_with(arguments, "")
    }

    /// kubectl in this namespace, with something to read.
    pub fn kubectl_with(&self, arguments: &[&str], stdin: &str) -> Said {
        let arguments = [&["--namespace", &self.name], arguments].concat();
        kubectl(&self.programs, &self.kubeconfig, &arguments, stdin)
    }

    /// `kubectl apply`.
    pub fn apply(&self, manifest: impl ToString) -> Said {
        self.kubectl_with(&["apply", "-f", "-"], &manifest.to_string())
    }

    /// The object, which must be there.
    pub fn get(&self, kind: &str, name: &str) -> Value {
        let said = self.kubectl(&["get", kind, name, "-o", "json"]).must_succeed();
        serde_json::from_str(&said.stdout).unwrap()
    }

    /// The objects with this label; all of them if it is empty.
    pub fn list(&self, kind: &str, label: &str) -> Vec<Value> {
        let said = self.kubectl(&["get", kind, "-l", label, "-o", "json"]).must_succeed();
        let list: Value = serde_json::from_str(&said.stdout).unwrap();
        list["items"].as_array().unwrap().clone()
    }

    /// Waits for an object.
    pub fn eventually_has(&self, kind: &str, name: &str) -> Value {
        self.eventually(kind, name, |_| true)
    }

    /// Waits until an object is like this.
    pub fn eventually(&self, kind: &str, name: &str, like: impl Fn(&Value) -> bool) -> Value {
        let what = format!("{kind} {name} in {}", self.name);
        eventually(&what, || {
            let said = self.kubectl(&["get", kind, name, "-o", "json", "--ignore-not-found"]);
            serde_json::from_str(&said.stdout).ok().filter(&like)
        })
    }

    /// Waits until so many pods with this label run, and gives them.
    pub fn eventually_runs(&self, count: usize, label: &str) -> Vec<Value> {
        let what = format!("{count} running pods {label} in {}", self.name);
        eventually(&what, || {
            let pods = self.list("pods", label);
            let running = pods.iter().filter(|pod| is_running(pod)).count();
            (running == count && pods.len() == count).then_some(pods)
        })
    }

    /// Waits for an event of this reason, and gives its message.
    pub fn eventually_event(&self, reason: &str) -> String {
        eventually(&format!("an event {reason} in {}", self.name), || {
            let events = self.list("events", "");
            events.iter().find(|event| event["reason"] == reason)?["message"].as_str().map(str::to_owned)
        })
    }
}

/// Whether it runs and is not on its way out.
pub fn is_running(pod: &Value) -> bool {
    pod["status"]["phase"] == "Running" && pod["metadata"]["deletionTimestamp"].is_null()
}

/// The container of a pod with this name, wherever it is.
pub fn container<'p>(pod: &'p Value, name: &str) -> &'p Value {
    let of =
        |list: &str| pod["spec"][list].as_array().into_iter().flatten().find(|container| container["name"] == name);
    of("containers").or_else(|| of("initContainers")).unwrap_or_else(|| panic!("no {name} in {pod:#}"))
}

/// The value of an environment variable of a container: the last one counts.
pub fn env<'c>(container: &'c Value, name: &str) -> Option<&'c str> {
    container["env"].as_array()?.iter().rfind(|variable| variable["name"] == name)?["value"].as_str()
}

/// Asks until there is an answer.
pub fn eventually<T>(what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = answer() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Runs kubectl.
pub fn kubectl(programs: &Path, kubeconfig: &Path, arguments: &[&str], stdin: &str) -> Said {
    let kubeconfig = ["--kubeconfig", kubeconfig.to_str().unwrap()];
    run(&programs.join("kubectl"), &[&kubeconfig, arguments].concat(), &[], stdin)
}

/// Runs a program to its end.
pub fn run(program: &Path, arguments: &[&str], env: &[(&str, &Path)], stdin: &str) -> Said {
    let mut child = Command::new(program)
        .args(arguments)
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // kubectl may end without reading it.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { ok: output.status.success(), stdout: text(output.stdout), stderr: text(output.stderr) }
}
