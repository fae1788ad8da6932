//! `serve --watch` where no API server is, or none that answers. What happens with one is proven in `tests/cluster`.
#![cfg(unix)]

mod common;

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use common::{Server, captured, preflight};

#[test]
fn an_api_server_that_never_answers_is_waited_for_and_then_served_without() {
    // Connections are taken, and nothing is ever said.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = watching(&silent, &["--watch-timeout-seconds", "2"]);
    let waiting = server.ops("/readyz");
    assert_eq!((waiting.status, &*waiting.text()), (503, "waiting for the API server\n"));
    assert_eq!(server.ops("/livez").status, 200);
    // Who asks all the same is answered.
    let body = captured("mutate-create-pod-order-service");
    assert_eq!(server.post("/mutate/enforce", &body).status, 200);

    server.logged(|line| line["message"] == "ready");
    let said = "the API server did not list policies and exemptions within 2 s; serving without";
    server.logged(|line| line["message"] == said);
    assert_eq!(server.ops("/readyz").status, 200);
    assert_eq!(server.metric("dapr_preflight_watching{kind=\"PreflightPolicy\"}"), 0.0);
}

#[test]
fn managed_certificates_that_cannot_be_read_yet_leave_nothing_to_serve_and_that_is_said() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let kubeconfig = kubeconfig(&gone, "gone");
    drop(gone);
    let server = Server::start_listening(&["--tls-secret", "certificates"], &[("KUBECONFIG", &kubeconfig)]);
    let answer = server.ops("/readyz");
    assert_eq!((answer.status, &*answer.text()), (503, "TLS: there is no certificate to serve yet\n"));
    assert_eq!(server.ops("/livez").status, 200);
    let line =
        server.logged(|line| line["message"].as_str().is_some_and(|said| said.starts_with("the Lease cannot be read")));
    assert!(line["error"].as_str().unwrap().contains("onnect"), "{line}");
    let error = common::Client::try_connect(server.listen, common::trusting_anything()).err();
    assert!(error.is_some(), "there is nothing to shake hands with");
    assert!(server.metric("dapr_preflight_certificate_errors_total{what=\"lease\"}") >= 1.0);
    assert_eq!(server.metric("dapr_preflight_certificate_expiry_timestamp_seconds"), 0.0);
}

#[test]
fn without_a_way_to_an_api_server_it_does_not_start_and_says_what_to_set() {
    for arguments in [&["serve", "--watch"][..], &["serve", "--tls-secret", "certificates"]] {
        let mut command = preflight(arguments);
        let output = command.env("HOME", "/nonexistent").env_remove("KUBECONFIG").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("need a way to the API server") && said.contains("KUBECONFIG"), "{said}");
    }
}

fn watching(api: &TcpListener, arguments: &[&str]) -> Server {
    let kubeconfig = kubeconfig(api, "silent");
    Server::start_listening(&[&["--watch"], arguments].concat(), &[("KUBECONFIG", &kubeconfig)])
}

/// Where the API server is, in a file.
fn kubeconfig(api: &TcpListener, name: &str) -> String {
    let kubeconfig = serde_json::json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{ "name": "c", "cluster": { "server": format!("http://{}", api.local_addr().unwrap()) } }],
        "contexts": [{ "name": "c", "context": { "cluster": "c", "user": "u" } }],
        "users": [{ "name": "u", "user": {} }],
    });
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.kubeconfig"));
    fs::write(&path, kubeconfig.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}
