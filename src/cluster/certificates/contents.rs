//! What the Secret holds, read and written. Nothing is decided here.
//!
//! | key | what it is |
//! |---|---|
//! | `tls.crt`, `tls.key` | what is served |
//! | `ca.crt`, `ca.key` | the authority that signs it |
//! | `next-ca.crt`, `next-ca.key` | the authority that will, once everybody trusts it |
//! | `previous-ca.crt` | authorities that signed before, and have not ended |

use std::collections::BTreeMap;

use k8s_openapi::ByteString;

use super::pair::{Certificate, Pair};

const SERVING: [&str; 2] = ["tls.crt", "tls.key"];
const AUTHORITY: [&str; 2] = ["ca.crt", "ca.key"];
const NEXT: [&str; 2] = ["next-ca.crt", "next-ca.key"];
const PREVIOUS: &str = "previous-ca.crt";

/// The data of a Secret.
pub(super) type Data = BTreeMap<String, ByteString>;

/// Everything that is managed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// What is served.
    pub serving: Option<Pair>,
    /// What signs.
    pub authority: Option<Pair>,
    /// What will sign.
    pub next: Option<Pair>,
    /// What signed: still trusted.
    pub previous: Vec<Certificate>,
}

impl Contents {
    /// What can be used of it, and what cannot and why. An authority without its key is trusted on, since somebody may be
    /// serving what it has signed.
    pub fn read(data: &Data, names: &[String]) -> (Self, Vec<String>) {
        let text = |key: &str| data.get(key).map(|bytes| bytes.0.as_slice()).unwrap_or_default();
        let mut problems = Vec::new();
        let mut pair = |[certificate, key]: [&str; 2]| {
            if text(certificate).is_empty() && text(key).is_empty() {
                return None;
            }
            let read = Pair::read(text(certificate), text(key));
            read.map_err(|problem| problems.push(format!("{certificate} and {key}: {problem}"))).ok()
        };
        let mut contents = Self {
            serving: pair(SERVING),
            authority: pair(AUTHORITY),
            next: pair(NEXT),
            previous: Certificate::all(text(PREVIOUS)),
        };
        if contents.authority.is_none() {
            contents.previous.extend(Certificate::all(text(AUTHORITY[0])));
        }
        if contents.previous.is_empty() && !text(PREVIOUS).is_empty() {
            problems.push(format!("{PREVIOUS}: not readable"));
        }
        if contents.serving.as_ref().is_some_and(|pair| !contents.belongs(pair, names)) {
            problems.push(format!("{}: signed by no authority that is in here", SERVING[0]));
            contents.serving = None;
        }
        if contents.serving.is_none() && contents.next.is_none() && problems.is_empty() {
            problems.push(format!("{} and {}: missing", SERVING[0], SERVING[1]));
        }
        (contents, problems)
    }

    /// What is written into the Secret.
    pub fn data(&self) -> Data {
        let pairs = [(SERVING, &self.serving), (AUTHORITY, &self.authority), (NEXT, &self.next)];
        let mut data = Data::new();
        for ([certificate, key], pair) in pairs {
            let Some(pair) = pair else { continue };
            data.insert(certificate.to_owned(), ByteString(pair.certificate_pem().into_bytes()));
            data.insert(key.to_owned(), ByteString(pair.key_pem().into()));
        }
        if !self.previous.is_empty() {
            let all: String = self.previous.iter().map(Certificate::pem).collect();
            data.insert(PREVIOUS.to_owned(), ByteString(all.into_bytes()));
        }
        data
    }

    /// Whom everybody is to trust.
    pub fn trusted(&self) -> impl Iterator<Item = &Certificate> {
        self.authority.iter().chain(&self.next).map(Pair::certificate).chain(&self.previous)
    }

    /// Keeps these trusted, until they end.
    pub fn trust_too(&mut self, certificates: impl IntoIterator<Item = Certificate>) {
        for certificate in certificates {
            if !self.trusted().any(|known| *known == certificate) {
                self.previous.push(certificate);
            }
        }
    }

    /// Whether who trusts what is in here trusts this pair too.
    fn belongs(&self, serving: &Pair, names: &[String]) -> bool {
        let own = super::x509::alternative_names(serving.certificate().der());
        // Another release may want other names: a name of its own is enough to see who has signed it.
        let name = names.iter().find(|name| own.contains(name)).or(own.first());
        name.is_some_and(|name| serving.certificate().is_signed_by(self.trusted(), name))
    }
}
