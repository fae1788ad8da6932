//! `tests/image/run`: what the image holds, without a container engine. The same script that the Dockerfile runs builds the
//! binary; it is then alone in a root folder, under the image's user.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a check that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where the check's own name server listens: loopback, and nobody's.
const NAME_SERVER: &str = "127.0.0.53:53";

fn main() {
    let binary = PathBuf::from(std::env::args().nth(1).expect("start this by tests/image/run"));
    is_what_the_dockerfile_builds();
    println!("ok     the Dockerfile builds what is checked here, for a user that is not root");
    is_static_and_small(&binary);
    let root = root_with(&binary);
    serves(&root);
    println!("ok     alone in its root folder, as user 65532, it serves TLS");
    println!("ok     it has no seam: what makes a debug build panic is a review like any other");
    for (how, name) in [("/etc/hosts", "by-file.test"), ("DNS", "by-dns.test")] {
        resolves(&root, name);
        println!("ok     alone in its root folder it resolves a name by {how}");
    }
    fs::remove_dir_all(&root).unwrap();
    println!("6 passed, 0 failed");
}

fn is_what_the_dockerfile_builds() {
    let dockerfile = fs::read_to_string("Dockerfile").unwrap();
    let (build, image) = dockerfile.split_once("FROM scratch").unwrap();
    assert!(build.contains("RUN deploy/image/build /out/dapr-preflight\n"));
    assert!(image.contains("COPY --from=build /out/dapr-preflight /dapr-preflight\nUSER 65532:65532\n"));
    assert!(image.contains("ENTRYPOINT [\"/dapr-preflight\"]"));
    // The compiler of the image is the one that the package asks for.
    let wanted = fs::read_to_string("Cargo.toml").unwrap();
    let wanted = wanted.lines().find_map(|line| line.strip_prefix("rust-version = \"")).unwrap().trim_end_matches('"');
    assert!(build.contains(&format!("library/rust:{wanted}-")), "the Dockerfile's Rust is not {wanted}");
}

fn is_static_and_small(binary: &Path) {
    let headers =
        Command::new("readelf").args(["--wide", "--program-headers", "--dynamic"]).arg(binary).output().unwrap();
    let headers = String::from_utf8(headers.stdout).unwrap();
    assert!(headers.contains("LOAD"), "{headers}");
    assert!(!headers.contains("INTERP") && !headers.contains("(NEEDED)"), "it needs others:\n{headers}");
    let size = fs::metadata(binary).unwrap().len();
    assert!(size < 20_000_000, "{size} bytes");
    println!("ok     it is static, and has {:.1} MB", size as f64 / 1e6);
}

/// A folder with nothing but the binary, and the two files that a kubelet mounts into every container.
fn root_with(binary: &Path) -> PathBuf {
    let root = std::env::temp_dir().join(format!("dapr-preflight-image-{}", std::process::id()));
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::copy(binary, root.join("dapr-preflight")).unwrap();
    fs::write(root.join("etc/hosts"), "127.0.0.1 localhost by-file.test\n").unwrap();
    fs::write(root.join("etc/resolv.conf"), format!("nameserver {}\n", NAME_SERVER.split(':').next().unwrap()))
        .unwrap();
    root
}

fn inside(root: &Path, arguments: &[&str]) -> Child {
    Command::new("chroot")
        .args(["--userspec=65532:65532", root.to_str().unwrap(), "/dapr-preflight", "serve", "--log-format=json"])
        .args(["--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0"])
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("KUBECONFIG", "/kubeconfig")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn serves(root: &Path) {
    let mut process = inside(root, &[]);
    let mut log = std::io::BufReader::new(process.stderr.take().unwrap());
    let address = loop {
        let mut line = String::new();
        assert!(std::io::BufRead::read_line(&mut log, &mut line).unwrap() > 0, "it ended");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        if line["message"] == "ready" {
            break line["listen"].as_str().unwrap().parse().unwrap();
        }
    };
    let review = fs::read("tests/data/admission-reviews/mutate-create-pod-bare-dapr.json").unwrap();
    let response = common::Client::connect(address, common::trusting_anything()).post("/mutate/enforce", &review);
    assert_eq!(response.status, 200);
    assert!(response.json()["response"]["patch"].is_string(), "{}", response.text());
    has_no_seam(address, &review);
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Tests of debug builds bring a panic about by the uid of a review. The words are taken from where they are, so that none
/// is forgotten; to look for them in the binary would prove nothing, since a short word is compared as a number.
fn has_no_seam(address: std::net::SocketAddr, review: &[u8]) {
    let seam = fs::read_to_string("src/server/webhook/seam.rs").unwrap();
    let words: Vec<&str> = seam.split('"').filter(|word| word.starts_with("seam:")).collect();
    assert!(words.contains(&"seam:panic"), "{words:?}");
    for word in words {
        let mut review: serde_json::Value = serde_json::from_slice(review).unwrap();
        review["request"]["uid"] = word.into();
        let mut client = common::Client::connect(address, common::trusting_anything());
        let response = client.post("/mutate/enforce", review.to_string().as_bytes());
        assert_eq!((response.status, &response.json()["response"]["uid"]), (200, &review["request"]["uid"]), "{word}");
    }
}

/// It looks for an API server under this name, and comes.
fn resolves(root: &Path, name: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let server = format!("http://{name}:{}", listener.local_addr().unwrap().port());
    // As the service account has it: without an authority it would look for the system's, and there is no system.
    let authority = rcgen::generate_simple_self_signed(["authority".to_owned()]).unwrap().cert.pem();
    let authority = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, authority);
    let kubeconfig = serde_json::json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{ "name": "c", "cluster": { "server": server, "certificate-authority-data": authority } }],
        "contexts": [{ "name": "c", "context": { "cluster": "c", "user": "u" } }],
        "users": [{ "name": "u", "user": {} }],
    });
    fs::write(root.join("kubeconfig"), kubeconfig.to_string()).unwrap();
    let names = UdpSocket::bind(NAME_SERVER).unwrap();
    names.set_nonblocking(true).unwrap();
    let mut process = inside(root, &["--watch"]);
    let begun = Instant::now();
    let mut stream = loop {
        answer_one(&names);
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{name} was not resolved");
    };
    stream.set_nonblocking(false).unwrap();
    let mut head = [0; 64];
    let length = stream.read(&mut head).unwrap();
    assert!(
        head[..length].starts_with(b"GET /apis/dapr-preflight.io/v1alpha1/"),
        "{:?}",
        String::from_utf8_lossy(&head)
    );
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Answers a question for an address with 127.0.0.1, and every other one with nothing.
fn answer_one(names: &UdpSocket) {
    let mut packet = [0; 512];
    let Ok((length, from)) = names.recv_from(&mut packet) else { return };
    let end = 12 + packet[12..length].iter().position(|byte| *byte == 0).unwrap() + 5;
    let is_address = packet[end - 4..end - 2] == [0, 1];
    let mut reply = packet[..end].to_vec();
    reply[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(is_address), 0, 0, 0, 0]);
    if is_address {
        reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    }
    names.send_to(&reply, from).unwrap();
}
