//! The arguments of `serve` that say what it proves its identity with, and to whom.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use rustls::pki_types::ServerName;

use super::number::at_least_one;
use crate::cluster;
use crate::cluster::certificates::{Lifetime, Lifetimes, Managed, Managing};
use crate::server::{Clients, Directory, Metrics, OldestTls, Served, Terms, tls};

/// Certificates: where they come from, how long they last, who may connect.
#[derive(Args, Debug)]
pub struct TlsArgs {
    /// Directory with tls.crt (the server's certificate, then its intermediates) and tls.key, in PEM.
    ///
    /// Without it and without --tls-secret, a certificate for localhost is made up and kept in memory: good enough to try
    /// things out, and nothing that an API server would trust.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_DIR", value_name = "DIR", conflicts_with = "tls_secret")]
    pub tls_dir: Option<PathBuf>,

    /// How often --tls-dir and --client-ca are read again, in seconds: what is renewed counts without a restart, what is
    /// bad does not.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_RELOAD_SECONDS", default_value_t = 10, value_name = "SECONDS",
          value_parser = at_least_one)]
    pub tls_reload_seconds: u32,

    /// Make an authority and a certificate, keep them in this Secret, renew both before they end, and have the two webhook
    /// configurations trust them.
    ///
    /// The Secret, and a Lease of the same name by which replicas agree on who renews, are in the namespace of the pod, or
    /// that of KUBECONFIG.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_SECRET", value_name = "NAME")]
    pub tls_secret: Option<String>,

    /// A name or address that the API server calls; may be given several times [default: dapr-preflight.NAMESPACE.svc].
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_NAME", value_name = "NAME", value_delimiter = ',', requires = "tls_secret",
          value_parser = server_name)]
    pub tls_name: Vec<String>,

    /// How long a certificate that is made for --tls-secret lasts.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_VALIDITY", default_value = "90d", value_name = "DURATION",
          value_parser = humantime::parse_duration)]
    pub tls_validity: Duration,

    /// How long before its end it is renewed; a little earlier, by chance.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_RENEW_BEFORE", default_value = "30d", value_name = "DURATION",
          value_parser = humantime::parse_duration)]
    pub tls_renew_before: Duration,

    /// How long an authority that is made for --tls-secret lasts.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_CA_VALIDITY", default_value = "365d", value_name = "DURATION",
          value_parser = humantime::parse_duration)]
    pub tls_ca_validity: Duration,

    /// How long before its end another authority is made; a little earlier, by chance.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_CA_RENEW_BEFORE", default_value = "120d", value_name = "DURATION",
          value_parser = humantime::parse_duration)]
    pub tls_ca_renew_before: Duration,

    /// How long a new authority is in the webhook configurations before anything that it signed is served: longer than
    /// the slowest API server takes to notice.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_SETTLE", default_value = "1m", value_name = "DURATION",
          value_parser = humantime::parse_duration)]
    pub tls_settle: Duration,

    /// How far the clocks of the nodes may be apart: certificates begin this much earlier.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_CLOCK_SKEW", default_value = "10m", value_name = "DURATION",
          value_parser = humantime::parse_duration)]
    pub tls_clock_skew: Duration,

    /// How long the replica that renews may be silent before another one does.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_LEASE", default_value = "15s", value_name = "DURATION",
          value_parser = humantime::parse_duration)]
    pub tls_lease: Duration,

    /// The oldest TLS that is spoken.
    #[arg(long, env = "DAPR_PREFLIGHT_TLS_MIN_VERSION", default_value = "1.3", value_name = "VERSION")]
    pub tls_min_version: OldestTls,

    /// File with the authorities, in PEM, one of which must have signed the certificate of whoever connects.
    ///
    /// The API server shows one when its --admission-control-config-file says so. Without this, everybody may connect.
    #[arg(long, env = "DAPR_PREFLIGHT_CLIENT_CA", value_name = "FILE", requires = "client_name")]
    pub client_ca: Option<PathBuf>,

    /// A common name or DNS name that such a certificate may have; may be given several times.
    #[arg(
        long,
        env = "DAPR_PREFLIGHT_CLIENT_NAME",
        value_name = "NAME",
        value_delimiter = ',',
        requires = "client_ca"
    )]
    pub client_name: Vec<String>,
}

