//! Too much at once, and too late.

use std::thread;
use std::time::Duration;

use crate::common::{Response, Server, captured, head, wait_until};
use crate::others::{PATH, REVIEW, is_quiet, undisturbed};

/// HTTP 503 as the API server reads it: an error for the failure policy, and no invitation to come back.
fn is_turned_away(response: &Response, flag: &str) {
    let status = response.json();
    assert_eq!((response.status, &*status["reason"].to_string()), (503, "\"ServiceUnavailable\""));
    assert!(status["message"].as_str().unwrap().contains(flag), "{status}");
    assert_eq!(response.header("retry-after"), None);
}

#[test]
fn a_review_that_comes_too_late_for_its_timeout_is_answered_before_that_and_not_worked_on() {
    let server = Server::start(&[]);
    let body = captured(REVIEW);
    undisturbed(&server, || {
        let mut client = server.connect();
        client.send(head("/mutate/enforce?timeout=1s", body.len()).as_bytes());
        client.send(&body[..1000]);
        // Ten seconds before the flag would cut it.
        let response = client.receive().unwrap();
        assert_eq!((response.status, &response.json()["reason"]), (504, &"Timeout".into()));
    });
    assert_eq!(server.metric("dapr_preflight_deadline_misses_total"), 1.0);
    for garbage in ["", "?", "?timeout", "?timeout=", "?timeout=soon", "?timeout=-1s", "?dryRun=true&timeout=1h"] {
        assert_eq!(server.post(&format!("/mutate/enforce{garbage}"), &body).status, 200, "{garbage}");
    }
    assert_eq!(server.metric("dapr_preflight_deadline_misses_total"), 1.0);
}

#[test]
fn a_request_too_many_is_turned_away_at_once() {
    let server = Server::start(&["--max-requests", "2"]);
    let body = captured(REVIEW);
    let mut kept = server.connect();
    let begin = |_| {
        let mut client = server.connect();
        client.send(head(PATH, body.len()).as_bytes());
        client
    };
    let slow = [0, 1].map(begin);
    wait_until(|| server.metric("dapr_preflight_requests_in_flight") == 2.0);
    is_turned_away(&kept.post(PATH, &body), "--max-requests");
    for mut client in slow {
        client.send(&body);
        assert_eq!(client.receive().unwrap().status, 200);
    }
    assert_eq!(server.post(PATH, &body).status, 200);
    assert_eq!(server.metric("dapr_preflight_shed_total{limit=\"max-requests\"}"), 1.0);
}

#[test]
fn long_bodies_wait_for_room_and_one_too_many_does_not() {
    let server = Server::start(&["--max-body-bytes", "200000", "--max-buffered-bytes", "200000", "--max-waiting", "1"]);
    let long = [&captured(REVIEW)[..], &[b' '; 150_000]].concat();
    let buffered = || server.metric("dapr_preflight_buffered_bytes");
    undisturbed(&server, || {
        let mut first = server.connect();
        first.send(head(PATH, long.len()).as_bytes());
        first.send(&long[..100_000]);
        wait_until(|| buffered() > 150_000.0);
        thread::scope(|scope| {
            let second = scope.spawn(|| server.post(PATH, &long).status);
            wait_until(|| server.metric("dapr_preflight_requests_waiting") == 1.0);
            is_turned_away(&server.post(PATH, &long), "--max-waiting");
            first.send(&long[100_000..]);
            assert_eq!(first.receive().unwrap().status, 200);
            assert_eq!(second.join().unwrap(), 200);
        });
    });
    assert_eq!(server.metric("dapr_preflight_shed_total{limit=\"max-waiting\"}"), 1.0);
    wait_until(|| buffered() == 0.0);
}

#[test]
fn memory_stays_bounded_whatever_is_sent_at_once() {
    let server = Server::start(&["--max-body-bytes", "4000000", "--max-buffered-bytes", "8000000"]);
    let before = server.peak();
    let long = [&captured(REVIEW)[..], &vec![b' '; 3_900_000]].concat();
    let most = || server.metric("dapr_preflight_buffered_bytes");
    let codes = undisturbed(&server, || {
        thread::scope(|scope| {
            let sent: Vec<_> = (0..20).map(|_| scope.spawn(|| server.post("/mutate/enforce", &long).status)).collect();
            while sent.iter().any(|sent| !sent.is_finished()) {
                assert!(most() <= 8_000_000.0);
                thread::sleep(Duration::from_millis(20));
            }
            sent.into_iter().map(|sent| sent.join().unwrap()).collect::<Vec<_>>()
        })
    });
    // Without a limit it would be 78 MB, and the process.
    let grown = server.peak() - before;
    assert!(grown < 40.0, "{grown} MiB more than {before}");
    // On a slow machine some find no room in time.
    assert!(codes.iter().all(|code| [200, 408].contains(code)) && codes.contains(&200), "{codes:?}");
    wait_until(|| is_quiet(&server));
}
