//! Dapr's injectors, of which one injects at a time.

use std::collections::HashMap;

/// Dapr's injector, as it can be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dapr {
    /// 1.15.0.
    V1_15,
    /// 1.18.2.
    V1_18,
    /// 1.18.2 with native sidecars for everybody.
    V1_18Native,
}

impl Dapr {
    /// All of them; each runs all the time.
    pub const ALL: [Self; 3] = [Self::V1_15, Self::V1_18, Self::V1_18Native];

    /// Its version.
    pub fn version(self) -> &'static str {
        match self {
            Self::V1_15 => "1.15.0",
            Self::V1_18 | Self::V1_18Native => "1.18.2",
        }
    }

    /// The image that it puts into pods.
    pub fn image(self) -> String {
        format!("ghcr.io/dapr/daprd:{}", self.version())
    }

    /// The name of its process.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1_15 => "injector-1.15",
            Self::V1_18 => "injector-1.18",
            Self::V1_18Native => "injector-1.18-native",
        }
    }

    /// Where it listens.
    pub fn port(self, ports: &HashMap<&'static str, u16>) -> u16 {
        ports[self.name()]
    }
}
