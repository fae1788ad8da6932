//! A certificate, alone or with its key; making authorities and what they sign. Nothing is kept here.

use std::fmt;

use base64::Engine as _;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData as _,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use x509_parser::time::ASN1Time;

use super::lifetimes::Lifetimes;
use crate::cluster::x509::{self, Validity};

/// What authorities call themselves. What signs a certificate is found by its key, so that all may have one name.
const AUTHORITY: &str = "dapr-preflight authority";

/// No certificate could be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make a certificate: {0}")]
pub struct MakeError(#[from] rcgen::Error);

/// A certificate that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: CertificateDer<'static>,
    validity: Validity,
}

impl Certificate {
    /// Takes over what can be read.
    pub(super) fn new(der: CertificateDer<'static>) -> Option<Self> {
        let validity = x509::validity(&der)?;
        Some(Self { der, validity })
    }

    /// The certificates of a PEM text that can be read.
    pub(super) fn all(pem: &[u8]) -> Vec<Self> {
        x509::certificates(pem).unwrap_or_default().into_iter().filter_map(Self::new).collect()
    }

    pub(super) fn validity(&self) -> Validity {
        self.validity
    }

    pub(super) fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// As PEM.
    pub(super) fn pem(&self) -> String {
        let text = base64::engine::general_purpose::STANDARD.encode(&self.der);
        let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// Whether one of these authorities has signed it for this name, at a moment when both are valid.
    pub(super) fn is_signed_by<'a>(&self, authorities: impl IntoIterator<Item = &'a Self>, name: &str) -> bool {
        let Ok(name) = ServerName::try_from(name) else { return false };
        authorities.into_iter().any(|authority| {
            let first = self.validity.begins.max(authority.validity.begins);
            let Ok(at) = u64::try_from(first) else { return false };
            self.verifies(authority, &name, UnixTime::since_unix_epoch(std::time::Duration::from_secs(at)))
        })
    }

    pub(super) fn verifies(&self, authority: &Self, name: &ServerName<'_>, at: UnixTime) -> bool {
        let mut roots = rustls::RootCertStore::empty();
        if roots.add(authority.der.clone()).is_err() {
            return false;
        }
        let algorithms = rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms;
        ParsedCertificate::try_from(&self.der).is_ok_and(|parsed| {
            rustls::client::verify_server_cert_signed_by_trust_anchor(&parsed, &roots, &[], at, algorithms.all).is_ok()
                && rustls::client::verify_server_name(&parsed, name).is_ok()
        })
    }
}

/// A certificate and the private key that belongs to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Pair {
    certificate: Certificate,
    key: String,
}

impl fmt::Debug for Pair {
    /// Without the key, wherever it goes.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pair").field("validity", &self.certificate.validity).finish_non_exhaustive()
    }
}

impl Pair {
    /// Reads both and sees that they belong together.
    ///
    /// # Errors
    /// What is wrong; never a part of the key.
    pub(super) fn read(certificate: &[u8], key: &[u8]) -> Result<Self, String> {
        let first = x509::certificates(certificate)?.into_iter().next().and_then(Certificate::new);
        let certificate = first.ok_or("the certificate cannot be read")?;
        x509::private_key(key)?;
        let key = std::str::from_utf8(key).map_err(|_| "the key is no text")?;
        let pair = KeyPair::from_pem(key).map_err(|_| "the key is of a kind that is not known here")?;
        if x509::public_key(&certificate.der) != Some(pair.subject_public_key_info()) {
            return Err("the key does not belong to the certificate".into());
        }
        Ok(Self { certificate, key: key.to_owned() })
    }

    /// The certificate.
    pub(super) fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The certificate, PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    /// The key, PEM: PKCS#8.
    #[must_use]
    pub fn key_pem(&self) -> &str {
        &self.key
    }

    /// A new authority.
    pub(super) fn authority(now: Timestamp, lifetimes: &Lifetimes) -> Result<Self, MakeError> {
        let begins = now.as_second().saturating_sub_unsigned(lifetimes.skew.as_secs());
        let ends = now.as_second().saturating_add_unsigned(lifetimes.authority.validity.as_secs());
        let mut params = params(AUTHORITY, &[], Validity { begins, ends })?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        Self::made(&params.self_signed(&key)?, &key)
    }

    /// What this authority signs for these names. It ends with the authority at the latest.
    pub(super) fn sign(&self, names: &[String], now: Timestamp, lifetimes: &Lifetimes) -> Result<Self, MakeError> {
        let own = self.certificate.validity;
        let begins = now.as_second().saturating_sub_unsigned(lifetimes.skew.as_secs()).max(own.begins);
        let ends = lifetimes.next_end(now).min(own.ends);
        let name = names.first().map_or(AUTHORITY, String::as_str);
        let mut params = params(name, names, Validity { begins, ends })?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let signer = x509::common_name(&self.certificate.der).unwrap_or_default();
        let mut issuer = CertificateParams::default();
        issuer.distinguished_name = distinguished(&signer);
        issuer.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let issuer = Issuer::new(issuer, KeyPair::from_pem(&self.key)?);
        Self::made(&params.signed_by(&key, &issuer)?, &key)
    }

    fn made(certificate: &rcgen::Certificate, key: &KeyPair) -> Result<Self, MakeError> {
        let certificate = Certificate::new(certificate.der().clone()).ok_or(rcgen::Error::CouldNotParseCertificate)?;
        Ok(Self { certificate, key: key.serialize_pem() })
    }
}

impl Lifetimes {
    /// When a serving certificate ends that is made now.
    pub(super) fn next_end(&self, now: Timestamp) -> i64 {
        now.as_second().saturating_add_unsigned(self.serving.validity.as_secs())
    }
}

fn params(common_name: &str, names: &[String], validity: Validity) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = distinguished(common_name);
    let time = |seconds| ASN1Time::from_timestamp(seconds).map(|time| time.to_datetime());
    let no_time = |_| rcgen::Error::Time;
    params.not_before = time(validity.begins).map_err(no_time)?;
    params.not_after = time(validity.ends).map_err(no_time)?;
    Ok(params)
}

/// A name of one part. X.509 gives it 64 characters at most; who looks for more reads the alternative names.
fn distinguished(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name.chars().take(64).collect::<String>());
    name
}
