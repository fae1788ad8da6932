//! Who is let in, and when the kubelet is told that nobody would be.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use common::{Client, Server, captured, preflight, trusting_anything};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};

const METRIC: &str = "dapr_preflight_tls_handshake_failures_total";

#[test]
fn tls_1_2_is_spoken_only_when_it_is_asked_for() {
    let old = || {
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        config.dangerous().set_certificate_verifier(common::anything());
        config
    };
    let server = Server::start(&[]);
    Client::try_connect(server.listen, old()).err().expect("1.2 is not spoken");
    assert_eq!(server.metric(METRIC), 1.0);
    for version in ["1.2", "1.3"] {
        let server = Server::start(&["--tls-min-version", version]);
        answers(&server, trusting_anything()).unwrap();
        assert_eq!(answers(&server, old()).is_ok(), version == "1.2");
    }
}

#[test]
fn where_clients_are_named_only_these_are_let_in() {
    let authority = Authority::new("clients");
    let other = Authority::new("others");
    let file = authority.file.to_str().unwrap();
    let names = ["--client-name", "kube-apiserver", "--client-name", "front-proxy"];
    let server = Server::start(&[&["--client-ca", file, "--tls-reload-seconds", "1"], &names[..]].concat());
    assert_eq!(server.ops("/readyz").status, 200, "the handshake in memory needs no certificate");
    for welcome in ["kube-apiserver", "front-proxy"] {
        answers(&server, showing(&authority.signs(welcome, &[]))).unwrap();
    }
    answers(&server, showing(&authority.signs("x", &["kube-apiserver"]))).unwrap();

    answers(&server, trusting_anything()).expect_err("without a certificate");
    answers(&server, showing(&authority.signs("system:node:a", &[]))).expect_err("under another name");
    answers(&server, showing(&authority.signs("kube-apiserver2", &[]))).expect_err("under a longer name");
    answers(&server, showing(&other.signs("kube-apiserver", &[]))).expect_err("signed by somebody else");
    assert_eq!(server.metric(METRIC), 4.0);

    // The file is read again; what cannot be used leaves what was.
    fs::write(&authority.file, "garbage").unwrap();
    server.logged(|line| line["message"] == "the last good authorities of clients stay");
    answers(&server, showing(&authority.signs("kube-apiserver", &[]))).unwrap();
    fs::copy(&other.file, &authority.file).unwrap();
    server.logged(|line| line["message"] == "other authorities of clients are trusted");
    answers(&server, showing(&other.signs("kube-apiserver", &[]))).unwrap();
    answers(&server, showing(&authority.signs("kube-apiserver", &[]))).expect_err("no longer trusted");
}

#[test]
fn authorities_of_clients_that_cannot_be_used_are_refused_at_start() {
    let empty = directory("clients-unusable").join("empty.crt");
    fs::write(&empty, "").unwrap();
    let absent = empty.with_file_name("absent.crt");
    for (arguments, says) in [
        (vec!["--client-ca", empty.to_str().unwrap(), "--client-name", "x"], "empty.crt: no certificate in it; write"),
        (vec!["--client-ca", absent.to_str().unwrap(), "--client-name", "x"], "cannot read"),
        (vec!["--client-ca", empty.to_str().unwrap()], "--client-name"),
        (vec!["--client-name", "x"], "--client-ca"),
    ] {
        let output = preflight(&[vec!["serve"], arguments].concat()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(says), "no {says:?} in {said}");
    }
}

#[test]
fn a_replica_whose_certificate_is_not_valid_now_is_not_ready_and_says_why() {
    let serving = |name: &str, (from, to): (i32, i32)| {
        let directory = directory(name);
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        fs::write(directory.join("tls.crt"), params.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(directory.join("tls.key"), key.serialize_pem()).unwrap();
        directory
    };
    let directory = serving("readyz", (2020, 2021));
    let server = Server::start(&["--tls-dir", directory.to_str().unwrap(), "--tls-reload-seconds", "1"]);
    let says = || {
        let answer = server.ops("/readyz");
        (answer.status, answer.text())
    };
    assert_eq!(says(), (503, "TLS: the certificate ended at 2021-01-01T00:00:00Z\n".to_owned()));
    assert_eq!(server.ops("/livez").status, 200);
    for (validity, expected) in [
        ((2900, 2901), (503, "TLS: the certificate is valid only from 2900-01-01T00:00:00Z on\n")),
        ((2020, 2901), (200, "ok\n")),
    ] {
        serving("readyz", validity);
        let begun = std::time::Instant::now();
        while says() != (expected.0, expected.1.to_owned()) {
            assert!(begun.elapsed() < common::PATIENCE, "{:?}", says());
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

fn answers(server: &Server, config: ClientConfig) -> std::io::Result<()> {
    let mut client = Client::try_connect(server.listen, config)?;
    let body = captured("mutate-create-pod-order-service");
    client.try_send(&[common::head("/mutate/enforce", body.len()).as_bytes(), &body].concat())?;
    // With TLS 1.3 a client learns only now whether it was let in.
    let response = client.receive()?;
    assert_eq!(response.status, 200);
    Ok(())
}

fn directory(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("peers").join(name);
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// Somebody who signs clients, and the file that says so.
struct Authority {
    file: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let file = directory("authorities").join(format!("{name}.crt"));
        fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { file, issuer: Issuer::new(params, key) }
    }

    fn signs(&self, name: &str, more: &[&str]) -> Arc<CertifiedKey> {
        let key = KeyPair::generate().unwrap();
        let more: Vec<_> = more.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(more).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = aws_lc_rs::sign::any_supported_type(&key).unwrap();
        Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key))
    }
}

fn showing(key: &Arc<CertifiedKey>) -> ClientConfig {
    let mut config = trusting_anything();
    config.client_auth_cert_resolver = Arc::new(Shows(Arc::clone(key)));
    config
}

#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesClientCert for Shows {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
