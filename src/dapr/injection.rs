//! What Dapr's injector makes of a pod: its decision, and the sidecar it would add.
//!
//! From the pod alone. Who asks (the injector serves only known controllers) and the injector's own settings are not
//! looked at.

use super::app_id::{self, AppIdError};
use super::env::{Entries, EnvEntry, entries};
use super::pod::{Container, Pod, SIDECAR_CONTAINER};
use super::quantity::{Quantity, QuantityError};
use super::version::Version;
use super::{boolean, integer, keys};

/// Since this version the injector sees a `daprd` among the init containers, and can put its own there.
const NATIVE_SIDECARS: Version = Version::new(1, 18, 0);

/// What the injector does with a pod.
#[derive(Clone, Copy, Debug)]
pub enum Injection<'p> {
    /// Nothing: `dapr.io/enabled` does not say so.
    NotEnabled,
    /// Nothing: a container named `daprd` is there.
    AlreadyInjected(Place),
    /// The pod is denied.
    Refused(AppIdError<'p>),
    /// The pod gets this sidecar.
    Injected(Sidecar<'p>),
}

/// Where a container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// `containers` or `initContainers`.
    pub list: &'static str,
    /// Its index there.
    pub index: usize,
}

/// The sidecar that a pod would get. Nothing is computed before it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Sidecar<'p> {
    pod: &'p Pod<'p>,
    version: Version,
}

/// The sidecar's resources; `None`: not set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SidecarResources {
    /// In cores.
    pub cpu_request: Option<Quantity>,
    /// In cores.
    pub cpu_limit: Option<Quantity>,
    /// In bytes.
    pub memory_request: Option<Quantity>,
    /// In bytes.
    pub memory_limit: Option<Quantity>,
}

/// A quantity that does not parse: Dapr then drops all four, and the pod runs without any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadQuantity<'p> {
    /// The annotation's key.
    pub key: &'static str,
    /// Its value.
    pub value: &'p str,
    /// What is wrong with it.
    pub error: QuantityError,
}

/// A port that daprd listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// What it is for, in a word or two.
    pub name: &'static str,
    /// Its number; out of range where the annotation's is.
    pub number: i32,
    /// The annotation that moves it, if one does.
    pub key: Option<&'static str>,
}

/// Decides as the injector does (`service/handler.go`, `patcher/sidecar_patcher.go`): first the gate, then a sidecar that
/// is there already, then the app-id.
#[must_use]
pub fn predict<'p>(pod: &'p Pod<'_>, version: Version) -> Injection<'p> {
    if !pod.annotation(keys::ENABLED).is_some_and(|value| boolean::enabled(value, version)) {
        return Injection::NotEnabled;
    }
    if let Some(place) = sidecar_place(pod, version) {
        return Injection::AlreadyInjected(place);
    }
    let sidecar = Sidecar::of(pod, version);
    match app_id::check(sidecar.app_id()) {
        Err(error) => Injection::Refused(error),
        Ok(()) => Injection::Injected(sidecar),
    }
}

/// Where the injector sees a sidecar already: containers first, then, since 1.18, init containers. An older one adds a
/// second `daprd`, and the API server refuses the pod for its two equal names.
fn sidecar_place(pod: &Pod<'_>, version: Version) -> Option<Place> {
    let find = |list, containers: &[Container<'_>]| {
        let index = containers.iter().position(|container| &*container.name == SIDECAR_CONTAINER)?;
        Some(Place { list, index })
    };
    find("containers", &pod.spec.containers)
        .or_else(|| (version >= NATIVE_SIDECARS).then(|| find("initContainers", &pod.spec.init_containers)).flatten())
}

impl<'p> Sidecar<'p> {
    /// The sidecar that the pod's annotations ask for, whether the injector has made it already or not.
    #[must_use]
    pub fn of(pod: &'p Pod<'_>, version: Version) -> Self {
        Self { pod, version }
    }

