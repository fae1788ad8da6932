//! What the command line says: about itself, and about what it cannot use.

mod common;

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

#[cfg(unix)]
use common::Server;
use common::{captured, preflight};

/// Every flag of `serve`.
const FLAGS: [&str; 38] = [
    "listen",
    "ops-listen",
    "tls-dir",
    "tls-reload-seconds",
    "tls-secret",
    "tls-name",
    "tls-validity",
    "tls-renew-before",
    "tls-ca-validity",
    "tls-ca-renew-before",
    "tls-settle",
    "tls-clock-skew",
    "tls-lease",
    "tls-min-version",
    "client-ca",
    "client-name",
    "policy",
    "policy-reload-seconds",
    "watch",
    "watch-timeout-seconds",
    "ceiling",
    "dapr-version",
    "log-format",
    "log-level",
    "shutdown-delay-seconds",
    "shutdown-timeout-seconds",
    "threads",
    "duration-buckets",
    "max-body-bytes",
    "max-buffered-bytes",
    "max-waiting",
    "max-requests",
    "max-connections",
    "handshake-timeout-seconds",
    "header-timeout-seconds",
    "body-timeout-seconds",
    "answer-timeout-seconds",
    "idle-timeout-seconds",
];

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let help = said(&["--help"], 0).stdout;
    for part in ["serve", "Usage: dapr-preflight", "Exit codes: 0"] {
        assert!(help.contains(part), "no {part} in {help}");
    }
    let bare = said(&[], 2);
    assert!(bare.stderr.contains("Usage: dapr-preflight"), "{bare:?}");
}

#[test]
fn help_on_serve_names_every_flag_with_its_environment_variable() {
    let help = said(&["serve", "--help"], 0).stdout;
    for flag in FLAGS {
        let variable = format!("[env: DAPR_PREFLIGHT_{}=", flag.to_uppercase().replace('-', "_"));
        let line = help.split_once(&format!("      --{flag} <")).or(help.split_once(&format!("      --{flag}\n")));
        let (_, after) = line.unwrap_or_else(|| panic!("no --{flag} in {help}"));
        let own = after.split("\n      --").next().unwrap();
        assert!(own.contains(&variable), "no {variable} in {own}");
    }
    let named = help.lines().filter(|line| line.starts_with("      --")).count();
    assert_eq!(named, FLAGS.len(), "a flag that this test does not know: {help}");
}

#[test]
fn what_clap_refuses_ends_with_2_and_says_what_to_change() {
    for (arguments, says) in [
        (&["serve", "--lisen", "127.0.0.1:0"][..], "'--listen'"),
        (&["serv"], "'serve'"),
        (&["serve", "extra"], "'extra'"),
        (&["serve", "--listen", "localhost"], "--listen <ADDRESS>"),
        (&["serve", "--ops-listen", ":8080"], "--ops-listen <ADDRESS>"),
        (&["serve", "--dapr-version", "latest"], "not a Dapr version: give two or three numbers"),
        (&["serve", "--ceiling", "deny"], "[possible values: enforce, warn, audit]"),
        (&["serve", "--log-format", "xml"], "[possible values: human, json]"),
        (&["serve", "--log-level", "loud"], "--log-level <LEVEL>"),
        (&["serve", "--max-body-bytes", "0"], "--max-body-bytes <BYTES>"),
        (&["serve", "--max-body-bytes", "9", "--max-buffered-bytes", "8"], "lower the other"),
        (&["serve", "--max-buffered-bytes", "0"], "--max-buffered-bytes <BYTES>"),
        (&["serve", "--max-waiting", "-1"], "'-1'"),
        (&["serve", "--max-requests", "0"], "--max-requests <NUMBER>"),
        (&["serve", "--max-connections", "0"], "'--max-connections <NUMBER>': it must be at least 1"),
        (&["serve", "--max-body-bytes", "5000000000"], "it must be at most 4294967295"),
        (&["serve", "--threads", "0"], "'--threads <NUMBER>': it must be at least 1"),
        (&["serve", "--handshake-timeout-seconds", "0"], "--handshake-timeout-seconds <SECONDS>"),
        (&["serve", "--header-timeout-seconds", "0"], "--header-timeout-seconds <SECONDS>"),
        (&["serve", "--body-timeout-seconds", "0"], "--body-timeout-seconds <SECONDS>"),
        (&["serve", "--answer-timeout-seconds", "0"], "--answer-timeout-seconds <SECONDS>"),
        (&["serve", "--idle-timeout-seconds", "0"], "--idle-timeout-seconds <SECONDS>"),
        (&["serve", "--policy-reload-seconds", "0"], "--policy-reload-seconds <SECONDS>"),
        (&["serve", "--shutdown-delay-seconds", "soon"], "'soon'"),
        (&["serve", "--duration-buckets", "0.1,fast"], "write a number of seconds"),
        (&["serve", "--duration-buckets", "0.1,31"], "write a number above 0 and up to 30"),
        (&["serve", "--duration-buckets", "0.1,0.1"], "write each bound above the one before"),
        (&["serve", "--shutdown-timeout-seconds", "-1"], "'-1'"),
        (&["serve", "--threads", "0"], "--threads <NUMBER>"),
        (&["serve", "--tls-min-version", "1.1"], "[possible values: 1.2, 1.3]"),
        (&["serve", "--tls-validity", "90"], "--tls-validity <DURATION>"),
        (
            &["serve", "--tls-secret", "x", "--tls-renew-before", "90d"],
            "--tls-renew-before is 90d, and must be between 20m",
        ),
        (&["serve", "--tls-secret", "x", "--tls-dir", "."], "'--tls-secret <NAME>'"),
    ] {
        let answer = said(arguments, 2);
        assert!(answer.stderr.starts_with("error: ") && answer.stderr.contains(says), "{arguments:?}: {answer:?}");
    }
}

