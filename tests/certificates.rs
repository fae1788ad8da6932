//! What `serve` proves its identity with, and what it says when it cannot.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{Client, Server, captured, preflight, trusting, wait_until};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SignatureAlgorithm};
use rustls::pki_types::CertificateDer;

#[test]
fn without_a_directory_the_certificate_is_self_signed_and_announced() {
    let server = Server::start(&[]);
    assert!(server.log().iter().any(announces), "{:?}", server.log());
}

#[test]
fn with_a_directory_nothing_is_self_signed() {
    let pki = Pki::new("given", &rcgen::PKCS_ECDSA_P256_SHA256);
    let server = Server::start(&["--tls-dir", pki.path()]);
    assert!(!server.log().iter().any(announces), "{:?}", server.log());
}

#[test]
fn a_chain_is_served_whole_with_every_kind_of_key() {
    let kinds = [
        ("ecdsa-p256", &rcgen::PKCS_ECDSA_P256_SHA256),
        ("ecdsa-p384", &rcgen::PKCS_ECDSA_P384_SHA384),
        ("ed25519", &rcgen::PKCS_ED25519),
        ("rsa", &rcgen::PKCS_RSA_SHA256),
    ];
    for (name, kind) in kinds {
        Pki::new(name, kind).serves();
    }
}

#[test]
fn keys_in_their_older_forms_are_read() {
    let pki = Pki::new("sec1", &rcgen::PKCS_ECDSA_P256_SHA256);
    pki.write_key(&format!(
        "{}{}",
        pem("EC PARAMETERS", b"\x06\x08*\x86H\xce=\x03\x01\x07"),
        pem("EC PRIVATE KEY", inner(&pki.key))
    ));
    pki.serves();
    let pki = Pki::new("pkcs1", &rcgen::PKCS_RSA_SHA256);
    pki.write_key(&pem("RSA PRIVATE KEY", inner(&pki.key)));
    pki.serves();
}

#[test]
fn a_secret_volume_is_swapped_ten_times_and_every_new_certificate_is_served_without_a_failed_request() {
    let pkis: Vec<_> =
        (0..11).map(|nth| Pki::new(&format!("rotation-{nth}"), &rcgen::PKCS_ECDSA_P256_SHA256)).collect();
    // As the kubelet lays a Secret out: files that link into `..data`, which links to the newest state.
    let volume = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("certificates/volume");
    let _ = fs::remove_dir_all(&volume);
    fs::create_dir_all(&volume).unwrap();
    let point_at = |pki: &Pki| {
        std::os::unix::fs::symlink(&pki.directory, volume.join("..data_tmp")).unwrap();
        fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
    };
    point_at(&pkis[0]);
    for name in ["tls.crt", "tls.key"] {
        std::os::unix::fs::symlink(format!("..data/{name}"), volume.join(name)).unwrap();
    }
    let server = Server::start(&["--tls-dir", volume.to_str().unwrap(), "--tls-reload-seconds", "1"]);
    let body = captured("mutate-create-pod-order-service");
    let mut kept = Client::connect(server.listen, trusting(&pkis[0].root));
    for (nth, pki) in pkis.iter().enumerate().skip(1) {
        point_at(pki);
        let served = || server.metric("dapr_preflight_certificate_reloads_total{outcome=\"served\"}");
        while (served() as usize) < nth {
            assert_eq!(kept.post("/mutate/enforce", &body).status, 200);
        }
        pki.answers(&server);
    }
    assert_eq!(server.metric("dapr_preflight_certificate_reloads_total{outcome=\"refused\"}"), 0.0);
}

#[test]
fn a_pair_that_cannot_be_served_leaves_the_last_good_one_and_is_said_once() {
    let pki = Pki::new("spoilt", &rcgen::PKCS_ECDSA_P256_SHA256);
    let server = Server::start(&["--tls-dir", pki.path(), "--tls-reload-seconds", "1"]);
    let expiry = server.metric("dapr_preflight_certificate_expiry_timestamp_seconds");
    let refused = || server.metric("dapr_preflight_certificate_reloads_total{outcome=\"refused\"}");
    let good = pki.key.serialize_pem();
    let other = KeyPair::generate().unwrap().serialize_pem();
    for (nth, spoilt) in [&*other, "", "no key"].iter().enumerate() {
        pki.write_key(spoilt);
        wait_until(|| refused() as usize > nth);
        pki.answers(&server);
    }
    let line = server.logged(|line| line["message"] == "the last good certificate stays");
    assert!(line["error"].as_str().unwrap().contains("spoilt/tls.key does not belong to"), "{line}");
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!(refused(), 3.0);
    assert_eq!(server.metric("dapr_preflight_certificate_expiry_timestamp_seconds"), expiry);
    pki.write_key(&good);
    server.logged(|line| line["message"] == "another certificate is served");
    pki.answers(&server);
}

