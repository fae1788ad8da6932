//! Who may connect, where not everybody may: the API server, by its own certificate. Everybody else is refused in the
//! handshake.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};

use crate::cluster::x509;

/// Why the authorities of clients cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientsError {
    /// The file cannot be read.
    #[error("--client-ca needs a file with certificates; cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It does not hold the certificates of authorities.
    #[error(
        "{}: {reason}; write the certificates of the authorities that sign the API server's client certificate, in PEM",
        path.display()
    )]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// Lets in whom one of the authorities in a file has signed, under one of some names.
#[derive(Debug)]
pub struct Clients {
    path: PathBuf,
    seen: Vec<u8>,
    verifier: Arc<ByName>,
}

impl Clients {
    /// Reads the file. Names are compared with the common name and the DNS names of a client's certificate.
    ///
    /// # Errors
    /// Every error names the file and what to write into it.
    pub fn open(path: &Path, names: &[String]) -> Result<Self, ClientsError> {
        let seen = read(path)?;
        let signed = ArcSwap::from_pointee(authorities(path, &seen)?);
        Ok(Self { path: path.into(), seen, verifier: Arc::new(ByName { signed, names: names.to_vec() }) })
    }

    pub(super) fn verifier(&self) -> Arc<dyn ClientCertVerifier> {
        Arc::clone(&self.verifier) as _
    }

    /// Takes over what is in the file, if it is something else than the last time.
    pub(super) fn changed(&mut self) -> Option<Result<(), ClientsError>> {
        let found = match read(&self.path) {
            Ok(found) => found,
            // Gone for good, it is said once.
            Err(error) => return (!std::mem::take(&mut self.seen).is_empty()).then_some(Err(error)),
        };
        if found == self.seen {
            return None;
        }
        self.seen = found;
        Some(authorities(&self.path, &self.seen).map(|verifier| self.verifier.signed.store(Arc::new(verifier))))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ClientsError> {
    fs::read(path).map_err(|source| ClientsError::Unreadable { path: path.into(), source })
}

fn authorities(path: &Path, pem: &[u8]) -> Result<Arc<dyn ClientCertVerifier>, ClientsError> {
    let bad = |reason: String| ClientsError::Authorities { path: path.into(), reason };
    let mut roots = RootCertStore::empty();
    for certificate in x509::certificates(pem).map_err(bad)? {
        roots.add(certificate).map_err(|error| bad(error.to_string()))?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| bad(error.to_string()))
}

#[derive(Debug)]
struct ByName {
    signed: ArcSwap<Arc<dyn ClientCertVerifier>>,
    names: Vec<String>,
}

impl ClientCertVerifier for ByName {
    /// None: the authorities may change, and whoever has one certificate sends it.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.signed.load().verify_client_cert(certificate, intermediates, now)?;
        let mut names = x509::common_name(certificate).into_iter().chain(x509::alternative_names(certificate));
        if names.any(|name| self.names.contains(&name)) {
            Ok(verified)
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signed.load().verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signed.load().verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signed.load().supported_verify_schemes()
    }
}
