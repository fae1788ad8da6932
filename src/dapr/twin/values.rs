//! The annotations of a pod as the injector reads them: by type, with its defaults
//! (`pkg/injector/patcher/sidecar.go: setValueFromString`).

use super::Settings;
use crate::dapr::annotations;
use crate::dapr::pod::Pod;
use crate::dapr::version::Version;
use crate::dapr::{boolean, integer, keys};

/// A pod's annotations, for one version and installation of the injector.
pub(super) struct Values<'p> {
    pod: &'p Pod<'p>,
    pub version: Version,
    pub settings: &'p Settings,
}

impl<'p> Values<'p> {
    pub fn new(pod: &'p Pod<'p>, version: Version, settings: &'p Settings) -> Self {
        Self { pod, version, settings }
    }

    /// What is written, if this version reads the annotation. An empty value is one.
    pub fn given(&self, key: &str) -> Option<&'p str> {
        self.pod.annotation(key).filter(|_| annotations::lookup(key).is_some_and(|row| row.known_to(self.version)))
    }

    /// A text; empty where the annotation is absent and has no default.
    pub fn text(&self, key: &str) -> &'p str {
        self.given(key).or_else(|| self.default(key)).unwrap_or_default()
    }

    /// A text that counts only when it is not empty.
    pub fn filled(&self, key: &str) -> Option<&'p str> {
        self.given(key).filter(|value| !value.is_empty())
    }

    /// Two lists of addresses are first freed of quotes, then of blanks.
    pub fn address(&self, key: &str) -> Option<&'p str> {
        self.given(key).map(|value| value.trim_matches(['"', '\'']).trim())
    }

    pub fn is_on(&self, key: &str) -> bool {
        self.switch(key).unwrap_or(false)
    }

    /// A switch; `None` when the annotation is absent.
    pub fn switch(&self, key: &str) -> Option<bool> {
        self.given(key).map(boolean::truthy)
    }

    /// A number of 64 bits; `None` when it is absent or does not parse.
    pub fn number(&self, key: &str) -> Option<i64> {
        self.given(key).and_then(integer::parse)
    }

    /// A number of 32 bits: what is longer is cut, and what does not parse is the default.
    pub fn number32(&self, key: &str) -> i32 {
        let default = || self.default(key).and_then(integer::parse).unwrap_or_default();
        integer::wrapped(self.number(key).unwrap_or_else(default))
    }

    pub fn metrics(&self) -> bool {
        self.switch(keys::ENABLE_METRICS).unwrap_or(true)
    }

    /// Whether the sidecar becomes an init container: the annotation overrides the setting both ways.
    pub fn native(&self) -> bool {
        self.version >= Version::new(1, 18, 0)
            && self.switch(keys::NATIVE_SIDECAR).unwrap_or(self.settings.native_sidecars)
    }

    fn default(&self, key: &str) -> Option<&'static str> {
        annotations::lookup(key)?.default_in(self.version)
    }
}
