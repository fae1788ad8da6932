//! What is sent, and what must come back.

use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::{Client, captured, head, trusting_anything};
use crate::hurtful;

/// Sends one; says what was wrong with the answer.
type Send = Box<dyn FnMut() -> Result<(), String>>;

/// A kind of traffic.
pub struct Kind {
    pub name: &'static str,
    pub threads: usize,
    pub sender: fn(SocketAddr) -> Send,
}

/// Everything at once; the first is what latencies are of.
pub const KINDS: &[Kind] = &[
    Kind { name: "valid", threads: 3, sender: valid },
    Kind { name: "dry run", threads: 1, sender: dry_run },
    Kind { name: "invalid", threads: 1, sender: invalid },
    Kind { name: "huge", threads: 1, sender: huge },
    Kind { name: "slow", threads: 2, sender: slow },
    Kind { name: "too slow", threads: 2, sender: too_slow },
    Kind { name: "aborted", threads: 1, sender: aborted },
    Kind { name: "strangers", threads: 1, sender: strangers },
];

/// Requests on one connection before it is closed.
const KEPT: usize = 500;

/// Captured reviews, each to its own path, on connections that are kept for a while.
fn valid(listen: SocketAddr) -> Send {
    reviews(
        listen,
        &["mutate-create-pod-order-service", "mutate-create-pod-bare-dapr", "validate-create-pod-order-service"],
    )
}

fn dry_run(listen: SocketAddr) -> Send {
    reviews(listen, &["mutate-create-pod-dry-dryrun", "validate-create-pod-dry-dryrun"])
}

fn reviews(listen: SocketAddr, names: &[&str]) -> Send {
    let all: Vec<_> = names
        .iter()
        .map(|name| {
            let body = captured(name);
            let uid = serde_json::from_slice::<Value>(&body).unwrap()["request"]["uid"].clone();
            (format!("/{}/enforce?timeout=10s", name.split('-').next().unwrap()), body, uid)
        })
        .collect();
    let (mut number, mut kept) = (0, None);
    Box::new(move || {
        let (path, body, uid) = &all[number % all.len()];
        number += 1;
        let mut client = match kept.take() {
            Some(client) => client,
            None => connect(listen)?,
        };
        is_answer(client.try_post(path, body), uid)?;
        kept = (number % KEPT != 0).then_some(client);
        Ok(())
    })
}

fn is_answer(response: std::io::Result<crate::common::Response>, uid: &Value) -> Result<(), String> {
    let response = response.map_err(|error| error.to_string())?;
    let good = response.status == 200 && &response.json()["response"]["uid"] == uid;
    if good { Ok(()) } else { Err(format!("{} {}", response.status, response.text())) }
}

/// What is no review, and no such place.
fn invalid(listen: SocketAddr) -> Send {
    let mut kept = None;
    Box::new(move || {
        let mut client = match kept.take() {
            Some(client) => client,
            None => connect(listen)?,
        };
        for (path, body, code) in
            [("/mutate/enforce", "{}", 400), ("/mutate/enforce", "no JSON", 400), ("/nowhere", "{}", 404)]
        {
            let response = client.try_post(path, body.as_bytes()).map_err(|error| error.to_string())?;
            if response.status != code {
                return Err(format!("{} instead of {code}", response.status));
            }
        }
        kept = Some(client);
        thread::sleep(Duration::from_millis(20));
        Ok(())
    })
}

/// Bodies made to hurt, as long as the API server lets a user send.
fn huge(listen: SocketAddr) -> Send {
    let bodies = hurtful::all(3 << 20);
    let mut number = 0;
    Box::new(move || {
        let (name, body) = &bodies[number % bodies.len()];
        number += 1;
        let response = connect(listen)?.try_post("/mutate/enforce?timeout=10s", body);
        thread::sleep(Duration::from_millis(100));
        is_answer(response, &"hurtful".into()).map_err(|error| format!("{name}: {error}"))
    })
}

