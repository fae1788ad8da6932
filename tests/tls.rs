//! The real binary over real TLS.
#![cfg(unix)]

mod common;

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{Client, Server, captured, head, trusting_anything, wait_until};
use serde_json::{Value, json};

const REVIEW: &str = "mutate-create-pod-order-service";

#[test]
fn every_captured_review_is_answered_with_its_own_uid() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let mut answered = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/admission-reviews")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let body = captured(name);
        let paths: &[&str] = match name.split_once('-').unwrap().0 {
            "mutate" => &["/mutate/enforce?timeout=10s"],
            _ => &["/validate/enforce?timeout=10s", "/validate/warn?timeout=10s", "/validate/audit?timeout=10s"],
        };
        let uid = serde_json::from_slice::<Value>(&body).unwrap()["request"]["uid"].clone();
        for path in paths {
            let response = client.post(path, &body);
            assert_eq!((response.status, &response.json()["response"]["uid"]), (200, &uid), "{name} at {path}");
        }
        answered += 1;
    }
    assert!(answered >= 58, "only {answered} captured reviews");
}

#[test]
fn every_kind_of_decision_is_answered_logged_and_counted() {
    let server = Server::start(&[]);
    let mut client = server.connect();

    let bare = read(captured("mutate-create-pod-bare-dapr"));
    let (response, line) = decide(&server, &mut client, "/mutate/enforce", &bare);
    let ready = patched(&bare, &response);
    is_ready_for_production(&ready["request"]["object"]);
    assert_eq!((&line["outcome"], &line["mode"]), (&json!("patched"), &json!("enforce")));
    assert!(did(&line, "sidecar-gomemlimit", "edited"), "{line}");
    let edits = line["edits"].as_array().unwrap();
    assert!(edits.contains(&json!("/metadata/annotations/dapr.io~1env")) && edits.len() == 7, "{edits:?}");

    let (response, line) = decide(&server, &mut client, "/mutate/enforce", &renamed(&ready, "again"));
    assert_eq!((&response["allowed"], &response["patch"]), (&json!(true), &Value::Null), "{response}");
    assert_eq!((&line["outcome"], &line["results"], &line["edits"]), (&json!("allowed"), &Value::Null, &Value::Null));

    let plain = read(captured("validate-create-pod-plain-pod"));
    let (response, line) = decide(&server, &mut client, "/validate/enforce", &plain);
    assert_eq!(response, json!({ "uid": plain["request"]["uid"], "allowed": true }));
    assert_eq!(line["outcome"], "skipped");

    let bad = read(captured("validate-create-pod-invalid-values"));
    let (response, line) = decide(&server, &mut client, "/validate/enforce", &bad);
    is_a_whole_refusal(&response);
    assert_eq!(line["outcome"], "denied");
    for rule in ["app-id", "annotation-refused", "sidecar-gomemlimit-malformed", "sidecar-resources"] {
        assert!(did(&line, rule, "denied"), "{rule}: {line}");
    }

    let (response, line) = decide(&server, &mut client, "/validate/warn", &bad);
    assert_eq!((&response["allowed"], &response["status"]), (&json!(true), &Value::Null));
    let warnings = response["warnings"].as_array().unwrap();
    assert!(
        warnings
            .iter()
            .any(|line| line.as_str().unwrap().starts_with("[app-id] metadata.annotations[dapr.io/app-id]: "))
    );
    assert_eq!(warnings.len(), line["results"].as_array().unwrap().len());
    assert_eq!((&line["outcome"], &line["mode"]), (&json!("warned"), &json!("warn")));

    let (response, line) = decide(&server, &mut client, "/validate/audit", &bad);
    for said in ["status", "warnings", "patch"] {
        assert_eq!((&response["allowed"], &response[said]), (&json!(true), &Value::Null), "{said}");
    }
    assert_eq!(response["auditAnnotations"]["mode"], "audit");
    assert_eq!((&line["outcome"], &line["mode"]), (&json!("allowed"), &json!("audit")));
    assert!(did(&line, "app-id", "recorded"), "{line}");

    let mut broken = bad.clone();
    broken["request"]["object"]["spec"] = json!("not-an-object");
    let (response, line) = decide(&server, &mut client, "/validate/enforce", &renamed(&broken, "broken"));
    assert_eq!(response, json!({ "uid": "broken", "allowed": true }));
    let why = line["detail"].as_str().unwrap();
    assert!(why.contains("invalid type: a string") && !why.contains("not-an-object"), "{line}");

    for (stage, mode, outcome) in [
        ("mutate", "enforce", "patched"),
        ("mutate", "enforce", "allowed"),
        ("validate", "enforce", "skipped"),
        ("validate", "enforce", "denied"),
        ("validate", "enforce", "unreadable"),
        ("validate", "warn", "warned"),
        ("validate", "audit", "allowed"),
    ] {
        let labels = format!("kind=\"Pod\",mode=\"{mode}\",outcome=\"{outcome}\",stage=\"{stage}\"");
        assert_eq!(server.metric(&format!("dapr_preflight_admission_requests_total{{{labels}}}")), 1.0, "{labels}");
    }
    for (rule, effect) in [
        ("app-id", "denied"),
        ("app-id", "warned"),
        ("app-id", "recorded"),
        ("sidecar-resources", "edited"),
        ("topology-spread", "edited"),
    ] {
        let labels = format!("effect=\"{effect}\",rule=\"{rule}\"");
        assert_eq!(server.metric(&format!("dapr_preflight_rule_results_total{{{labels}}}")), 1.0, "{labels}");
    }
}

