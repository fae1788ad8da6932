//! What Dapr knows of an annotation: the type of one row of [`super::annotations`].

use super::version::Version;

/// One annotation of Dapr's.
#[derive(Clone, Copy, Debug)]
pub struct Annotation {
    /// With its prefix.
    pub key: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// What counts without it; `None`: nothing is set.
    pub default: Option<&'static str>,
    /// The default up to Dapr 1.17, where 1.18.0 changed it.
    pub former_default: Option<&'static str>,
    /// The first version that reads it.
    pub since: Version,
    /// Patches of older minor versions that read it too.
    pub backports: &'static [Version],
    /// What to use instead.
    pub deprecated_by: Option<&'static str>,
    /// Another annotation that must be true for this one to be looked at.
    pub only_with: Option<&'static str>,
    /// The gravest consequence that a bad value can have.
    pub bad: BadValue,
    /// What it does, in a phrase.
    pub effect: &'static str,
}

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `dapr.io/enabled`: a boolean with a second gate.
    Enabled,
    /// Yes in six words, everything else no.
    Bool,
    /// `dapr.io/app-id`.
    AppId,
    /// The app's port: 32 bits; 0 and less mean none.
    AppPort,
    /// A port of the sidecar's container: 32 bits, 1 to 65535.
    Port,
    /// A number of a probe: 32 bits, not negative.
    Probe,
    /// A number that is passed to daprd as it is.
    Number,
    /// A 32-bit number that is passed to daprd; 0 and less mean the default.
    Number32,
    /// A duration for daprd's flags.
    Duration,
    /// A duration that must be more than zero.
    PositiveDuration,
    /// Cores or bytes of the sidecar's resources.
    Quantity,
    /// A number of bytes as daprd reads it.
    ByteSize,
    /// One of [`super::words::LOG_LEVELS`].
    LogLevel,
    /// One of [`super::words::APP_PROTOCOLS`], or nothing.
    AppProtocol,
    /// One of [`super::words::SECCOMP_PROFILES`], or nothing.
    SeccompProfile,
    /// A list of [`super::words::INIT_ENDPOINTS`].
    InitEndpoints,
    /// A list that daprd reads as CSV.
    Csv,
    /// The same, of addresses: Dapr first takes quotes and then blanks off both ends.
    Addresses,
    /// Variables: `NAME=value,…`.
    Env,
    /// Variables from Secrets: `NAME=secret:key,…`.
    EnvFromSecret,
    /// Mounts: `volume:/path,…`.
    Mounts,
    /// The name of a Secret.
    SecretName,
    /// A container image.
    Image,
    /// Any text: nobody checks it.
    Text,
}

/// What becomes of a bad value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BadValue {
    /// Dapr's injector denies the pod.
    Denied,
    /// Dapr patches the pod, and the API server refuses the result.
    ApiServerRejects,
    /// The pod is created, and daprd exits at start.
    Crash,
    /// The pod is created, and never becomes ready.
    Stuck,
    /// Dapr drops all four resources, and the sidecar runs without any.
    ResourcesDropped,
    /// Dapr drops the value and uses the default.
    Ignored,
    /// Dapr takes it for false.
    ReadAsFalse,
    /// Dapr keeps the lower 32 bits: another number.
    Wraps,
    /// Dapr drops the part that it cannot read and uses the rest.
    FragmentSkipped,
    /// Dapr does not read the annotation at all in this version.
    NotRead,
    /// Nobody checks it.
    NotChecked,
}

impl Annotation {
    /// Whether this version of Dapr reads the annotation.
    #[must_use]
    pub fn known_to(&self, version: Version) -> bool {
        version >= self.since || self.backports.iter().any(|first| version.same_minor(*first) && version >= *first)
    }

    /// The default in this version.
    #[must_use]
    pub fn default_in(&self, version: Version) -> Option<&'static str> {
        match self.former_default {
            Some(former) if version < Version::new(1, 18, 0) => Some(former),
            _ => self.default,
        }
    }
}

impl Kind {
    /// What is accepted, in a phrase for users.
    #[must_use]
    pub fn accepted(self) -> &'static str {
        match self {
            Self::Enabled => "\"true\" or \"false\"",
            Self::Bool => "true or false (also y, yes, t, on, 1 for true)",
            Self::AppId => super::app_id::ACCEPTED,
            Self::AppPort | Self::Port => "a port: a whole number from 1 to 65535",
            Self::Probe => "a whole number from 0 to 2147483647",
            Self::Number => "a whole number, -9 at least",
            Self::Number32 => "a whole number from 1 to 2147483647",
            Self::Duration => "a duration with units, such as 30s or 1m30s, not negative",
            Self::PositiveDuration => "a duration with units, such as 30s or 1m30s, more than zero",
            Self::Quantity => "a Kubernetes quantity, such as 300m or 256Mi, not negative",
            Self::ByteSize => "a whole number with or without suffix and without point, such as 4Mi",
            Self::LogLevel => "debug, info, warn, error or fatal",
            Self::AppProtocol => "http, https, grpc, grpcs or h2c",
            Self::SeccompProfile => "RuntimeDefault or Unconfined",
            Self::InitEndpoints => "config, subscribe or both, separated by a comma",
            Self::Csv => "names separated by commas, without quotes",
            Self::Addresses => "host:port, separated by commas, without quotes",
            Self::Env => "NAME=value, separated by commas, each name an identifier",
            Self::EnvFromSecret => "NAME=secret or NAME=secret:key, separated by commas",
            Self::Mounts => "volume:/path, separated by commas",
            Self::SecretName => "the name of a Secret: lower-case letters, digits, '-' and '.'",
            Self::Image => "a container image without blanks around it",
            Self::Text => "any text",
        }
    }

    /// Where a value's fate is decided: a file of `dapr/dapr`, or the project's name before it.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::Enabled => "pkg/injector/service/handler.go: podHasDaprEnabled",
            Self::Bool => "dapr/kit strings/strings.go: IsTruthy",
            Self::AppId => "pkg/validation/validation.go: ValidateKubernetesAppID",
            Self::AppPort | Self::Text => "pkg/injector/patcher/sidecar_container.go: getSidecarContainer",
            Self::Port | Self::Probe => "kubernetes pkg/apis/core/validation/validation.go: ValidatePodCreate",
            Self::Number | Self::Number32 | Self::ByteSize => "cmd/daprd/options/options.go: New",
            Self::Duration | Self::PositiveDuration => "cmd/daprd/options/options.go: New",
            Self::Quantity => "pkg/injector/patcher/sidecar_container.go: getResourceRequirements",
            Self::LogLevel => "dapr/kit logger/options.go: ApplyOptionsToLoggers",
            Self::AppProtocol | Self::InitEndpoints => "pkg/runtime/config.go: toInternal",
            Self::SeccompProfile => "kubernetes pkg/apis/core/validation/validation.go: validateSeccompProfileField",
            Self::Csv | Self::Addresses => "cmd/daprd/options/options.go: New (StringSliceVar)",
            Self::Env | Self::EnvFromSecret => "pkg/injector/patcher/sidecar_container.go: parseEnvVars",
            Self::Mounts => "pkg/injector/patcher/sidecar_volumes.go: parseVolumeMountsString",
            Self::SecretName => "kubernetes pkg/apis/core/validation/validation.go: validateSecretKeySelector",
            Self::Image => "kubernetes pkg/apis/core/validation/validation.go: validateContainerCommon",
        }
    }
}
