//! One authority and one serving pair for 127.0.0.1, which every listener of the cluster uses; and what a client shows.

use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};

/// The authority's certificate, PEM; `ca.crt`, `tls.crt` and `tls.key` are written to the directory.
pub fn write(directory: &Path) -> String {
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = Issuer::from_params(&params, &authority_key);

    let key = KeyPair::generate().unwrap();
    let serving = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    let serving = serving.signed_by(&key, &issuer).unwrap();

    fs::write(directory.join("ca.crt"), authority.pem()).unwrap();
    fs::write(directory.join("tls.crt"), serving.pem()).unwrap();
    fs::write(directory.join("tls.key"), key.serialize_pem()).unwrap();
    // What checks the tokens of service accounts, which are signed by the same key.
    fs::write(directory.join("tls.pub"), key.public_key_pem()).unwrap();
    authority.pem()
}

/// A client's certificate, its key and the authority that has signed it, all PEM.
pub struct Client {
    pub authority: String,
    pub certificate: String,
    pub key: String,
}

impl Client {
    /// Under this common name.
    pub fn signed(name: &str) -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &Issuer::from_params(&authority, &authority_key)).unwrap();
        Self {
            authority: authority.self_signed(&authority_key).unwrap().pem(),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}
