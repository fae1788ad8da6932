//! The real binary, and a small client that speaks HTTP/1.1 over real TLS.

#![allow(dead_code, reason = "every test file uses its own part of this")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme, StreamOwned};
use serde_json::Value;

/// Longer than anything here takes that is not wrong.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Our binary, with these arguments.
pub fn preflight(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dapr-preflight"));
    command.args(arguments);
    command
}

/// A running `serve`.
pub struct Server {
    process: Child,
    pub listen: SocketAddr,
    pub ops_listen: SocketAddr,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    /// Started on free ports, ready.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_reading(arguments, usize::MAX)
    }

    /// As [`Self::start`], in this environment, and waited for only until it listens.
    pub fn start_listening(arguments: &[&str], env: &[(&str, &str)]) -> Self {
        Self::start_until("listening", arguments, env, usize::MAX)
    }

    /// As [`Self::start`], but of the log no more than so many lines are ever read.
    pub fn start_reading(arguments: &[&str], lines_read: usize) -> Self {
        Self::start_until("ready", arguments, &[], lines_read)
    }

    fn start_until(message: &str, arguments: &[&str], env: &[(&str, &str)], lines_read: usize) -> Self {
        let free = ["serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--log-format", "json"];
        let mut process =
            preflight(&[&free, arguments].concat()).envs(env.iter().copied()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (theirs, stderr) = (Arc::clone(&lines), process.stderr.take().unwrap());
        thread::spawn(move || {
            let mut stderr = BufReader::new(stderr).lines();
            for line in stderr.by_ref().take(lines_read) {
                theirs.lock().unwrap().push(serde_json::from_str(&line.unwrap()).unwrap());
            }
            // Kept open and not read, for as long as the process lives.
            while Arc::strong_count(&theirs) > 1 {
                thread::sleep(Duration::from_millis(50));
            }
            drop(stderr);
        });
        let mut server = Self { process, listen: ([0; 4], 0).into(), ops_listen: ([0; 4], 0).into(), lines };
        let ready = server.logged(|line| line["message"] == message);
        let address = |key: &str| ready[key].as_str().unwrap().parse().unwrap();
        (server.listen, server.ops_listen) = (address("listen"), address("ops_listen"));
        server
    }

    /// The first line in the log like this, waited for.
    pub fn logged(&self, like: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(line) = self.log().iter().find(|line| like(line)) {
                return line.clone();
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("not in the log: {:#?}", self.log());
    }

    /// The log until now.
    pub fn log(&self) -> Vec<Value> {
        self.lines.lock().unwrap().clone()
    }

    /// A connection, with TLS.
    pub fn connect(&self) -> Client {
        Client::connect(self.listen, trusting_anything())
    }

    /// One request on a connection of its own.
    pub fn post(&self, path: &str, body: &[u8]) -> Response {
        self.connect().post(path, body)
    }

    /// What the plain port answers.
    pub fn ops(&self, path: &str) -> Response {
        let stream = TcpStream::connect(self.ops_listen).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut client = Http { stream: BufReader::new(stream) };
        client.send(format!("GET {path} HTTP/1.1\r\nhost: ops\r\n\r\n").as_bytes());
        client.receive().unwrap()
    }

    /// One number of `/metrics`; the name with its labels.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.ops("/metrics").text();
        let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// The most that was ever resident, in MiB.
    pub fn peak(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let killed = Command::new("kill").args([format!("-{name}"), self.process.id().to_string()]).status();
        assert!(killed.unwrap().success());
    }

    /// Waits until it has ended.
    pub fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("still running: {:#?}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An HTTP/1.1 connection with TLS.
pub type Client = Http<StreamOwned<ClientConnection, TcpStream>>;

impl Client {
    /// Connects and shakes hands.
    pub fn connect(address: SocketAddr, config: ClientConfig) -> Self {
        Self::try_connect(address, config).unwrap()
    }

    /// Connects and shakes hands, if the server wants to.
    pub fn try_connect(address: SocketAddr, config: ClientConfig) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let name = ServerName::from(address.ip());
        let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut stream)?;
        }
        Ok(Self { stream: BufReader::new(StreamOwned::new(tls, stream)) })
    }

    /// What was agreed on by ALPN.
    pub fn protocol(&self) -> Option<&[u8]> {
        self.stream.get_ref().conn.alpn_protocol()
    }
}

/// An HTTP/1.1 connection.
pub struct Http<S> {
    stream: BufReader<S>,
}

/// A response.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

impl<S: Read + Write> Http<S> {
    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).unwrap();
    }

    /// Sends bytes as they are, if the peer takes them.
    pub fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)?;
        self.stream.get_mut().flush()
    }

    /// A whole request, a whole response, or what came between.
    pub fn try_post(&mut self, path: &str, body: &[u8]) -> io::Result<Response> {
        self.try_send(&[head(path, body.len()).as_bytes(), body].concat())?;
        self.receive()
    }

    /// A whole request, a whole response.
    pub fn post(&mut self, path: &str, body: &[u8]) -> Response {
        self.send(&[head(path, body.len()).as_bytes(), body].concat());
        self.receive().unwrap()
    }

    /// The next response.
    pub fn receive(&mut self) -> io::Result<Response> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<_> = lines[1..]
            .iter()
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let mut response = Response { status, headers, body: Vec::new() };
        match response.header("content-length").map(str::to_owned) {
            Some(length) => {
                response.body = vec![0; length.parse().unwrap()];
                self.stream.read_exact(&mut response.body)?;
            }
            None => response.body = self.chunks()?,
        }
        Ok(response)
    }

    /// A body of unknown length.
    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
            let start = body.len();
            // A line ends every chunk, and the last one is empty.
            body.resize(start + length + 2, 0);
            self.stream.read_exact(&mut body[start..])?;
            body.truncate(start + length);
            if length == 0 {
                return Ok(body);
            }
        }
    }

    /// Waits until the server has closed; fails if it sends anything first.
    pub fn closed(&mut self) {
        match self.stream.read(&mut [0]) {
            Ok(0) => {}
            Ok(_) => panic!("data instead of an end"),
            Err(error) => {
                use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
                let ended = [BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof].contains(&error.kind());
                assert!(ended, "{error}");
            }
        }
    }
}

/// Waits until something is true.
pub fn wait_until(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "it never came true");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The head of a review.
pub fn head(path: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: webhook\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// A captured review, by its file name without the ending.
pub fn captured(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/admission-reviews/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A client that looks at nothing: for certificates that nobody has signed.
pub fn trusting_anything() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(anything())
        .with_no_client_auth()
}

/// Looks at the signature only.
pub fn anything() -> Arc<dyn ServerCertVerifier> {
    Arc::new(TrustsAnything(Arc::new(aws_lc_rs::default_provider())))
}

/// A client that trusts what this authority has signed.
pub fn trusting(authority: &CertificateDer<'static>) -> ClientConfig {
    trusting_all(std::slice::from_ref(authority))
}

/// A client that trusts what any of these authorities has signed.
pub fn trusting_all(authorities: &[CertificateDer<'static>]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    authorities.iter().for_each(|authority| roots.add(authority.clone()).unwrap());
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[derive(Debug)]
struct TrustsAnything(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustsAnything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