#[test]
fn a_dry_run_gets_the_same_answer_and_its_line_says_so() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    for (name, path) in
        [("mutate-create-pod-dry-dryrun", "/mutate/enforce"), ("validate-create-pod-dry-dryrun", "/validate/enforce")]
    {
        let dry = read(captured(name));
        assert_eq!(dry["request"]["dryRun"], true, "{name}");
        let mut real = dry.clone();
        real["request"]["dryRun"] = json!(false);
        let [(dry, dry_line), (real, real_line)] =
            [dry, real].map(|review| decide(&server, &mut client, path, &review));
        assert_eq!(dry, real, "{path}");
        assert_eq!((&dry_line["dry_run"], &real_line["dry_run"]), (&json!(true), &json!(false)));
        assert_eq!((&dry_line["outcome"], &dry_line["results"]), (&real_line["outcome"], &real_line["results"]));
        let outcome = dry_line["outcome"].as_str().unwrap();
        let stage = dry_line["stage"].as_str().unwrap();
        let labels = format!("{{kind=\"Pod\",mode=\"enforce\",outcome=\"{outcome}\",stage=\"{stage}\"}}");
        assert_eq!(
            server.metric(&format!("dapr_preflight_admission_requests_total{labels}")),
            2.0,
            "counted both times"
        );
    }
}

#[test]
fn under_a_ceiling_of_audit_every_path_only_records() {
    let server = Server::start(&["--ceiling", "audit"]);
    let mut client = server.connect();
    for (name, path) in [
        ("mutate-create-pod-bare-dapr", "/mutate/enforce"),
        ("validate-create-pod-invalid-values", "/validate/enforce"),
        ("validate-create-pod-invalid-values", "/validate/warn"),
        ("validate-create-pod-invalid-values", "/validate/audit"),
    ] {
        let review = renamed(&read(captured(name)), path);
        let (response, line) = decide(&server, &mut client, path, &review);
        let said: Vec<_> = response.as_object().unwrap().keys().collect();
        assert_eq!(said, ["allowed", "auditAnnotations", "uid"], "{path}");
        assert_eq!((&response["allowed"], &line["outcome"]), (&json!(true), &json!("allowed")), "{path}");
        assert_eq!((&response["auditAnnotations"]["mode"], &line["mode"]), (&json!("audit"), &json!("audit")));
        assert!(did(&line, "sidecar-resources", "recorded"), "{path}: {line}");
    }
    assert_eq!(server.metric(r#"dapr_preflight_rule_results_total{effect="edited",rule="sidecar-resources"}"#), 0.0);
}

#[test]
fn a_body_without_uid_an_unknown_path_and_a_wrong_method_are_answered_with_a_status() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    for (path, code) in [("/mutate/enforce", 400), ("/nowhere", 404)] {
        let response = client.post(path, b"{}");
        assert_eq!((response.status, &response.json()["kind"]), (code, &json!("Status")));
    }
    client.send(b"GET /mutate/enforce HTTP/1.1\r\nhost: webhook\r\n\r\n");
    let response = client.receive().unwrap();
    assert_eq!((response.status, response.header("allow")), (405, Some("POST")));
    // On the same connection.
    assert_eq!(client.post("/mutate/enforce", &captured(REVIEW)).status, 200);
    for code in [400, 404, 405] {
        assert_eq!(server.metric(&format!("dapr_preflight_http_errors_total{{code=\"{code}\"}}")), 1.0);
    }
}

#[test]
fn a_body_that_says_it_is_too_long_is_refused_before_it_is_sent() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    client.send(head("/mutate/enforce", (8 << 20) + 1).as_bytes());
    let response = client.receive().unwrap();
    assert_eq!((response.status, response.header("connection")), (413, Some("close")));
    assert_eq!(response.json()["reason"], "RequestEntityTooLarge");
    client.closed();
}