/// A name that can be in a certificate, in the one form that is compared.
fn server_name(text: &str) -> Result<String, String> {
    match ServerName::try_from(text) {
        Ok(ServerName::DnsName(name)) => Ok(name.as_ref().to_ascii_lowercase()),
        Ok(ServerName::IpAddress(address)) => Ok(std::net::IpAddr::from(address).to_string()),
        _ => Err("neither a DNS name, without a port, nor an IP address".to_owned()),
    }
}

/// What is served, and what may change it.
pub(super) struct Identity {
    pub served: Served,
    pub directory: Option<Directory>,
    pub clients: Option<Clients>,
    pub managing: Option<Managing>,
}

impl TlsArgs {
    fn lifetimes(&self) -> Lifetimes {
        Lifetimes {
            serving: Lifetime { validity: self.tls_validity, renew_before: self.tls_renew_before },
            authority: Lifetime { validity: self.tls_ca_validity, renew_before: self.tls_ca_renew_before },
            settle: self.tls_settle,
            skew: self.tls_clock_skew,
            lease: self.tls_lease,
        }
    }

    /// Begins to serve by the source that was asked for.
    pub(super) async fn identity(&self, metrics: &Arc<Metrics>) -> anyhow::Result<Identity> {
        let clients = self.client_ca.as_deref().map(|path| Clients::open(path, &self.client_name)).transpose()?;
        let terms = Terms::new(self.tls_min_version, clients.as_ref());
        let served = |tls| Served::new(tls, Arc::clone(metrics));
        if let Some(directory) = &self.tls_dir {
            let (directory, tls) = Directory::open(directory, terms)?;
            return Ok(Identity { served: served(tls), directory: Some(directory), clients, managing: None });
        }
        if let Some(secret) = &self.tls_secret {
            let served = served(tls::none(&terms)?);
            let managing = self.manage(secret, terms, served.clone(), metrics).await?;
            return Ok(Identity { served, directory: None, clients, managing: Some(managing) });
        }
        let tls = tls::self_signed(&terms)?;
        tracing::warn!("serving a self-signed certificate, made for this run only; --tls-dir serves your own");
        Ok(Identity { served: served(tls), directory: None, clients, managing: None })
    }

    async fn manage(&self, secret: &str, terms: Terms, served: Served, metrics: &Metrics) -> anyhow::Result<Managing> {
        let lifetimes = self.lifetimes();
        lifetimes.check()?;
        let client = cluster::client().await?;
        let service = format!("dapr-preflight.{}.svc", client.default_namespace());
        let names = if self.tls_name.is_empty() { vec![service] } else { self.tls_name.clone() };
        let gauges = metrics.certificate_gauges();
        let managed = Managed { client, secret: secret.to_owned(), names, lifetimes, gauges };
        Ok(managed.start(move |pair| {
            served.replace(tls::in_memory(pair.certificate_pem().as_bytes(), pair.key_pem().as_bytes(), &terms));
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_form_and_what_is_none_is_refused() {
        for (text, name) in
            [("Dapr-Preflight.ns.svc", "dapr-preflight.ns.svc"), ("0:0:0:0:0:0:0:1", "::1"), ("10.0.0.7", "10.0.0.7")]
        {
            assert_eq!(server_name(text).as_deref(), Ok(name));
        }
        for text in ["", "10.0.0.7:8443", "https://x", "zürich", "*.ns.svc"] {
            assert!(server_name(text).is_err(), "{text}");
        }
    }
}
