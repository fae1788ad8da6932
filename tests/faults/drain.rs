//! The end, in the middle of everything.

#[path = "../cluster/balancer.rs"]
mod balancer;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::{fs, thread};

use balancer::Balancer;

use crate::common::{Client, Server, captured, head, trusting_anything, wait_until};
use crate::others::{PATH, REVIEW};

#[test]
fn readiness_flips_first_then_answers_say_goodbye_then_connections_end() {
    let mut server = Server::start(&["--shutdown-delay-seconds", "3"]);
    let body = captured(REVIEW);
    let mut kept = server.connect();
    assert_eq!(kept.post(PATH, &body).header("connection"), None);
    let mut idle = server.connect();
    assert_eq!(idle.post(PATH, &body).status, 200);
    let mut in_flight = server.connect();
    in_flight.send(head("/mutate/enforce", body.len()).as_bytes());
    wait_until(|| server.metric("dapr_preflight_requests_in_flight") == 1.0);

    server.signal("TERM");
    wait_until(|| server.ops("/readyz").status == 503);
    // During the delay it serves, old connections and new ones, and asks everybody to use another.
    for mut client in [kept, server.connect()] {
        let response = client.post(PATH, &body);
        assert_eq!((response.status, response.header("connection")), (200, Some("close")));
        client.closed();
    }
    idle.closed();
    in_flight.send(&body);
    let response = in_flight.receive().unwrap();
    assert_eq!((response.status, response.header("connection")), (200, Some("close")));
    in_flight.closed();
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn a_second_signal_during_the_delay_ends_the_process_at_once() {
    let mut server = Server::start(&["--shutdown-delay-seconds", "600"]);
    server.signal("TERM");
    server.logged(|line| line["message"] == "draining");
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(1));
}

#[test]
fn no_request_fails_while_both_of_two_replicas_are_replaced_under_load() {
    let start = || Server::start(&["--shutdown-delay-seconds", "1"]);
    let mut replicas = [start(), start()];
    let balancer = Balancer::between([replicas[0].listen.port(), replicas[1].listen.port()]);
    let address = SocketAddr::from(([127, 0, 0, 1], balancer.port()));
    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| asks_like_an_api_server(address, &over, &answered));
        }
        for replica in &mut replicas {
            let next = start();
            let before = answered.load(Ordering::Relaxed);
            wait_until(|| answered.load(Ordering::Relaxed) > before + 50);
            replica.signal("TERM");
            // As a kubelet and an endpoint controller would.
            wait_until(|| replica.ops("/readyz").status == 503);
            balancer.replace(replica.listen.port(), next.listen.port());
            assert_eq!(replica.ended().code(), Some(0));
            *replica = next;
        }
        over.store(true, Ordering::Relaxed);
    });
}

/// Keeps its connection until it is asked not to. Any failure is one.
fn asks_like_an_api_server(address: SocketAddr, over: &AtomicBool, answered: &AtomicUsize) {
    let body = captured(REVIEW);
    let mut kept = None;
    while !over.load(Ordering::Relaxed) {
        let mut client = kept.take().unwrap_or_else(|| Client::connect(address, trusting_anything()));
        let response = client.post(PATH, &body);
        assert_eq!(response.status, 200);
        answered.fetch_add(1, Ordering::Relaxed);
        kept = (response.header("connection") != Some("close")).then_some(client);
    }
}

#[test]
fn the_grace_period_of_the_chart_is_longer_than_the_shutdown() {
    for file in ["deploy/chart/templates/deployment.yaml", "deploy/manifests.yaml"] {
        let text = fs::read_to_string(file).unwrap();
        let number = |name: &str| -> u64 {
            let rest = text.split_once(name).unwrap_or_else(|| panic!("no {name} in {file}")).1;
            rest.trim_start_matches([':', '=', ' ']).lines().next().unwrap().parse().unwrap()
        };
        let (delay, timeout) = (number("--shutdown-delay-seconds"), number("--shutdown-timeout-seconds"));
        let grace = number("terminationGracePeriodSeconds");
        assert!(grace >= delay + timeout + 3, "{file}: {grace} s for {delay} s and {timeout} s");
        // The probe sees it, and the endpoints follow, within the delay.
        assert!(delay >= 2 * number("periodSeconds"), "{file}");
        assert!(!text.contains("preStop"), "{file}: the delay is waited twice");
    }
}
