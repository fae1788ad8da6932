//! The process under test, what is changed under it, and how large it is.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::common::preflight;

/// How often the certificate and the policy are exchanged; the process looks every second.
const CHANGE: Duration = Duration::from_millis(1500);

const POLICY: &str = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {name: soak}\nspec: ";

/// A running `serve`.
pub struct Process {
    child: Child,
    pub listen: SocketAddr,
    ops: SocketAddr,
    folder: PathBuf,
    states: usize,
}

impl Process {
    pub fn start() -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("soak");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for file in ["tls.crt", "tls.key", "policy.yaml"] {
            symlink(format!("..data/{file}"), folder.join(file)).unwrap();
        }
        write_state(&folder, 0);
        let (tls, policy) = (folder.to_str().unwrap(), folder.join("policy.yaml"));
        let mut command = preflight(&["serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"]);
        command.args(["--log-format", "json", "--tls-dir", tls, "--tls-reload-seconds", "1"]);
        command.args(["--policy", policy.to_str().unwrap(), "--policy-reload-seconds", "1"]);
        command.args(["--body-timeout-seconds", "5", "--header-timeout-seconds", "2"]);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        // Somebody reads the log, as a container runtime does.
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut listening = String::new();
        stderr.read_line(&mut listening).unwrap();
        thread::spawn(move || io::copy(&mut stderr, &mut io::sink()));
        let line: serde_json::Value = serde_json::from_str(&listening).unwrap();
        let address = |key: &str| line[key].as_str().unwrap().parse().unwrap();
        Self { child, listen: address("listen"), ops: address("ops_listen"), folder, states: 0 }
    }

    /// For so long, everything that can change without a restart does; now and then to something that cannot be used.
    pub fn change_for(&mut self, time: Duration) {
        let over = Instant::now() + time;
        while Instant::now() < over {
            self.states += 1;
            write_state(&self.folder, self.states);
            thread::sleep(CHANGE.min(over.saturating_duration_since(Instant::now())));
        }
    }

    /// Resident memory in MiB, open files, tasks, connections.
    pub fn sizes(&self) -> [f64; 4] {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let resident = line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0;
        let files = fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count() as f64;
        [resident, files, self.metric("dapr_preflight_tasks"), self.metric("dapr_preflight_connections_open")]
    }

    pub fn metric(&self, name: &str) -> f64 {
        let mut stream = TcpStream::connect(self.ops).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: ops\r\nconnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
    }

    /// What is still there when nobody is, if anything: the deadlines have passed by then.
    pub fn left_behind(&self) -> String {
        let names = ["connections_open", "requests_in_flight", "requests_waiting", "buffered_bytes"];
        let begun = Instant::now();
        loop {
            let left = names.iter().find(|name| self.metric(&format!("dapr_preflight_{name}")) > 0.0);
            match left {
                None => return String::new(),
                Some(left) if begun.elapsed() > Duration::from_secs(15) => return format!("; {left} is not 0"),
                Some(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// Asked to end, it ends so.
    pub fn end(&mut self) -> Option<i32> {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As the kubelet changes a volume: another folder, then one link. Every fourth policy has a mistake, every fourth pair does not
/// match.
fn write_state(folder: &std::path::Path, number: usize) {
    let state = folder.join(format!("..state-{number}"));
    fs::create_dir(&state).unwrap();
    let [key, other] = [0, 1].map(|_| rcgen::KeyPair::generate().unwrap());
    let certificate = rcgen::CertificateParams::new(["127.0.0.1".into()]).unwrap().self_signed(&key).unwrap();
    let written = if number % 4 == 3 { &other } else { &key };
    fs::write(state.join("tls.crt"), certificate.pem()).unwrap();
    fs::write(state.join("tls.key"), written.serialize_pem()).unwrap();
    let specs = ["{}", "{rules: {sidecar-gomemlimit: off}}", "{ruls: {}}", "{rules: {topology-spread: off}}"];
    fs::write(state.join("policy.yaml"), format!("{POLICY}{}\n", specs[number % 4])).unwrap();
    symlink(state.file_name().unwrap(), folder.join("..data_tmp")).unwrap();
    fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    if let Some(old) = number.checked_sub(2) {
        fs::remove_dir_all(folder.join(format!("..state-{old}"))).unwrap();
    }
}
