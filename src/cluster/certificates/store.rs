//! The Secret, the Lease and the webhook configurations at the API server: read and written, each with the version that it
//! replaces. Nothing is decided here.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{BoxStream, select_all};
use futures_util::{StreamExt as _, future};
use k8s_openapi::api::admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, ApiResource, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::PartialObjectMeta;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, ResourceExt as _};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::contents::{Contents, Data};
use super::pair::Certificate;

/// The name of both webhook configurations: the chart's, which sorts before that of Dapr's injector.
const CONFIGURATION: &str = "dapr-preflight";
/// Under which name `caBundle`, and nothing else, is owned.
const MANAGER: &str = "dapr-preflight-certificates";
/// The annotation of the Secret by which a person asks for another authority, whatever its value; taken away when it is made.
pub(super) const RENEW: &str = "dapr-preflight.io/renew";
/// How long the API server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why something was not read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    /// The API server said no, or could not be asked.
    #[error("{}", crate::cluster::chain(.0))]
    Api(kube::Error),
    /// It did not answer.
    #[error("the API server did not answer within {} s", PATIENCE.as_secs())]
    Late,
}

impl StoreError {
    fn code(&self) -> Option<u16> {
        match self {
            Self::Api(kube::Error::Api(status)) => Some(status.code),
            _ => None,
        }
    }

    /// Somebody else has written since it was read.
    pub fn is_conflict(&self) -> bool {
        self.code() == Some(409)
    }

    /// Only a person can change it.
    pub fn is_forbidden(&self) -> bool {
        matches!(self.code(), Some(401 | 403))
    }
}

type Result<T> = std::result::Result<T, StoreError>;

/// The objects that certificates are managed by.
pub(super) struct Store {
    name: String,
    secrets: Api<Secret>,
    secret_metadata: Api<PartialObjectMeta<Secret>>,
    leases: Api<Lease>,
    configurations: [(ApiResource, Api<DynamicObject>); 2],
}

/// A webhook configuration, as far as it matters here.
#[derive(Debug)]
pub(super) struct Configuration {
    nth: usize,
    version: Option<String>,
    webhooks: Vec<String>,
    /// Whom each webhook trusts.
    pub trusted: Vec<Vec<Certificate>>,
}

impl Store {
    /// The Secret and the Lease have one name, in one namespace.
    pub fn new(client: &Client, namespace: &str, name: &str) -> Self {
        let kinds = [
            ApiResource::erase::<MutatingWebhookConfiguration>(&()),
            ApiResource::erase::<ValidatingWebhookConfiguration>(&()),
        ];
        Self {
            name: name.to_owned(),
            secrets: Api::namespaced(client.clone(), namespace),
            secret_metadata: Api::namespaced(client.clone(), namespace),
            leases: Api::namespaced(client.clone(), namespace),
            configurations: kinds.map(|kind| {
                let api = Api::all_with(client.clone(), &kind);
                (kind, api)
            }),
        }
    }