#[test]
fn a_peer_that_sends_all_of_a_body_too_long_before_it_reads_still_learns_why() {
    let server = Server::start(&["--max-body-bytes", "100000"]);
    let body = vec![b' '; 12 << 20];
    let mut known = server.connect();
    known.send(head("/mutate/enforce", body.len()).as_bytes());
    known.send(&body);
    let mut chunked = server.connect();
    chunked.send(b"POST /mutate/enforce HTTP/1.1\r\nhost: webhook\r\ntransfer-encoding: chunked\r\n\r\n");
    for piece in body.chunks(50_000) {
        chunked.send(format!("{:x}\r\n", piece.len()).as_bytes());
        chunked.send(piece);
        chunked.send(b"\r\n");
    }
    chunked.send(b"0\r\n\r\n");
    for mut client in [known, chunked] {
        assert_eq!(client.receive().unwrap().json()["code"], 413);
    }
    assert_eq!(server.post("/mutate/enforce", &captured(REVIEW)).status, 200);
}

#[test]
fn a_review_sent_in_chunks_is_read() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let body = captured(REVIEW);
    client.send(b"POST /mutate/enforce HTTP/1.1\r\nhost: webhook\r\ntransfer-encoding: chunked\r\n\r\n");
    for piece in body.chunks(1000) {
        client.send(format!("{:x}\r\n{}\r\n", piece.len(), std::str::from_utf8(piece).unwrap()).as_bytes());
    }
    client.send(b"0\r\n\r\n");
    assert_eq!(client.receive().unwrap().status, 200);
    assert_eq!(client.post("/mutate/enforce", &body).status, 200);
}

#[test]
fn http_2_is_never_agreed_on() {
    let server = Server::start(&[]);
    let connect = |protocols: &[&str]| {
        let mut config = trusting_anything();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Client::try_connect(server.listen, config)
    };
    assert_eq!(connect(&["h2", "http/1.1"]).unwrap().protocol(), Some(&b"http/1.1"[..]));
    assert!(connect(&["h2"]).is_err());
    assert_eq!(connect(&[]).unwrap().post("/mutate/enforce", &captured(REVIEW)).status, 200);
}

#[test]
fn an_idle_connection_is_used_again_after_95_seconds_and_closed_after_120() {
    let server = Server::start(&[]);
    let review = captured(REVIEW);
    let mut used = server.connect();
    assert_eq!(used.post("/mutate/enforce", &review).status, 200);
    let mut unused = server.connect();
    let mut forgotten = server.connect();
    assert_eq!(forgotten.post("/mutate/enforce", &review).status, 200);
    let begun = Instant::now();
    thread::sleep(Duration::from_secs(95));
    for client in [&mut used, &mut unused] {
        assert_eq!(client.post("/mutate/enforce", &review).status, 200);
    }
    thread::sleep(Duration::from_secs(15));
    forgotten.closed();
    let closed = begun.elapsed();
    assert!((119.9..122.0).contains(&closed.as_secs_f64()), "{closed:?}");
    assert_eq!(used.post("/mutate/enforce", &review).status, 200);
}

#[test]
fn a_head_that_does_not_end_is_cut_five_seconds_after_its_first_byte_and_an_idle_peer_is_not() {
    let server = Server::start(&[]);
    let mut idle = server.connect();
    let mut silent = server.connect();
    let mut slow = server.connect();
    assert_eq!(slow.post("/mutate/enforce", &captured(REVIEW)).status, 200);
    // If the deadline counted from the last answer, it would pass four seconds too early.
    thread::sleep(Duration::from_secs(4));

    silent.send(b"POST /mutate/enf");
    let begun = Instant::now();
    let byte_by_byte = thread::spawn(move || {
        while slow.try_send(b"P").is_ok() {
            assert!(begun.elapsed() < Duration::from_secs(9), "a byte a second is still read");
            thread::sleep(Duration::from_secs(1));
        }
        begun.elapsed()
    });
    silent.closed();
    let cut = begun.elapsed();
    assert!((4.9..6.0).contains(&cut.as_secs_f64()), "{cut:?}");
    assert!(byte_by_byte.join().unwrap() > Duration::from_millis(4900));
    assert_eq!(idle.post("/mutate/enforce", &captured(REVIEW)).status, 200);
}

