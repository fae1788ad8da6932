//! `serve` against the floor: the least that any webhook in this stack can cost.
//!
//! `cargo bench --bench server [-- --rounds 5 --seconds 3 --connections 16 --requests 0 --starts 20]`
//!
//! The floor is what one would write with axum and rustls if there were nothing to do: it finds the uid by a byte
//! search and answers a constant patch, without log, metrics and deadlines. Each server has one core, the client
//! has another; rounds alternate. `--requests 1000000` also says what is resident after so many.
//!
//! The client never sleeps: a server pays for waking it, and the slower one, which it waits for more often, would pay more.

#[path = "support/floor.rs"]
mod floor;
mod support;

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream as AsyncTcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

#[derive(Parser)]
struct Args {
    /// Alternating rounds.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Length of a round.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Kept connections, each with one request at a time.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Requests before memory is measured; 0 for as many as the rounds made.
    #[arg(long, default_value_t = 0)]
    requests: u64,
    /// Starts of which the time to readiness is taken.
    #[arg(long, default_value_t = 20)]
    starts: usize,
    /// What is sent: a pod that lacks five things, one that lacks nothing, or one that Dapr has nothing to do with: then
    /// everything is done but rules and patch.
    #[arg(long, default_value = "wanting", value_parser = ["wanting", "complete", "foreign"])]
    pod: String,
    /// Be the floor, with the certificate in this directory.
    #[arg(long, hide = true)]
    floor: Option<PathBuf>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    // `cargo test --benches` gives no `--bench`: it only wants to know that this compiles.
    if !std::env::args().any(|argument| argument == "--bench" || argument == "--floor") {
        return;
    }
    let args = Args::parse();
    match &args.floor {
        Some(directory) => floor::serve(directory),
        None => compare(&args),
    }
}

fn compare(args: &Args) {
    pin_to(std::process::id(), 1);
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-tls");
    let root = certificates(&directory);
    start_times(args.starts, &directory);

    let serve = Process::start("serve", &directory);
    let floor = Process::start("floor", &directory);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().event_interval(1).build().unwrap();
    runtime.spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    let round = |process: &Process, limit| {
        let before = process.cpu_time();
        let mut load = runtime.block_on(load(process.listen, &root, args, limit));
        load.cpu = (process.cpu_time() - before).as_secs_f64() * 1e6 / load.requests as f64;
        load
    };
    let time = Limit::Time(Duration::from_secs(args.seconds));
    for process in [&serve, &floor] {
        round(process, Limit::Time(Duration::from_millis(500)));
    }
    println!("\nround  requests/s: serve   floor  ratio   cpu µs: serve  floor  ratio   p50/p99 µs: serve, floor");
    let (mut rps, mut cpu, mut sent) = (Vec::new(), Vec::new(), 0);
    for number in 1..=args.rounds {
        let (ours, theirs) = if number % 2 == 0 {
            let theirs = round(&floor, time);
            (round(&serve, time), theirs)
        } else {
            let ours = round(&serve, time);
            (ours, round(&floor, time))
        };
        sent += ours.requests;
        rps.push(ours.rps / theirs.rps);
        cpu.push(theirs.cpu / ours.cpu);
        println!(
            "{number:>5} {:>18.0} {:>7.0} {:>6.3} {:>15.2} {:>6.2} {:>6.3}   {}/{}, {}/{}",
            ours.rps,
            theirs.rps,
            ours.rps / theirs.rps,
            ours.cpu,
            theirs.cpu,
            theirs.cpu / ours.cpu,
            ours.p50,
            ours.p99,
            theirs.p50,
            theirs.p99
        );
    }
    println!("median {:>32.3} {:>29.3}", median(rps), median(cpu));
    if args.requests > sent {
        round(&serve, Limit::Requests(args.requests - sent));
        sent = args.requests;
    }
    println!("\nresident after {sent} requests: serve {:.1} MiB, floor {:.1} MiB", serve.resident(), floor.resident());
}

/// From the start of the process to the first `/readyz` that says yes.
fn start_times(starts: usize, directory: &Path) {
    let times = (0..starts)
        .map(|_| {
            let free = |_| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
            let [listen, ops] = [0, 1].map(free);
            let begun = Instant::now();
            let mut child = Command::new(env!("CARGO_BIN_EXE_dapr-preflight"))
                .args(["serve", "--listen", &listen, "--ops-listen", &ops, "--tls-dir"])
                .arg(directory)
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            while !is_ready(&ops) {
                thread::sleep(Duration::from_micros(200));
            }
            let took = begun.elapsed();
            child.kill().unwrap();
            child.wait().unwrap();
            took.as_secs_f64() * 1e3
        })
        .collect();
    println!("start to ready, certificates on disk: median of {starts}: {:.1} ms", median(times));
}

