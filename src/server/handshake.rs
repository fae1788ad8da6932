//! Whether a peer would get a good certificate now: a handshake with what is served, in memory. No network is in it, so that
//! no limit on connections can change the answer.
//!
//! The first one takes some 30 ms, in which AWS-LC gathers entropy: before the process is ready, and not when the first pod
//! waits.

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, IpAddr, Ipv4Addr, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, ServerConfig, ServerConnection, SignatureScheme,
};

use crate::cluster::x509;

/// Flights of a handshake, and some to spare.
const FLIGHTS: usize = 8;

/// A peer that looks at the signature and nothing else: whom it trusts is the API server's business.
static PEER: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("the provider knows TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnySigner(provider)))
        .with_no_client_auth();
    let mut config = config;
    // A whole handshake each time: a resumed one shows no certificate.
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
});

/// Why a peer would not get a good certificate.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(super) enum HandshakeError {
    #[error("TLS: {0}")]
    Broken(Error),
    #[error("TLS: there is no certificate to serve yet")]
    NoCertificate,
    #[error("TLS: the certificate is valid only from {} on", date(*.0))]
    NotYet(i64),
    #[error("TLS: the certificate ended at {}", date(*.0))]
    Ended(i64),
}

fn date(second: i64) -> String {
    jiff::Timestamp::from_second(second).map_or_else(|_| second.to_string(), |time| time.to_string())
}

/// Shakes hands, and looks at the certificate at this time (seconds since 1970).
///
/// # Errors
/// What a peer would say.
pub(super) fn check(served: Arc<ServerConfig>, now: i64) -> Result<(), HandshakeError> {
    let name = ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([127, 0, 0, 1])));
    let mut peer = ClientConnection::new(Arc::clone(&PEER), name).map_err(HandshakeError::Broken)?;
    let mut server = ServerConnection::new(served).map_err(HandshakeError::Broken)?;
    for _ in 0..FLIGHTS {
        // It is done when the peer is: what it thinks of the peer, where it asks for a certificate, is another matter.
        if !peer.is_handshaking() {
            break;
        }
        flight(&mut peer, &mut server).map_err(|error| match error {
            // Nothing else is said where there is none.
            Error::General(_) => HandshakeError::NoCertificate,
            error => HandshakeError::Broken(error),
        })?;
        flight(&mut server, &mut peer).map_err(HandshakeError::Broken)?;
    }
    let shown = peer.peer_certificates().and_then(|chain| chain.first()).and_then(x509::validity);
    let validity = shown.ok_or(HandshakeError::NoCertificate)?;
    if now < validity.begins {
        return Err(HandshakeError::NotYet(validity.begins));
    }
    if validity.ends < now {
        return Err(HandshakeError::Ended(validity.ends));
    }
    Ok(())
}

/// What one has to say, told to the other.
fn flight<A, B, X, Y>(from: &mut A, to: &mut B) -> Result<(), Error>
where
    A: std::ops::DerefMut<Target = rustls::ConnectionCommon<X>>,
    B: std::ops::DerefMut<Target = rustls::ConnectionCommon<Y>>,
{
    let in_memory = "memory is always there to be read and written";
    let mut wire = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut wire).expect(in_memory);
    }
    let mut wire = Cursor::new(wire);
    while wire.position() < wire.get_ref().len() as u64 {
        to.read_tls(&mut wire).expect(in_memory);
        to.process_new_packets()?;
    }
    Ok(())
}

#[derive(Debug)]
struct AnySigner(Arc<CryptoProvider>);

impl ServerCertVerifier for AnySigner {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