#[test]
fn a_handshake_that_never_ends_is_cut_after_ten_seconds() {
    let server = Server::start(&[]);
    let mut peer = TcpStream::connect(server.listen).unwrap();
    peer.set_read_timeout(Some(common::PATIENCE)).unwrap();
    let begun = Instant::now();
    assert_eq!(std::io::Read::read(&mut peer, &mut [0]).unwrap(), 0);
    let cut = begun.elapsed();
    assert!((9.9..11.0).contains(&cut.as_secs_f64()), "{cut:?}");
    assert_eq!(server.metric("dapr_preflight_tls_handshake_failures_total"), 1.0);
}

#[test]
fn a_peer_that_connects_and_leaves_is_no_failure() {
    let server = Server::start(&[]);
    drop(TcpStream::connect(server.listen).unwrap());
    let mut other = TcpStream::connect(server.listen).unwrap();
    std::io::Write::write_all(&mut other, b"GET / HTTP/1.1\r\n\r\n").unwrap();
    server.logged(|line| line["message"] == "no TLS with a peer");
    assert_eq!(server.metric("dapr_preflight_tls_handshake_failures_total"), 1.0);
}

#[test]
fn health_and_metrics_answer_on_the_plain_port() {
    let server = Server::start(&[]);
    assert_eq!((server.ops("/livez").status, server.ops("/readyz").status), (200, 200));
    let metrics = server.ops("/metrics");
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(server.metric(&format!("dapr_preflight_build_info{{version=\"{version}\"}}")), 1.0);
    assert_eq!(server.ops("/mutate/enforce").status, 404);
}