#[test]
fn what_cannot_be_served_is_refused_at_start_by_the_name_of_the_file() {
    let refused = |name: &str, spoil: fn(&Pki), says: &[&str]| {
        let pki = Pki::new(name, &rcgen::PKCS_ECDSA_P256_SHA256);
        spoil(&pki);
        let output = start(&["--tls-dir", pki.path()]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        for part in says {
            assert!(said.contains(part), "{name}: no {part:?} in {said:?}");
        }
    };
    refused("no-cert", |pki| fs::remove_file(pki.file("tls.crt")).unwrap(), &["no-cert/tls.crt", "cannot read"]);
    refused("no-key", |pki| fs::remove_file(pki.file("tls.key")).unwrap(), &["no-key/tls.key", "cannot read"]);
    refused("empty-cert", |pki| pki.write_certificate(""), &["empty-cert/tls.crt", "no certificate"]);
    refused("empty-key", |pki| pki.write_key(""), &["empty-key/tls.key", "no private key"]);
    refused(
        "broken-cert",
        |pki| pki.write_certificate("-----BEGIN CERTIFICATE-----\n!"),
        &["broken-cert/tls.crt", "PEM"],
    );
    refused("other-cert", |pki| pki.write_certificate(&pem("CERTIFICATE", b"no")), &["other-cert/tls.crt"]);
    refused("other-key", |pki| pki.write_key(&pem("PRIVATE KEY", b"no")), &["other-key/tls.key"]);
    let swap = |pki: &Pki| pki.write_key(&KeyPair::generate().unwrap().serialize_pem());
    refused("mismatch", swap, &["mismatch/tls.key does not belong to", "mismatch/tls.crt"]);
}

#[test]
fn what_cannot_be_used_at_all_ends_with_2_and_the_flag_to_change() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let cases: [(&[&str], &str); 5] = [
        (&["--listen", &address], "--listen"),
        (&["--ops-listen", &address], "--ops-listen"),
        (&["--listen", "nowhere"], "--listen"),
        (&["--max-body-bytes", "0"], "--max-body-bytes"),
        (&["--policy", "/nonexistent/policy.yaml"], "/nonexistent/policy.yaml"),
    ];
    for (arguments, says) in cases {
        let output = start(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(says), "{said}");
    }
}

fn start(arguments: &[&str]) -> Output {
    // What is given twice holds: the last one.
    let free = ["serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"];
    let free = free.chunks(2).filter(|pair| !arguments.contains(&pair[0])).flatten().copied();
    preflight(&free.chain(arguments.iter().copied()).collect::<Vec<_>>()).output().unwrap()
}

fn announces(line: &serde_json::Value) -> bool {
    line["message"].as_str().is_some_and(|message| message.contains("self-signed"))
}

/// An authority, an intermediate, and a directory with the pair that the intermediate has issued.
struct Pki {
    directory: PathBuf,
    root: CertificateDer<'static>,
    key: KeyPair,
}

impl Pki {
    fn new(name: &str, kind: &'static SignatureAlgorithm) -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root = authority("root").self_signed(&root_key).unwrap();
        let issuer = Issuer::new(authority("root"), root_key);
        let intermediate_key = KeyPair::generate().unwrap();
        let intermediate = authority("intermediate").signed_by(&intermediate_key, &issuer).unwrap();
        let issuer = Issuer::new(authority("intermediate"), intermediate_key);
        let key = KeyPair::generate_for(kind).unwrap();
        let leaf = CertificateParams::new(["127.0.0.1".into()]).unwrap().signed_by(&key, &issuer).unwrap();

        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("certificates").join(name);
        fs::create_dir_all(&directory).unwrap();
        let pki = Self { directory, root: root.der().clone(), key };
        pki.write_certificate(&(leaf.pem() + &intermediate.pem()));
        pki.write_key(&pki.key.serialize_pem());
        pki
    }

    fn path(&self) -> &str {
        self.directory.to_str().unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn write_certificate(&self, text: &str) {
        self.write("tls.crt", text);
    }

    fn write_key(&self, text: &str) {
        self.write("tls.key", text);
    }

    /// All at once: a file that is being written is empty for a moment, and that is another state than the one that is meant.
    fn write(&self, name: &str, text: &str) {
        fs::write(self.file("written"), text).unwrap();
        fs::rename(self.file("written"), self.file(name)).unwrap();
    }

    /// Somebody who trusts only the root gets an answer.
    fn serves(&self) {
        self.answers(&Server::start(&["--tls-dir", self.path()]));
    }

    fn answers(&self, server: &Server) {
        let mut client = Client::connect(server.listen, trusting(&self.root));
        let response = client.post("/mutate/enforce", &captured("mutate-create-pod-order-service"));
        assert_eq!(response.status, 200, "{}", self.path());
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// The key inside of PKCS#8: its last field, an octet string that begins with a sequence.
fn inner(key: &KeyPair) -> &[u8] {
    let der = key.serialized_der();
    let at = (1..der.len()).find(|&at| {
        let long = der[at..].starts_with(&[0x04, 0x82]) && der[at + 4] == 0x30;
        long || (der[at] == 0x04 && der[at + 1] < 0x80 && der[at + 2] == 0x30)
    });
    let at = at.unwrap();
    if der[at + 1] == 0x82 { &der[at + 4..] } else { &der[at + 2..] }
}