    /// The app-id: without the annotation, or with an empty one, the pod's name.
    #[must_use]
    pub fn app_id(&self) -> &'p str {
        match self.pod.annotation(keys::APP_ID) {
            None | Some("") => &self.pod.metadata.name,
            Some(id) => id,
        }
    }

    /// The resources from the four annotations. An empty value counts as none
    /// (`patcher/sidecar_container.go: getResourceRequirements`).
    ///
    /// # Errors
    /// The first one that does not parse, in Dapr's order.
    pub fn resources(&self) -> Result<SidecarResources, BadQuantity<'p>> {
        Ok(SidecarResources {
            cpu_request: self.quantity(keys::CPU_REQUEST)?,
            cpu_limit: self.quantity(keys::CPU_LIMIT)?,
            memory_request: self.quantity(keys::MEMORY_REQUEST)?,
            memory_limit: self.quantity(keys::MEMORY_LIMIT)?,
        })
    }

    fn quantity(&self, key: &'static str) -> Result<Option<Quantity>, BadQuantity<'p>> {
        match self.pod.annotation(key) {
            None | Some("") => Ok(None),
            Some(value) => Quantity::parse(value).map(Some).map_err(|error| BadQuantity { key, value, error }),
        }
    }

    /// The variables of `dapr.io/env`.
    #[must_use]
    pub fn env(&self) -> Entries<'p> {
        entries(self.pod.annotation(keys::ENV).unwrap_or_default(), self.version)
    }

    /// The variables of `dapr.io/env-from-secret`, which come after those of [`Self::env`], so that Kubernetes lets them
    /// win.
    #[must_use]
    pub fn secret_env(&self) -> Entries<'p> {
        entries(self.pod.annotation(keys::ENV_FROM_SECRET).unwrap_or_default(), self.version)
    }

    /// The names of both, also of the secret ones that set no variable: what Dapr writes into `DAPR_ENV_KEYS`.
    pub fn env_keys(&self) -> impl Iterator<Item = &'p str> + use<'p> {
        self.env().chain(self.secret_env()).map(|entry| entry.name)
    }

    /// What `dapr.io/env` gives for a name: of several the last one counts.
    #[must_use]
    pub fn env_value(&self, name: &str) -> Option<&'p str> {
        self.env().filter(|entry| entry.name == name).map(|EnvEntry { value, .. }| value).last()
    }

    /// Whether it becomes an init container that keeps running. The injector's own default (Helm
    /// `dapr_sidecar_injector.nativeSidecar`) is not known here; the annotation overrides it both ways.
    #[must_use]
    pub fn native(&self) -> bool {
        self.version >= NATIVE_SIDECARS && self.is_on(keys::NATIVE_SIDECAR)
    }

    /// The ports on which daprd listens. All containers of a pod share one network, so no other may use them. With
    /// `enable-metrics` off daprd is told nothing, and serves metrics on its own default port.
    pub fn ports(&self) -> impl Iterator<Item = Port> + use<'p> {
        let fixed = |name, number| Port { name, number, key: None };
        let moved = |name, key, default| Port { name, number: self.number(key, default), key: Some(key) };
        let metrics = match self.truthy(keys::ENABLE_METRICS).unwrap_or(true) {
            true => moved("metrics", keys::METRICS_PORT, 9090),
            false => fixed("metrics", 9090),
        };
        [
            Some(fixed("HTTP API", 3500)),
            Some(fixed("health", 3501)),
            Some(moved("gRPC API", keys::GRPC_PORT, 50001)),
            Some(moved("internal gRPC", keys::INTERNAL_GRPC_PORT, 50002)),
            Some(metrics),
            self.is_on(keys::ENABLE_PROFILING).then(|| fixed("profiling", 7777)),
            self.is_on(keys::ENABLE_DEBUG).then(|| moved("debugger", keys::DEBUG_PORT, 40000)),
        ]
        .into_iter()
        .flatten()
    }

    /// A 32-bit number, with the default where the annotation is absent or does not parse.
    #[must_use]
    pub fn number(&self, key: &str, default: i32) -> i32 {
        self.pod.annotation(key).and_then(integer::parse).map_or(default, integer::wrapped)
    }

    /// Whether a boolean that is off by default is on.
    #[must_use]
    pub fn is_on(&self, key: &str) -> bool {
        self.truthy(key).unwrap_or(false)
    }

    /// `None` when the annotation is absent.
    fn truthy(&self, key: &str) -> Option<bool> {
        self.pod.annotation(key).map(boolean::truthy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Version = Version::newest_of(1, 17);
    const NEW: Version = Version::new(1, 18, 0);

    fn pod(json: &str) -> Pod<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_pod_that_does_not_ask_is_left_alone_even_with_a_bad_app_id() {
        let pod = pod(r#"{"spec": {}, "metadata": {"annotations": {"dapr.io/app-id": "-"}}}"#);
        assert!(matches!(predict(&pod, NEW), Injection::NotEnabled));
    }

    #[test]
    fn a_sidecar_among_init_containers_is_seen_since_1_18() {
        let pod = pod(r#"{"metadata": {"annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": "a"}},
                          "spec": {"initContainers": [{"name": "first"}, {"name": "daprd"}]}}"#);
        let place = Place { list: "initContainers", index: 1 };
        assert!(matches!(predict(&pod, NEW), Injection::AlreadyInjected(found) if found == place));
        assert!(matches!(predict(&pod, OLD), Injection::Injected(_)));
    }

    #[test]
    fn a_sidecar_that_is_there_comes_before_a_bad_app_id() {
        let pod = pod(r#"{"metadata": {"annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": "-"}},
                          "spec": {"containers": [{"name": "daprd"}], "initContainers": [{"name": "daprd"}]}}"#);
        let place = Place { list: "containers", index: 0 };
        assert!(matches!(predict(&pod, NEW), Injection::AlreadyInjected(found) if found == place));
    }

    #[test]
    fn the_pods_name_stands_in_for_an_app_id() {
        let named = pod(
            r#"{"spec": {}, "metadata": {"name": "db-0", "annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": ""}}}"#,
        );
        assert!(matches!(predict(&named, NEW), Injection::Injected(sidecar) if sidecar.app_id() == "db-0"));
        let dotted = pod(r#"{"spec": {}, "metadata": {"name": "db.0", "annotations": {"dapr.io/enabled": "true"}}}"#);
        assert!(matches!(predict(&dotted, NEW), Injection::Refused(AppIdError::Invalid { id: "db.0", .. })));
        let unnamed =
            pod(r#"{"spec": {}, "metadata": {"generateName": "db-", "annotations": {"dapr.io/enabled": "true"}}}"#);
        assert!(matches!(predict(&unnamed, NEW), Injection::Refused(AppIdError::Empty)));
    }

    #[test]
    fn metrics_that_are_off_are_served_all_the_same() {
        let pod = pod(r#"{"spec": {}, "metadata": {"annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": "a",
                          "dapr.io/enable-metrics": "false", "dapr.io/metrics-port": "1234", "dapr.io/grpc-port": "x",
                          "dapr.io/enable-profiling": "yes"}}}"#);
        let Injection::Injected(sidecar) = predict(&pod, NEW) else { panic!("not injected") };
        let numbers: Vec<_> = sidecar.ports().map(|port| port.number).collect();
        assert_eq!(numbers, [3500, 3501, 50001, 50002, 9090, 7777]);
    }
}