#[test]
fn an_environment_variable_is_a_flag_and_the_flag_counts_before_it() {
    let refused = |arguments: &[&str]| {
        let output = preflight(arguments).env("DAPR_PREFLIGHT_POLICY", "/from-env.yaml").output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["serve"]).contains("/from-env.yaml"));
    assert!(refused(&["serve", "--policy", "/from-flag.yaml"]).contains("/from-flag.yaml"));
}

#[test]
fn a_port_that_is_taken_is_named_with_the_flag_to_change() {
    let taken = Taken::new();
    for (flag, other) in [("--listen", "--ops-listen"), ("--ops-listen", "--listen")] {
        let answer = said(&["serve", flag, &taken.address(), other, "127.0.0.1:0"], 2);
        let expected = format!("error: choose another address for {flag}; cannot listen on {}: ", taken.address());
        assert!(answer.stderr.lines().any(|line| line.starts_with(&expected)), "{answer:?}");
    }
}

#[test]
fn a_directory_without_certificates_is_named_with_the_file_that_it_needs() {
    let empty = directory("no-certificates");
    for missing in [empty.clone(), empty.join("not-there")] {
        let answer = said(&["serve", "--tls-dir", missing.to_str().unwrap()], 2);
        let file = missing.join("tls.crt");
        let expected =
            format!("error: --tls-dir needs a directory with tls.crt and tls.key; cannot read {}: ", file.display());
        assert!(answer.stderr.starts_with(&expected), "{answer:?}");
    }
}

#[test]
fn a_policy_that_cannot_be_used_is_refused_with_its_place_before_anything_is_bound() {
    const HEAD: &str = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {name: test}\n";
    let rule = format!("{HEAD}spec:\n  rules:\n    sidecar-resorces: off\n");
    let second = format!("{HEAD}---\n{HEAD}spec:\n  namespaces: [shop]\n  gomemlimit: {{percent: 0}}\n");
    let cases = [
        ("field", format!("{HEAD}spec:\n  ruls: {{}}\n"), ":5:3: unknown field \"ruls\", did you mean \"rules\"?"),
        ("rule", rule, ":6:5: unknown rule \"sidecar-resorces\", did you mean \"sidecar-resources\"?"),
        (
            "level",
            format!("{HEAD}spec:\n  rules: {{app-id: den}}\n"),
            ":5:19: unknown value \"den\", did you mean \"deny\"?",
        ),
        ("second", second, ":10:25: 0 is no percentage from 1 to 99"),
        ("kind", HEAD.replace("PreflightPolicy", "Policy"), ":2:7: kind is \"Policy\", expected \"PreflightPolicy\""),
        ("empty", String::new(), ":1:1: there is no PreflightPolicy in this document"),
        ("yaml", format!("{HEAD}spec: [\n"), ":4:7: "),
    ];
    // Were it to bind first, it would say so.
    let taken = Taken::new();
    let directory = directory("policies");
    for (name, text, problem) in cases {
        let file = directory.join(format!("{name}.yaml"));
        fs::write(&file, text).unwrap();
        let answer = said(&["serve", "--listen", &taken.address(), "--policy", file.to_str().unwrap()], 2);
        let expected = format!("error: {}{problem}", file.display());
        assert!(answer.stderr.starts_with(&expected), "{name}\n{answer:?}\n{expected}");
        assert_eq!(answer.stderr.lines().count(), 1, "{answer:?}");
    }
}

#[test]
fn a_policy_that_cannot_be_read_is_refused_by_its_name() {
    let directory = directory("unreadable");
    let binary = directory.join("binary.yaml");
    fs::write(&binary, b"kind: \xff").unwrap();
    for path in [directory.clone(), directory.join("not-there.yaml"), binary] {
        let answer = said(&["serve", "--policy", path.to_str().unwrap()], 2);
        let expected = format!("error: --policy needs a file; cannot read {}: ", path.display());
        assert!(answer.stderr.starts_with(&expected), "{answer:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_policy_file_is_what_the_server_goes_by() {
    let server = Server::start(&["--policy", concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policy.yaml")]);
    let review = captured("mutate-create-pod-bare-dapr");
    assert!(server.post("/mutate/enforce", &review).json()["response"]["patch"].is_string());

    let off = directory("off").join("policy.yaml");
    let rules = "{sidecar-resources: off, sidecar-gomemlimit: off, topology-spread: off}";
    let head = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {name: lenient}\n";
    fs::write(&off, format!("{head}spec: {{namespaces: [production], rules: {rules}}}\n")).unwrap();
    let server = Server::start(&["--policy", off.to_str().unwrap()]);
    assert!(server.post("/mutate/enforce", &review).json()["response"].get("patch").is_none());
    let elsewhere =
        String::from_utf8(review).unwrap().replace("\"namespace\":\"production\"", "\"namespace\":\"shop\"");
    assert!(server.post("/mutate/enforce", elsewhere.as_bytes()).json()["response"]["patch"].is_string());
}

/// What a process that has ended left behind.
#[derive(Debug)]
struct Said {
    stdout: String,
    stderr: String,
}

/// Runs it to its end, which is expected to be that exit code.
fn said(arguments: &[&str], code: i32) -> Said {
    let output = preflight(arguments).output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stdout}{stderr}");
    Said { stdout, stderr }
}

/// An address that somebody else listens on.
struct Taken(TcpListener);

impl Taken {
    fn new() -> Self {
        Self(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap())
    }

    fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }
}

/// An empty directory of this test's own.
fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    // Left over from the last run, or not.
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}
