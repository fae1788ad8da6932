//! The floor: the least that any webhook in this stack can cost. An axum server over rustls that finds the uid by a byte
//! search and answers a constant patch.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream as AsyncTcpStream;
use tokio_rustls::TlsAcceptor;

/// Serves with the pair of a directory, on a free port that it writes to standard error.
pub fn serve(directory: &Path) {
    let chain = vec![CertificateDer::from_pem_file(directory.join("tls.crt")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(directory.join("tls.key")).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let router = Router::new().route("/mutate/enforce", post(constant_patch));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        eprintln!("{{\"listen\":\"{}\"}}", listener.local_addr().unwrap());
        axum::serve(Tls { listener, acceptor }, router).await.unwrap();
    });
}

async fn constant_patch(body: Bytes) -> ([(axum::http::HeaderName, &'static str); 1], String) {
    let at = memchr::memmem::find(&body, b"\"uid\":\"").unwrap() + 7;
    let length = memchr::memchr(b'"', &body[at..]).unwrap();
    let uid = std::str::from_utf8(&body[at..at + length]).unwrap();
    let patch = &*ENCODED;
    let reply = format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{{"uid":"{uid}","allowed":true,"patchType":"JSONPatch","patch":"{patch}"}}}}"#
    );
    ([(CONTENT_TYPE, "application/json")], reply)
}

/// What the order service lacks, as JSON Patch: about as long as what `serve` answers.
const PATCH: &str = r#"[
{"op":"add","path":"/metadata/annotations/dapr.io~1env","value":"GOMEMLIMIT=230MiB"},
{"op":"add","path":"/metadata/annotations/dapr.io~1sidecar-cpu-limit","value":"300m"},
{"op":"add","path":"/metadata/annotations/dapr.io~1sidecar-cpu-request","value":"100m"},
{"op":"add","path":"/metadata/annotations/dapr.io~1sidecar-memory-limit","value":"256Mi"},
{"op":"add","path":"/metadata/annotations/dapr.io~1sidecar-memory-request","value":"128Mi"},
{"op":"add","path":"/metadata/labels/dapr.io~1app-id","value":"order-service"},
{"op":"add","path":"/spec/topologySpreadConstraints","value":[{"maxSkew":1,"topologyKey":"kubernetes.io/hostname",
"whenUnsatisfiable":"ScheduleAnyway","labelSelector":{"matchLabels":{"dapr.io/app-id":"order-service"}},
"matchLabelKeys":["pod-template-hash"],"nodeTaintsPolicy":"Honor"}]}]"#;
static ENCODED: LazyLock<String> = LazyLock::new(|| STANDARD.encode(PATCH.replace('\n', "")));

struct Tls {
    listener: tokio::net::TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Tls {
    type Io = tokio_rustls::server::TlsStream<AsyncTcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
