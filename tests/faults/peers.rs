//! Peers that are slow, many, rude or gone.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::common::{Client, PATIENCE, Server, captured, head, trusting_anything, wait_until};
use crate::others::{PATH, REVIEW, is_quiet, undisturbed};

#[test]
fn peers_that_send_a_byte_now_and_then_are_cut_and_others_do_not_notice() {
    let server = Server::start(&[
        "--header-timeout-seconds",
        "1",
        "--body-timeout-seconds",
        "2",
        "--handshake-timeout-seconds",
        "1",
    ]);
    let body = captured(REVIEW);
    undisturbed(&server, || {
        thread::scope(|scope| {
            for nth in 0..12 {
                let (server, body) = (&server, &body);
                scope.spawn(move || match nth % 3 {
                    0 => slow_handshake(server),
                    1 => slow_head(server),
                    _ => slow_body(server, body),
                });
            }
        });
    });
    assert_eq!(server.metric("dapr_preflight_tls_handshake_failures_total"), 4.0);
    assert_eq!(server.metric("dapr_preflight_http_errors_total{code=\"408\"}"), 4.0);
    wait_until(|| is_quiet(&server));
}

/// The first bytes of a handshake, and never the last.
fn slow_handshake(server: &Server) {
    let mut peer = TcpStream::connect(server.listen).unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    peer.write_all(b"\x16\x03\x01\x02\x00").unwrap();
    let _ = peer.read(&mut [0]);
}

fn slow_head(server: &Server) {
    let mut peer = server.connect();
    let begun = Instant::now();
    while peer.try_send(b"P").is_ok() {
        assert!(begun.elapsed() < PATIENCE, "still read");
        thread::sleep(Duration::from_millis(200));
    }
}

fn slow_body(server: &Server, body: &[u8]) {
    let mut peer = server.connect();
    peer.send(head(PATH, body.len()).as_bytes());
    for byte in body.chunks(1) {
        if peer.try_send(byte).is_err() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
        if server.metric("dapr_preflight_http_errors_total{code=\"408\"}") > 0.0 {
            break;
        }
    }
    assert_eq!(peer.receive().unwrap().status, 408);
}

#[test]
fn five_thousand_idle_connections_leave_room_for_everybody_and_for_who_has_asked_before() {
    // Each is a file of ours, too.
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let server = Server::start(&["--max-connections", "200"]);
    let mut regular = server.connect();
    assert_eq!(regular.post(PATH, &captured(REVIEW)).status, 200);
    let idle = undisturbed(&server, || {
        let silent: Vec<_> = (0..4_800).map(|_| TcpStream::connect(server.listen).unwrap()).collect();
        let handshaken: Vec<_> = (0..200).map(|_| Client::connect(server.listen, trusting_anything())).collect();
        (silent, handshaken)
    });
    assert_eq!(regular.post(PATH, &captured(REVIEW)).status, 200);
    let open = server.metric("dapr_preflight_connections_open");
    assert!(open <= 200.0, "{open} connections");
    assert!(server.metric("dapr_preflight_connections_evicted_total") >= 4_700.0);
    assert!(server.metric("dapr_preflight_tasks") <= 250.0, "a task stays behind for what is closed");
    assert!(server.peak() < 64.0, "{} MiB", server.peak());
    drop((idle, regular));
    wait_until(|| is_quiet(&server));
}

#[test]
fn a_process_that_may_open_few_files_asks_for_more() {
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -Sn 100; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_dapr-preflight")]);
    command.args(["serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"]);
    let mut process = command.args(["--max-connections", "300"]).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(process.stderr.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("listening")));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.id())).unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let soft: u64 = files.split_whitespace().nth(3).unwrap().parse().unwrap();
    assert!(soft >= 300, "{files}");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Server::start(&[]);
    let text = String::from_utf8(captured(REVIEW)).unwrap();
    let uid = serde_json::from_str::<serde_json::Value>(&text).unwrap()["request"]["uid"].as_str().unwrap().to_owned();
    let mut all = Vec::new();
    for nth in 0..50 {
        let body = text.replace(&uid, &format!("pipelined-{nth}"));
        all.extend_from_slice(head(PATH, body.len()).as_bytes());
        all.extend_from_slice(body.as_bytes());
    }
    undisturbed(&server, || {
        let mut client = server.connect();
        client.send(&all);
        for nth in 0..50 {
            let response = client.receive().unwrap();
            assert_eq!(response.json()["response"]["uid"], format!("pipelined-{nth}"));
        }
    });
}

#[test]
fn a_peer_that_never_reads_its_answers_is_cut() {
    let server = Server::start(&["--answer-timeout-seconds", "1"]);
    // The uid comes back with every answer.
    let body = format!(r#"{{"request":{{"uid":"{}"}}}}"#, "u".repeat(50_000));
    let request = [head(PATH, body.len()).as_bytes(), body.as_bytes()].concat();
    undisturbed(&server, || {
        let mut deaf = server.connect();
        let begun = Instant::now();
        while deaf.try_send(&request).is_ok() {
            assert!(begun.elapsed() < PATIENCE, "everything is taken");
        }
    });
    wait_until(|| is_quiet(&server));
}

#[test]
fn a_client_that_speaks_http_2_anyway_is_hung_up_on() {
    let server = Server::start(&[]);
    undisturbed(&server, || {
        for _ in 0..20 {
            let mut client = server.connect();
            client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00");
            // Whatever is said first, the end comes.
            while client.receive().is_ok() {}
        }
    });
    wait_until(|| is_quiet(&server));
}

#[test]
fn peers_that_leave_in_the_middle_leave_nothing_behind() {
    let server = Server::start(&[]);
    let body = captured(REVIEW);
    let long = vec![b' '; 300_000];
    let tasks = server.metric("dapr_preflight_tasks");
    undisturbed(&server, || {
        for length in [1, 100, 1000, 5000] {
            let whole = [head(PATH, body.len()).as_bytes(), &body].concat();
            server.connect().send(&whole[..length]);
            let mut client = server.connect();
            client.send(head(PATH, 1 << 20).as_bytes());
            client.send(&long);
            drop(TcpStream::connect(server.listen).unwrap());
            // The answer is on its way.
            server.connect().send(&whole);
        }
    });
    wait_until(|| is_quiet(&server));
    wait_until(|| server.metric("dapr_preflight_tasks") <= tasks);
}
