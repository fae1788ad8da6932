//! The injector's twin: the whole pod as Dapr's sidecar injector would leave it.
//!
//! From pod, Dapr version and the injector's own settings. Not looked at: who asks (the injector serves only known
//! controllers), and Components that bring a container of their own (`dapr.io/inject-pluggable-components`), since they
//! are in the cluster. The rules ask [`super::injection`], which computes only what they read.

mod app;
mod arguments;
mod container;
mod environment;
mod settings;
mod values;
mod volumes;

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::injection::{Injection, Sidecar, predict};
use super::keys;
use super::pod::Pod;
use super::version::Version;

pub use settings::Settings;
use values::Values;

/// What the injector does.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing, and why.
    NotInjected(String),
    /// It denies the pod, with this message.
    Refused(String),
    /// The pod as it leaves it.
    Injected(Value),
}

/// The pod after the injector (`pkg/injector/patcher/sidecar_patcher.go: GetPatch`).
///
/// # Errors
/// A pod that the API server could not read either.
pub fn inject(pod: &Value, version: Version, settings: &Settings) -> Result<Outcome, serde_json::Error> {
    let view = Pod::deserialize(pod)?;
    // A typed view reads lists as objects too, which nothing else does.
    let containers = entries(&pod["spec"], "containers").iter().chain(entries(&pod["spec"], "initContainers"));
    if ![&pod["metadata"], &pod["spec"]].into_iter().chain(containers).all(Value::is_object) {
        return Err(serde::de::Error::custom("metadata, spec and each container must be objects"));
    }
    Ok(match predict(&view, version) {
        Injection::NotEnabled => Outcome::NotInjected(format!("{} is not \"true\"", keys::ENABLED)),
        Injection::AlreadyInjected(place) => {
            Outcome::NotInjected(format!("spec.{}[{}] is named daprd already", place.list, place.index))
        }
        Injection::Refused(error) => Outcome::Refused(error.to_string()),
        Injection::Injected(sidecar) => {
            Outcome::Injected(injected(pod, &sidecar, &Values::new(&view, version, settings)))
        }
    })
}

fn injected(before: &Value, sidecar: &Sidecar<'_>, values: &Values<'_>) -> Value {
    let mut pod = before.clone();
    let app_id = sidecar.app_id();
    let components = volumes::has_components(before, values);

    volumes::add(&mut pod, values);
    let container = container::daprd(before, sidecar, values, components);
    let place = if values.native() { "initContainers" } else { "containers" };
    list(&mut pod["spec"], place).push(container);

    let labels = &mut pod["metadata"]["labels"];
    labels["dapr.io/sidecar-injected"] = json!("true");
    labels["dapr.io/app-id"] = json!(app_id);
    labels["dapr.io/metrics-enabled"] = json!(values.metrics().to_string());

    app::add_to_containers(&mut pod, before, values);
    if components {
        volumes::add_sockets(&mut pod, before);
    }
    pod
}

/// A list of an object, made if it is not there.
fn list<'v>(object: &'v mut Value, name: &str) -> &'v mut Vec<Value> {
    let list = &mut object[name];
    if !list.is_array() {
        *list = json!([]);
    }
    list.as_array_mut().expect("it was made a list above")
}

/// The entries of a list, none if it is not there.
fn entries<'v>(object: &'v Value, name: &str) -> &'v [Value] {
    object[name].as_array().map_or(&[], Vec::as_slice)
}
