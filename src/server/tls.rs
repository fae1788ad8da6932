//! What the server proves its identity with: a certificate on disk, one that is handed over, or one that it makes up; and
//! which peers it accepts.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ClientHello, NoClientAuth, ResolvesServerCert, WantsServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ConfigBuilder, ServerConfig};

use super::clients::Clients;
use crate::cluster::x509;

/// The names of the files in `--tls-dir`: those of a Kubernetes Secret of type `kubernetes.io/tls`.
const CERTIFICATE: &str = "tls.crt";
const KEY: &str = "tls.key";

/// What a self-made certificate is good for.
const SELF_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("--tls-dir needs a directory with tls.crt and tls.key; cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The certificate file does not hold certificates.
    #[error("{}: {reason}; write the server's certificate and then its intermediates, in PEM", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The key file does not hold a key.
    #[error("{}: {reason}; write one unencrypted private key (PKCS#8, SEC1 or PKCS#1), in PEM", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Each is fine and they do not belong together.
    #[error(
        "the private key in {} does not belong to the first certificate in {}; write both from the same issuance, \
         the server's own certificate first",
        key.display(), certificate.display()
    )]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// TLS refuses the pair for another reason.
    #[error("{} and {} cannot be served", certificate.display(), key.display())]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What TLS says.
        source: rustls::Error,
    },
    /// No certificate could be made up.
    #[error("cannot make a certificate: {0}")]
    SelfMade(String),
}

/// The oldest TLS that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OldestTls {
    /// 1.2 and 1.3.
    #[value(name = "1.2")]
    V1_2,
    /// 1.3 only. Every Kubernetes since 1.19 speaks it.
    #[value(name = "1.3")]
    V1_3,
}

/// Which peers are accepted.
#[derive(Clone, Debug)]
pub struct Terms {
    oldest: OldestTls,
    clients: Arc<dyn ClientCertVerifier>,
}

impl Terms {
    /// Peers that speak this, and are these if not everybody.
    #[must_use]
    pub fn new(oldest: OldestTls, clients: Option<&Clients>) -> Self {
        Self { oldest, clients: clients.map_or_else(|| Arc::new(NoClientAuth) as _, Clients::verifier) }
    }

    fn builder(&self) -> Result<ConfigBuilder<ServerConfig, WantsServerCert>, rustls::Error> {
        let versions: &[_] = match self.oldest {
            OldestTls::V1_2 => &[&TLS13, &TLS12],
            OldestTls::V1_3 => &[&TLS13],
        };
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        Ok(builder.with_protocol_versions(versions)?.with_client_cert_verifier(Arc::clone(&self.clients)))
    }
}

/// What is served.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The certificate and its key, and the versions and protocols on offer.
    pub config: Arc<ServerConfig>,
    /// When the certificate ends, in seconds since 1970; 0 where that cannot be read.
    pub expires: i64,
}

/// A directory with a pair, and what was in it when it was last looked at.
#[derive(Debug)]
pub struct Directory {
    certificate: PathBuf,
    key: PathBuf,
    terms: Terms,
    seen: [Vec<u8>; 2],
}

impl Directory {
    /// Serves the pair in a directory, checked.
    ///
    /// # Errors
    /// Every error names the file and what to write into it.
    pub fn open(directory: &Path, terms: Terms) -> Result<(Self, Tls), TlsError> {
        let (certificate, key) = (directory.join(CERTIFICATE), directory.join(KEY));
        let mut directory = Self { certificate, key, terms, seen: Default::default() };
        directory.seen = directory.read()?;
        let tls = directory.pair()?;
        Ok((directory, tls))
    }