#[test]
fn requests_do_not_wait_for_a_log_that_nobody_reads() {
    let mut server = Server::start_reading(&[], 3);
    let mut client = server.connect();
    let dropped = || server.metric("dapr_preflight_log_lines_dropped_total");
    let begun = Instant::now();
    while dropped() == 0.0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the log has no end");
        for _ in 0..500 {
            assert_eq!(client.post("/mutate/enforce", &captured(REVIEW)).status, 200);
        }
    }
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn requests_in_flight_are_finished_when_the_process_is_asked_to_end() {
    let mut server = Server::start(&[]);
    let body = captured(REVIEW);
    let (begun, rest) = body.split_at(1000);
    let mut kept = server.connect();
    assert_eq!(kept.post("/mutate/enforce", &body).status, 200);
    let mut in_body = server.connect();
    in_body.send(head("/mutate/enforce", body.len()).as_bytes());
    in_body.send(begun);
    let mut in_head = server.connect();
    assert_eq!(in_head.post("/mutate/enforce", &body).status, 200);
    in_head.send(b"POST /mutate/enforce HTTP/1.1\r\nhost: web");
    wait_until(|| server.metric("dapr_preflight_requests_in_flight") == 1.0);

    server.signal("TERM");
    kept.closed();
    assert_eq!(server.ops("/readyz").status, 503);
    assert_eq!(server.ops("/livez").status, 200);
    assert!(TcpStream::connect(server.listen).is_err(), "still accepting");
    in_body.send(rest);
    in_head.send(format!("hook\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
    in_head.send(&body);
    for mut client in [in_body, in_head] {
        let response = client.receive().unwrap();
        assert_eq!((response.status, response.header("connection")), (200, Some("close")));
        client.closed();
    }
    assert_eq!(server.ended().code(), Some(0));
    let uid = &serde_json::from_slice::<Value>(&body).unwrap()["request"]["uid"];
    assert_eq!(server.log().iter().filter(|line| line["uid"] == *uid).count(), 4, "the log is flushed at the end");
}

#[test]
fn requests_that_do_not_finish_are_cut_when_time_runs_out() {
    let mut server = Server::start(&["--shutdown-timeout-seconds", "1"]);
    let mut client = hanging(&server);
    server.signal("INT");
    client.closed();
    assert_eq!(server.ended().code(), Some(1));
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    let mut server = Server::start(&[]);
    let _client = hanging(&server);
    server.signal("TERM");
    server.logged(|line| line["message"] == "draining");
    let begun = Instant::now();
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(1));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

fn read(review: Vec<u8>) -> Value {
    serde_json::from_slice(&review).unwrap()
}

/// The same review under another uid, by which its line in the log is found.
fn renamed(review: &Value, uid: &str) -> Value {
    let mut review = review.clone();
    review["request"]["uid"] = json!(uid);
    review
}

/// Sends a review; the response, and its line in the log, which says what was asked and how long it took.
fn decide(server: &Server, client: &mut Client, path: &str, review: &Value) -> (Value, Value) {
    let answer = client.post(path, review.to_string().as_bytes());
    assert_eq!(answer.status, 200);
    let request = &review["request"];
    let line = server.logged(|line| {
        let at =
            format!("/{}/{}", line["stage"].as_str().unwrap_or_default(), line["mode"].as_str().unwrap_or_default());
        let here = at == path || line["mode"] == "audit";
        line["message"] == "decision" && here && line["uid"] == request["uid"] && line["dry_run"] == request["dryRun"]
    });
    for (field, asked) in [("namespace", &request["namespace"]), ("kind", &request["kind"]["kind"])] {
        assert_eq!(&line[field], asked);
    }
    let metadata = &request["object"]["metadata"];
    let name = metadata["name"].as_str().or(metadata["generateName"].as_str()).unwrap();
    assert_eq!((&line["name"], &line["operation"]), (&json!(name), &json!("CREATE")));
    assert!(line["micros"].as_u64().is_some_and(|micros| micros < 1_000_000), "{line}");
    (answer.json()["response"].clone(), line)
}

/// Whether a finding of the rule did that, as the log has it.
fn did(line: &Value, rule: &str, effect: &str) -> bool {
    line["results"].as_array().unwrap().contains(&json!({ "rule": rule, "effect": effect }))
}

/// The review with its object as the API server makes it of the response's patch.
fn patched(review: &Value, response: &Value) -> Value {
    assert_eq!((&response["allowed"], &response["patchType"]), (&json!(true), &json!("JSONPatch")));
    let patch = STANDARD.decode(response["patch"].as_str().unwrap()).unwrap();
    let patch: json_patch::Patch = serde_json::from_slice(&patch).unwrap();
    let mut after = review.clone();
    json_patch::patch(&mut after["request"]["object"], &patch).unwrap();
    after
}

/// What the captured `bare-dapr` pod, which says next to nothing, is to be given.
fn is_ready_for_production(pod: &Value) {
    let annotations = &pod["metadata"]["annotations"];
    for (key, value) in [
        ("dapr.io/enabled", "true"),
        ("dapr.io/app-id", "bare-dapr"),
        ("dapr.io/app-port", "3000"),
        ("dapr.io/sidecar-cpu-request", "100m"),
        ("dapr.io/sidecar-cpu-limit", "300m"),
        ("dapr.io/sidecar-memory-request", "128Mi"),
        ("dapr.io/sidecar-memory-limit", "256Mi"),
        ("dapr.io/env", "GOMEMLIMIT=230MiB"),
    ] {
        assert_eq!(annotations[key], value, "{key}");
    }
    assert_eq!(pod["metadata"]["labels"]["dapr.io/app-id"], "bare-dapr");
    let spread = json!([{
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": { "matchLabels": { "dapr.io/app-id": "bare-dapr" } },
        "matchLabelKeys": ["pod-template-hash"],
        "nodeTaintsPolicy": "Honor",
    }]);
    assert_eq!(pod["spec"]["topologySpreadConstraints"], spread);
    assert_eq!(pod["spec"]["terminationGracePeriodSeconds"], 30, "a service asks for no more");
}

/// 403, and every finding in the message and in the causes.
fn is_a_whole_refusal(response: &Value) {
    assert_eq!((&response["allowed"], &response["status"]["code"]), (&json!(false), &json!(403)));
    let message = response["status"]["message"].as_str().unwrap();
    let causes = response["status"]["details"]["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 7, "{message}");
    for cause in causes {
        let [rule, field, text] = ["reason", "field", "message"].map(|key| cause[key].as_str().unwrap());
        assert!(message.contains(&format!("[{rule}] {field}: {text}")), "{cause}\n{message}");
    }
    assert!(message.contains("\"256megs\" is no quantity"), "{message}");
    let warnings = response["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|line| line.as_str().unwrap().contains("dapr.io/app-max-concurrency")), "{warnings:?}");
}

/// A connection with a request that has begun and does not end.
fn hanging(server: &Server) -> Client {
    let mut client = server.connect();
    client.send(head("/mutate/enforce", 100).as_bytes());
    wait_until(|| server.metric("dapr_preflight_requests_in_flight") == 1.0);
    client
}
