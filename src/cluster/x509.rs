//! Certificates and keys: reading PEM, and what a certificate says. Nothing is made and nothing is served here.

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// When a certificate is valid, in seconds since 1970, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    /// The first second.
    pub begins: i64,
    /// The last second.
    pub ends: i64,
}

impl Validity {
    /// Whether this second is within.
    pub(crate) fn holds(self, second: i64) -> bool {
        (self.begins..=self.ends).contains(&second)
    }
}

/// The certificates of a PEM text, in their order; at least one.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(unreadable)?;
    if chain.is_empty() { Err("no certificate in it".into()) } else { Ok(chain) }
}

/// The private key of a PEM text.
///
/// # Errors
/// What is wrong with the text; never a part of it.
pub(crate) fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
        pem::Error::NoItemsFound => "no private key in it".into(),
        error => unreadable(error),
    })
}

fn unreadable(error: pem::Error) -> String {
    format!("not readable as PEM: {error}")
}

/// When it is valid; `None` where it cannot be read.
pub(crate) fn validity(certificate: &CertificateDer<'_>) -> Option<Validity> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let validity = certificate.validity();
    Some(Validity { begins: validity.not_before.timestamp(), ends: validity.not_after.timestamp() })
}

/// Whom it names: DNS names and addresses of its subject alternative names.
pub(crate) fn alternative_names(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return Vec::new() };
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    names.value.general_names.iter().filter_map(alternative_name).collect()
}

fn alternative_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| std::net::IpAddr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| std::net::IpAddr::from(bytes).to_string()),
        },
        _ => None,
    }
}

/// The common name of its subject, if it has one.
pub(crate) fn common_name(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let name = certificate.subject().iter_common_name().next()?;
    name.as_str().ok().map(str::to_owned)
}

/// Its public key, as DER (SubjectPublicKeyInfo).
pub(crate) fn public_key(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(certificate.public_key().raw.to_vec())
}

/// A number from 0 to 1 that belongs to the certificate: the same wherever it is asked, another for each certificate.
pub(crate) fn lot(certificate: &CertificateDer<'_>) -> f64 {
    let serial = X509Certificate::from_der(certificate).map(|(_, parsed)| parsed.raw_serial().to_vec());
    let last = serial.unwrap_or_default().into_iter().rev().take(2);
    f64::from(last.fold(0_u16, |number, byte| number << 8 | u16::from(byte))) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_certificate_says_is_read_and_what_is_none_says_nothing() {
        let names = ["a.example", "127.0.0.1", "::1"].map(String::from);
        let made = |_| {
            let key = rcgen::KeyPair::generate().unwrap();
            let params = rcgen::CertificateParams::new(names.clone()).unwrap();
            params.self_signed(&key).unwrap().der().clone()
        };
        let certificate = made(0);
        assert_eq!(alternative_names(&certificate), names);
        assert_eq!(common_name(&certificate).as_deref(), Some("rcgen self signed cert"));
        assert!(validity(&certificate).is_some_and(|validity| validity.holds(1_700_000_000)));
        assert_eq!(lot(&certificate), lot(&certificate));
        let lots: Vec<f64> = (0..8).map(|nth| lot(&made(nth))).collect();
        assert!(lots.iter().all(|lot| (0.0..=1.0).contains(lot)) && lots.iter().any(|lot| *lot != lots[0]), "{lots:?}");

        let none = CertificateDer::from(b"none".to_vec());
        assert_eq!((alternative_names(&none), common_name(&none), validity(&none)), (Vec::new(), None, None));
        assert_eq!((public_key(&none), lot(&none)), (None, 0.0));
    }
}
