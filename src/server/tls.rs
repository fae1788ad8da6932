//! What the server proves its identity with: a certificate on disk, or one that it makes up.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use x509_parser::prelude::{FromDer as _, X509Certificate};

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
    seen: [Vec<u8>; 2],
}

impl Directory {
    /// Serves the pair in a directory, checked.
    ///
    /// # Errors
    /// Every error names the file and what to write into it.
    pub fn open(directory: &Path) -> Result<(Self, Tls), TlsError> {
        let (certificate, key) = (directory.join(CERTIFICATE), directory.join(KEY));
        let mut directory = Self { certificate, key, seen: Default::default() };
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
        let chain = certificates(&self.certificate, certificate)?;
        config(chain, private_key(&self.key, key)?).map_err(|source| match source {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::Mismatch { certificate: self.certificate.clone(), key: self.key.clone() }
            }
            rustls::Error::InvalidCertificate(reason) => TlsError::Certificate {
                path: self.certificate.clone(),
                reason: format!("the first certificate is bad: {reason}"),
            },
            source => TlsError::Unusable { certificate: self.certificate.clone(), key: self.key.clone(), source },
        })
    }
}

/// Serves a certificate that nobody has signed, and that is gone with the process.
///
/// # Errors
/// When there is no randomness to make a key of.
pub fn self_signed() -> Result<Tls, TlsError> {
    let self_made = |error: &dyn std::fmt::Display| TlsError::SelfMade(error.to_string());
    let key = rcgen::KeyPair::generate().map_err(|error| self_made(&error))?;
    let mut params = rcgen::CertificateParams::new(SELF_NAMES.map(String::from)).map_err(|error| self_made(&error))?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, SELF_NAMES[0]);
    let certificate = params.self_signed(&key).map_err(|error| self_made(&error))?;
    config(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .map_err(|error| self_made(&error))
}

fn config(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Tls, rustls::Error> {
    let expires = chain.first().and_then(|leaf| expires(leaf)).unwrap_or_default();
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // What the API server speaks to webhooks; HTTP/2 is never on offer.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Tls { config: Arc::new(config), expires })
}

/// The end of a certificate's validity, in seconds since 1970.
fn expires(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bad = |reason: String| TlsError::Certificate { path: path.into(), reason };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| bad(format!("not readable as PEM: {error}")))?;
    if chain.is_empty() { Err(bad("no certificate in it".into())) } else { Ok(chain) }
}

fn private_key(path: &Path, pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
        let reason = match error {
            rustls::pki_types::pem::Error::NoItemsFound => "no private key in it".into(),
            error => format!("not readable as PEM: {error}"),
        };
        TlsError::Key { path: path.into(), reason }
    })
}