fn is_ready(ops: &str) -> bool {
    let ask = || -> io::Result<bool> {
        let mut stream = TcpStream::connect(ops)?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: ops\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}

/// A server on a core of its own.
struct Process {
    child: Child,
    listen: SocketAddr,
}

impl Process {
    fn start(which: &str, directory: &Path) -> Self {
        let mut command = match which {
            "serve" => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_dapr-preflight"));
                command.args(["serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"]);
                command.args(["--threads", "1", "--log-format", "json", "--tls-dir"]);
                command
            }
            _ => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.arg("--floor");
                command
            }
        };
        let mut child = command.arg(directory).stderr(Stdio::piped()).spawn().unwrap();
        pin_to(child.id(), 0);
        // Somebody reads the log, as a container runtime does.
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut ready = String::new();
        stderr.read_line(&mut ready).unwrap();
        thread::spawn(move || io::copy(&mut stderr, &mut io::sink()));
        let line: serde_json::Value = serde_json::from_str(&ready).unwrap();
        Self { child, listen: line["listen"].as_str().unwrap().parse().unwrap() }
    }

    /// What all threads together have used of the processor.
    fn cpu_time(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let spent = tasks.map(|task| {
            let text = fs::read_to_string(task.unwrap().path().join("schedstat")).unwrap();
            text.split(' ').next().unwrap().parse::<u64>().unwrap()
        });
        Duration::from_nanos(spent.sum())
    }

    fn resident(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Binds all threads of a process to one core, where the system can.
fn pin_to(process: u32, core: usize) {
    let pinned = Command::new("taskset")
        .args(["-a", "-p", "-c", &core.to_string(), &process.to_string()])
        .stdout(Stdio::null())
        .status();
    if !pinned.is_ok_and(|status| status.success()) {
        println!("process {process} is not bound to core {core}: no taskset, or no such core");
    }
}

#[derive(Clone, Copy)]
enum Limit {
    Time(Duration),
    Requests(u64),
}

struct Load {
    requests: u64,
    rps: f64,
    /// Processor time per request, in microseconds: says the same when somebody else uses the core as well.
    cpu: f64,
    p50: u32,
    p99: u32,
}

async fn load(address: SocketAddr, root: &CertificateDer<'static>, args: &Args, limit: Limit) -> Load {
    let mut streams = Vec::new();
    for _ in 0..args.connections {
        streams.push(connect(address, root).await);
    }
    let begun = Instant::now();
    let review = review(&args.pod);
    let workers = streams
        .into_iter()
        .map(|stream| tokio::spawn(work(stream, review.clone(), begun, limit, args.connections as u64)));
    let workers: Vec<_> = workers.collect();
    let mut latencies = Vec::new();
    for worker in workers {
        latencies.extend(worker.await.unwrap());
    }
    let rps = latencies.len() as f64 / begun.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let at = |share: f64| latencies[(latencies.len() as f64 * share) as usize];
    Load { requests: latencies.len() as u64, rps, cpu: 0.0, p50: at(0.5), p99: at(0.99) }
}

/// A review of about 6 KB.
fn review(pod: &str) -> String {
    match pod {
        "complete" => support::COMPLETE.to_owned(),
        "foreign" => support::COMPLETE.replace("dapr.io/", "rpad.io/"),
        _ => support::wanting(),
    }
}

/// One request after the other; the time that each took, in microseconds.
async fn work(
    mut stream: TlsStream<AsyncTcpStream>,
    review: String,
    begun: Instant,
    limit: Limit,
    workers: u64,
) -> Vec<u32> {
    let head = format!(
        "POST /mutate/enforce?timeout=10s HTTP/1.1\r\nHost: dapr-preflight.dapr-system.svc:443\r\n\
         User-Agent: kube-apiserver-admission\r\nContent-Length: {}\r\nAccept: application/json, */*\r\n\
         Content-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n",
        review.len()
    );
    let request = [head.as_bytes(), review.as_bytes()].concat();
    let mut latencies = Vec::new();
    let mut answer = vec![0; 64 * 1024];
    // The same request has an answer of the same length: it is looked for once.
    let mut length = None;
    loop {
        match limit {
            Limit::Time(time) if begun.elapsed() >= time => return latencies,
            Limit::Requests(number) if latencies.len() as u64 >= number.div_ceil(workers) => return latencies,
            _ => {}
        }
        let sent = Instant::now();
        stream.write_all(&request).await.unwrap();
        let mut read = 0;
        while length.is_none_or(|length| read < length) {
            let more = stream.read(&mut answer[read..]).await.unwrap();
            assert!(more > 0, "closed");
            read += more;
            length = length.or_else(|| full_length(&answer[..read]));
        }
        assert!(answer.starts_with(b"HTTP/1.1 200") && Some(read) == length, "another answer");
        latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
}

fn full_length(answer: &[u8]) -> Option<usize> {
    let head = memchr::memmem::find(answer, b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..head]).unwrap().to_lowercase();
    let (_, rest) = text.split_once("content-length: ").unwrap();
    Some(head + rest.split("\r\n").next().unwrap().parse::<usize>().unwrap())
}

async fn connect(address: SocketAddr, root: &CertificateDer<'static>) -> TlsStream<AsyncTcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = AsyncTcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::from(address.ip()), stream).await.unwrap()
}

/// Writes a pair, returns who has signed it.
fn certificates(directory: &Path) -> CertificateDer<'static> {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(["127.0.0.1".into()]).unwrap().self_signed(&key).unwrap();
    fs::create_dir_all(directory).unwrap();
    fs::write(directory.join("tls.crt"), certificate.pem()).unwrap();
    fs::write(directory.join("tls.key"), key.serialize_pem()).unwrap();
    certificate.der().clone()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