    /// Something each time that one of them may have changed.
    pub fn changes(&self) -> BoxStream<'static, ()> {
        let named = |name: &str| watcher::Config::default().fields(&format!("metadata.name={name}"));
        let secret = watcher(self.secret_metadata.clone(), named(&self.name)).default_backoff();
        let configurations = self.configurations.iter().map(|(_, api)| {
            let events = watcher(api.clone(), named(CONFIGURATION)).default_backoff();
            events.filter_map(|event| future::ready(change(&event))).boxed()
        });
        let secret = secret.filter_map(|event| future::ready(change(&event))).boxed();
        select_all(configurations.chain([secret])).boxed()
    }

    pub async fn secret(&self) -> Result<Option<Secret>> {
        within(self.secrets.get_opt(&self.name)).await
    }

    /// Writes the Secret anew, or in the place of this version; nothing of it but the data is changed, and what was asked
    /// for by [`RENEW`] is done.
    pub async fn write_secret(&self, old: Option<Secret>, data: Data) -> Result<()> {
        let Some(mut secret) = old else {
            let metadata = json!({ "name": self.name, "labels": { "app.kubernetes.io/name": "dapr-preflight" } });
            let mut secret = Secret { data: Some(data), ..Secret::default() };
            secret.metadata = serde_json::from_value(metadata).unwrap_or_default();
            return within(self.secrets.create(&PostParams::default(), &secret)).await.map(drop);
        };
        secret.data = Some(data);
        secret.annotations_mut().remove(RENEW);
        within(self.secrets.replace(&self.name, &PostParams::default(), &secret)).await.map(drop)
    }

    pub async fn lease(&self) -> Result<Option<Lease>> {
        within(self.leases.get_opt(&self.name)).await
    }

    pub async fn write_lease(&self, mut lease: Lease) -> Result<Lease> {
        if lease.resource_version().is_some() {
            return within(self.leases.replace(&self.name, &PostParams::default(), &lease)).await;
        }
        lease.metadata.name = Some(self.name.clone());
        within(self.leases.create(&PostParams::default(), &lease)).await
    }

    /// Those that exist.
    pub async fn configurations(&self) -> Result<Vec<Configuration>> {
        let mut found = Vec::new();
        for (nth, (_, api)) in self.configurations.iter().enumerate() {
            let Some(object) = within(api.get_opt(CONFIGURATION)).await? else { continue };
            let webhooks = object.data["webhooks"].as_array().cloned().unwrap_or_default();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            found.push(Configuration {
                nth,
                version: object.resource_version(),
                webhooks: webhooks.iter().map(|webhook| text(&webhook["name"])).collect(),
                trusted: webhooks
                    .iter()
                    .map(|webhook| STANDARD.decode(text(&webhook["clientConfig"]["caBundle"])).unwrap_or_default())
                    .map(|bundle| Certificate::all(&bundle))
                    .collect(),
            });
        }
        Ok(found)
    }

    /// Has every webhook of a configuration trust these, and owns that field alone. The version is named, so that nothing is
    /// written over what was not seen, and nothing is made that is not there.
    pub async fn trust(&self, configuration: &Configuration, contents: &Contents) -> Result<()> {
        let (kind, api) = &self.configurations[configuration.nth];
        let bundle: String = contents.trusted().map(Certificate::pem).collect();
        let bundle = STANDARD.encode(bundle);
        let webhooks: Vec<_> = configuration
            .webhooks
            .iter()
            .map(|name| json!({ "name": name, "clientConfig": { "caBundle": bundle } }))
            .collect();
        let patch = json!({
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "metadata": { "name": CONFIGURATION, "resourceVersion": configuration.version },
            "webhooks": webhooks,
        });
        let parameters = PatchParams::apply(MANAGER).force();
        within(api.patch(CONFIGURATION, &parameters, &Patch::Apply(patch))).await.map(drop)
    }
}

impl Configuration {
    /// Whether each webhook trusts these and nobody else, in whatever order.
    pub fn trusts(&self, contents: &Contents) -> bool {
        self.trusted.iter().all(|trusted| {
            trusted.len() == contents.trusted().count() && contents.trusted().all(|wanted| trusted.contains(wanted))
        })
    }

    /// Whether each webhook trusts whoever has signed what is served.
    pub fn would_trust(&self, serving: &super::Pair) -> bool {
        let names = crate::cluster::x509::alternative_names(serving.certificate().der());
        let name = names.first().map(String::as_str).unwrap_or_default();
        self.trusted.iter().all(|trusted| serving.certificate().is_signed_by(trusted, name))
    }
}

/// Something where the event may be news. That a list begins is none: it begins again and again while nobody answers.
fn change<K>(event: &watcher::Result<watcher::Event<K>>) -> Option<()> {
    use watcher::Event::{Apply, Delete, InitDone};
    matches!(event, Ok(Apply(_) | Delete(_) | InitDone)).then_some(())
}

async fn within<T>(answer: impl Future<Output = kube::Result<T>>) -> Result<T> {
    timeout(PATIENCE, answer).await.map_err(|_| StoreError::Late)?.map_err(StoreError::Api)
}
