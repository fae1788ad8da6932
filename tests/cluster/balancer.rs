//! What a Service does for two replicas: each new connection goes to the next one that takes it.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Listens on loopback for as long as the process lives.
pub struct Balancer {
    port: u16,
    backends: Arc<Mutex<[u16; 2]>>,
}

impl Balancer {
    /// Between these two ports.
    pub fn between(backends: [u16; 2]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let backends = Arc::new(Mutex::new(backends));
        let theirs = Arc::clone(&backends);
        thread::spawn(move || {
            for (turn, client) in listener.incoming().flatten().enumerate() {
                let backends = *theirs.lock().unwrap();
                let mut in_turn = backends.iter().cycle().skip(turn % 2).take(2);
                if let Some(server) = in_turn.find_map(|&backend| TcpStream::connect(("127.0.0.1", backend)).ok()) {
                    pipe(client.try_clone().unwrap(), server.try_clone().unwrap());
                    pipe(server, client);
                }
            }
        });
        Self { port, backends }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// New connections go to another port instead.
    pub fn replace(&self, old: u16, new: u16) {
        self.backends.lock().unwrap().iter_mut().filter(|backend| **backend == old).for_each(|backend| *backend = new);
    }
}

fn pipe(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        // An end with an error is an end.
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    });
}