    /// The pair, if other bytes are there than the last time. Events of the file system are not relied on: the swap of a
    /// Secret volume's symbolic link is missed by many who do.
    ///
    /// # Errors
    /// As [`open`](Self::open); the same bytes are complained about once.
    pub fn changed(&mut self) -> Option<Result<Tls, TlsError>> {
        let found = match self.read() {
            Ok(found) => found,
            // Between two states. Gone for good, it is said once.
            Err(error) => {
                let known = std::mem::take(&mut self.seen);
                return known.iter().any(|bytes| !bytes.is_empty()).then_some(Err(error));
            }
        };
        if found == self.seen {
            return None;
        }
        self.seen = found;
        Some(self.pair())
    }

    fn read(&self) -> Result<[Vec<u8>; 2], TlsError> {
        let read = |path: &Path| fs::read(path).map_err(|source| TlsError::Unreadable { path: path.into(), source });
        // One after the other, until nothing has changed between them: a swap must not look like a mismatch.
        let mut pair = [read(&self.certificate)?, read(&self.key)?];
        for _ in 0..3 {
            let again = [read(&self.certificate)?, read(&self.key)?];
            if again == pair {
                break;
            }
            pair = again;
        }
        Ok(pair)
    }

    fn pair(&self) -> Result<Tls, TlsError> {
        let [certificate, key] = &self.seen;
        pair((&self.certificate, certificate), (&self.key, key), &self.terms)
    }
}

/// A pair that is not on disk; errors call its parts by the names that they would have there.
///
/// # Errors
/// When it cannot be served.
pub fn in_memory(certificate: &[u8], key: &[u8], terms: &Terms) -> Result<Tls, TlsError> {
    pair((Path::new(CERTIFICATE), certificate), (Path::new(KEY), key), terms)
}

fn pair(certificate: (&Path, &[u8]), key: (&Path, &[u8]), terms: &Terms) -> Result<Tls, TlsError> {
    let paths = || (certificate.0.to_owned(), key.0.to_owned());
    let chain = x509::certificates(certificate.1)
        .map_err(|reason| TlsError::Certificate { path: certificate.0.into(), reason })?;
    let private = x509::private_key(key.1).map_err(|reason| TlsError::Key { path: key.0.into(), reason })?;
    config(chain, private, terms).map_err(|source| match (source, paths()) {
        (rustls::Error::InconsistentKeys(_), (certificate, key)) => TlsError::Mismatch { certificate, key },
        (rustls::Error::InvalidCertificate(reason), (path, _)) => {
            TlsError::Certificate { path, reason: format!("the first certificate is bad: {reason}") }
        }
        (source, (certificate, key)) => TlsError::Unusable { certificate, key, source },
    })
}

/// Serves nothing yet: every handshake fails.
///
/// # Errors
/// Never, unless the provider of cryptography is broken.
pub fn none(terms: &Terms) -> Result<Tls, TlsError> {
    let builder = terms.builder().map_err(|error| TlsError::SelfMade(error.to_string()))?;
    Ok(Tls { config: Arc::new(builder.with_cert_resolver(Arc::new(Nothing))), expires: 0 })
}

#[derive(Debug)]
struct Nothing;

impl ResolvesServerCert for Nothing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

/// Serves a certificate that nobody has signed, and that is gone with the process.
///
/// # Errors
/// When there is no randomness to make a key of.
pub fn self_signed(terms: &Terms) -> Result<Tls, TlsError> {
    let self_made = |error: &dyn std::fmt::Display| TlsError::SelfMade(error.to_string());
    let key = rcgen::KeyPair::generate().map_err(|error| self_made(&error))?;
    let mut params = rcgen::CertificateParams::new(SELF_NAMES.map(String::from)).map_err(|error| self_made(&error))?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, SELF_NAMES[0]);
    let certificate = params.self_signed(&key).map_err(|error| self_made(&error))?;
    config(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()), terms)
        .map_err(|error| self_made(&error))
}

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    terms: &Terms,
) -> Result<Tls, rustls::Error> {
    let expires = chain.first().and_then(x509::validity).map_or(0, |validity| validity.ends);
    let mut config = terms.builder()?.with_single_cert(chain, key)?;
    // What the API server speaks to webhooks; HTTP/2 is never on offer.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Tls { config: Arc::new(config), expires })
}