/// A review that arrives in pieces, and arrives.
fn slow(listen: SocketAddr) -> Send {
    let body = captured("mutate-create-pod-order-service");
    let uid = serde_json::from_slice::<Value>(&body).unwrap()["request"]["uid"].clone();
    Box::new(move || {
        let mut client = connect(listen)?;
        let say = |error: std::io::Error| error.to_string();
        client.try_send(head("/mutate/enforce?timeout=10s", body.len()).as_bytes()).map_err(say)?;
        for piece in body.chunks(body.len() / 8) {
            client.try_send(piece).map_err(say)?;
            thread::sleep(Duration::from_millis(100));
        }
        is_answer(client.receive(), &uid)
    })
}

/// A review that does not arrive: it is answered with 408, or its timeout.
fn too_slow(listen: SocketAddr) -> Send {
    Box::new(move || {
        let mut client = connect(listen)?;
        client.try_send(head("/mutate/enforce?timeout=2s", 10_000).as_bytes()).map_err(|error| error.to_string())?;
        let response = client.receive().map_err(|error| error.to_string())?;
        if response.status == 504 { Ok(()) } else { Err(format!("{} instead of 504", response.status)) }
    })
}

/// Peers that leave: in the handshake, in the head, in the body, before the answer.
fn aborted(listen: SocketAddr) -> Send {
    let body = captured("mutate-create-pod-order-service");
    let whole = [head("/mutate/enforce", body.len()).as_bytes(), &body].concat();
    let mut number = 0;
    Box::new(move || {
        number += 1;
        if number % 4 == 0 {
            drop(TcpStream::connect(listen).map_err(|error| error.to_string())?);
        } else {
            let until = [20, 1000, whole.len()][number % 3];
            // It may be sooner than we are.
            let _ = connect(listen)?.try_send(&whole[..until]);
        }
        thread::sleep(Duration::from_millis(10));
        Ok(())
    })
}

/// Connections that say nothing, more in a while than there are places.
fn strangers(listen: SocketAddr) -> Send {
    Box::new(move || {
        let crowd: Vec<_> = (0..200).map_while(|_| TcpStream::connect(listen).ok()).collect();
        thread::sleep(Duration::from_secs(1));
        if crowd.len() == 200 { Ok(()) } else { Err(format!("only {} connected", crowd.len())) }
    })
}

fn connect(listen: SocketAddr) -> Result<Client, String> {
    Client::try_connect(listen, trusting_anything()).map_err(|error| format!("no connection: {error}"))
}

/// What came of one kind of traffic.
#[derive(Default)]
pub struct Tally {
    number: AtomicU64,
    failures: AtomicU64,
    first: Mutex<String>,
    /// Microseconds, since the last look at them.
    latencies: Mutex<Vec<u32>>,
}

impl Tally {
    pub fn time(&self, send: &mut Send) {
        let begun = Instant::now();
        let sent = send();
        let took = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.number.fetch_add(1, Ordering::Relaxed);
        self.latencies.lock().unwrap().push(took);
        if let Err(error) = sent {
            self.failures.fetch_add(1, Ordering::Relaxed);
            let mut first = self.first.lock().unwrap();
            if first.is_empty() {
                *first = error.chars().take(200).collect();
            }
        }
    }

    pub fn number(&self) -> u64 {
        self.number.load(Ordering::Relaxed)
    }

    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    pub fn first_failure(&self) -> String {
        self.first.lock().unwrap().clone()
    }

    /// Median, 99th percentile and maximum in milliseconds, since the last call.
    pub fn quantiles(&self) -> [f64; 3] {
        let mut latencies = std::mem::take(&mut *self.latencies.lock().unwrap());
        latencies.sort_unstable();
        let last = latencies.len().saturating_sub(1);
        [0.5, 0.99, 1.0]
            .map(|share| latencies.get((last as f64 * share) as usize).map_or(0.0, |micros| f64::from(*micros) / 1e3))
    }
}
