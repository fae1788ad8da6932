//! Every annotation that Dapr 1.18.3 knows (`pkg/injector/annotations/annotations.go`), sorted by key. The first version
//! of each was found by walking Dapr's release tags.

use super::annotation::BadValue::{
    ApiServerRejects, Crash, Denied, FragmentSkipped, Ignored, NotChecked, ReadAsFalse, Stuck,
};
use super::annotation::{Annotation, BadValue, Kind};
use super::version::Version;

/// The annotation of this key, if Dapr has one.
#[must_use]
pub fn lookup(key: &str) -> Option<&'static Annotation> {
    ANNOTATIONS.binary_search_by_key(&key, |annotation| annotation.key).ok().map(|index| &ANNOTATIONS[index])
}

/// All of them.
pub static ANNOTATIONS: [Annotation; 64] = [
    row(
        "dapr.io/actors-disseminate-timeout",
        Kind::PositiveDuration,
        Some("30s"),
        (1, 18, 0),
        Crash,
        "how long a round of actor placement may take",
    ),
    row(
        "dapr.io/api-token-secret",
        Kind::SecretName,
        None,
        (0, 8, 0),
        ApiServerRejects,
        "the Secret (key token) that callers of the sidecar must present",
    ),
    row(
        "dapr.io/app-binding-options-timeout",
        Kind::Duration,
        Some("3s"),
        (1, 18, 3),
        Crash,
        "how long daprd waits for the app's list of input bindings",
    )
    .backported_to(&[Version::new(1, 16, 18), Version::new(1, 17, 12)]),
    row(
        "dapr.io/app-channel-address",
        Kind::Text,
        Some("127.0.0.1"),
        (1, 11, 0),
        NotChecked,
        "the address on which daprd calls the app",
    ),
    row(
        "dapr.io/app-health-check-path",
        Kind::Text,
        Some("/healthz"),
        (1, 9, 0),
        NotChecked,
        "the HTTP path of the app's health check",
    )
    .only_with("dapr.io/enable-app-health-check"),
    row(
        "dapr.io/app-health-probe-interval",
        Kind::Number32,
        Some("5"),
        (1, 9, 0),
        Crash,
        "seconds between two health checks of the app",
    )
    .only_with("dapr.io/enable-app-health-check"),
    row(
        "dapr.io/app-health-probe-timeout",
        Kind::Number32,
        Some("500"),
        (1, 9, 0),
        Crash,
        "milliseconds that the app may take to answer a health check",
    )
    .only_with("dapr.io/enable-app-health-check"),
    row(
        "dapr.io/app-health-threshold",
        Kind::Number32,
        Some("3"),
        (1, 9, 0),
        Crash,
        "failed health checks after which the app counts as unhealthy",
    )
    .only_with("dapr.io/enable-app-health-check"),
    row(
        "dapr.io/app-id",
        Kind::AppId,
        None,
        (0, 10, 0),
        Denied,
        "the name by which others call the app; without it, the pod's name",
    ),
    row(
        "dapr.io/app-max-concurrency",
        Kind::Number,
        Some("-1"),
        (0, 10, 0),
        Crash,
        "calls that daprd passes to the app at the same time; -1 and 0: no limit",
    ),
    row(
        "dapr.io/app-port",
        Kind::AppPort,
        Some("0"),
        (0, 10, 0),
        Stuck,
        "the port on which the app listens; without it, daprd never calls the app",
    ),
    row("dapr.io/app-protocol", Kind::AppProtocol, Some("http"), (0, 10, 0), Crash, "how daprd talks to the app"),
    row("dapr.io/app-ssl", Kind::Bool, Some("false"), (1, 0, 0), ReadAsFalse, "TLS between daprd and the app")
        .deprecated_by("dapr.io/app-protocol: https or grpcs"),
    row(
        "dapr.io/app-token-secret",
        Kind::SecretName,
        None,
        (1, 0, 0),
        ApiServerRejects,
        "the Secret (key token) that daprd presents to the app",
    ),
    row(
        "dapr.io/block-shutdown-duration",
        Kind::Duration,
        None,
        (1, 13, 0),
        Crash,
        "how long daprd keeps working after it was told to stop",
    ),
    row(
        "dapr.io/component-container",
        Kind::Text,
        None,
        (1, 11, 0),
        NotChecked,
        "read from Component resources only: the container of a pluggable component",
    ),
    row(
        "dapr.io/config",
        Kind::Csv,
        None,
        (0, 1, 0),
        Crash,
        "the Configuration in the pod's namespace; daprd does not start without it",
    ),
    row("dapr.io/debug-port", Kind::Port, Some("40000"), (1, 2, 0), ApiServerRejects, "the debugger's port")
        .only_with("dapr.io/enable-debug"),
    row(
        "dapr.io/disable-builtin-k8s-secret-store",
        Kind::Bool,
        Some("false"),
        (1, 8, 0),
        ReadAsFalse,
        "no Kubernetes secret store unless a Component declares it",
    ),
    row(
        "dapr.io/disable-init-endpoints",
        Kind::InitEndpoints,
        None,
        (1, 17, 0),
        Crash,
        "which of the app's start-up endpoints daprd does not call",
    ),
    row(
        "dapr.io/enable-api-logging",
        Kind::Bool,
        None,
        (1, 7, 0),
        ReadAsFalse,
        "a log line for every API call; overrides the Configuration both ways",
    ),
    row(
        "dapr.io/enable-app-health-check",
        Kind::Bool,
        Some("false"),
        (1, 9, 0),
        ReadAsFalse,
        "daprd checks the app's health",
    ),
    row(
        "dapr.io/enable-debug",
        Kind::Bool,
        Some("false"),
        (1, 2, 0),
        ReadAsFalse,
        "daprd runs under a debugger: never in production",
    ),
    row(
        "dapr.io/enable-metrics",
        Kind::Bool,
        Some("true"),
        (1, 1, 0),
        ReadAsFalse,
        "passes the metrics flags; off only drops them, and daprd still listens on 9090",
    ),
    row(
        "dapr.io/enable-native-sidecar",
        Kind::Bool,
        Some("false"),
        (1, 18, 0),
        ReadAsFalse,
        "daprd becomes an init container that keeps running",
    ),
    row(
        "dapr.io/enable-profiling",
        Kind::Bool,
        Some("false"),
        (0, 10, 0),
        ReadAsFalse,
        "serves Go's profiler on port 7777",
    ),
    row("dapr.io/enabled", Kind::Enabled, Some("false"), (0, 1, 0), Ignored, "whether the pod gets a sidecar"),
    row("dapr.io/env", Kind::Env, None, (1, 1, 0), ApiServerRejects, "extra environment of the sidecar"),
    row(
        "dapr.io/env-from-secret",
        Kind::EnvFromSecret,
        None,
        (1, 15, 0),
        ApiServerRejects,
        "extra environment of the sidecar, from Secrets",
    ),
    row(
        "dapr.io/graceful-shutdown-seconds",
        Kind::Number,
        Some("-1"),
        (1, 6, 0),
        Crash,
        "seconds that daprd takes to stop; negative: 5, 0: for ever",
    ),
    row("dapr.io/grpc-port", Kind::Port, Some("50001"), (1, 15, 0), ApiServerRejects, "the port of the gRPC API"),
    row("dapr.io/http-max-request-size", Kind::Number, Some("4"), (1, 0, 0), Crash, "the largest request body, in MiB")
        .deprecated_by("dapr.io/max-body-size"),
    row(
        "dapr.io/http-read-buffer-size",
        Kind::Number,
        Some("4"),
        (1, 5, 0),
        Crash,
        "the buffer for request headers, in KiB",
    )
    .deprecated_by("dapr.io/read-buffer-size"),
    row(
        "dapr.io/inject-pluggable-components",
        Kind::Bool,
        Some("false"),
        (1, 11, 0),
        ReadAsFalse,
        "adds the containers that Components describe",
    ),
    row(
        "dapr.io/internal-grpc-port",
        Kind::Port,
        Some("50002"),
        (1, 15, 0),
        ApiServerRejects,
        "the port on which sidecars call each other",
    ),
    row("dapr.io/log-as-json", Kind::Bool, Some("false"), (0, 5, 0), ReadAsFalse, "the sidecar's log in JSON"),
    row("dapr.io/log-level", Kind::LogLevel, Some("info"), (0, 1, 0), Crash, "what the sidecar logs"),
    row("dapr.io/max-body-size", Kind::ByteSize, Some("4Mi"), (1, 14, 0), Crash, "the largest request body, in bytes"),
    row("dapr.io/metrics-port", Kind::Port, Some("9090"), (0, 5, 0), ApiServerRejects, "the port of the metrics"),
    row(
        "dapr.io/placement-host-address",
        Kind::Text,
        None,
        (1, 8, 0),
        NotChecked,
        "the Placement service; blank: no actors and no workflows",
    ),
    row(
        "dapr.io/pluggable-components",
        Kind::Text,
        None,
        (1, 10, 0),
        NotChecked,
        "the containers that are pluggable components, without blanks",
    ),
    row(
        "dapr.io/pluggable-components-sockets-folder",
        Kind::Text,
        Some("/tmp/dapr-components-sockets"),
        (1, 10, 0),
        NotChecked,
        "where pluggable components put their sockets",
    ),
    row(
        "dapr.io/read-buffer-size",
        Kind::ByteSize,
        Some("4Ki"),
        (1, 14, 0),
        Crash,
        "the buffer for request headers, in bytes",
    ),
    row(
        "dapr.io/scheduler-host-address",
        Kind::Addresses,
        None,
        (1, 14, 0),
        Crash,
        "the Scheduler service; blank: no jobs, reminders and workflows",
    ),
    row(
        "dapr.io/sentry-request-jwt-audiences",
        Kind::Csv,
        None,
        (1, 16, 0),
        Crash,
        "the audiences of the token that the sidecar shows to Sentry",
    ),
    row(
        "dapr.io/sidecar-cpu-limit",
        Kind::Quantity,
        None,
        (0, 7, 0),
        ApiServerRejects,
        "the sidecar's CPU limit, in cores",
    ),
    row(
        "dapr.io/sidecar-cpu-request",
        Kind::Quantity,
        None,
        (0, 7, 0),
        ApiServerRejects,
        "the sidecar's CPU request, in cores",
    ),
    row(
        "dapr.io/sidecar-image",
        Kind::Image,
        None,
        (1, 5, 0),
        ApiServerRejects,
        "the sidecar's image; without it, the injector's own",
    ),
    row(
        "dapr.io/sidecar-listen-addresses",
        Kind::Text,
        Some("[::1],127.0.0.1"),
        (1, 4, 0),
        NotChecked,
        "where daprd serves its API; empty: on every interface",
    ),
    row(
        "dapr.io/sidecar-liveness-probe-delay-seconds",
        Kind::Probe,
        Some("180"),
        (0, 8, 0),
        ApiServerRejects,
        "seconds before the first liveness probe",
    )
    .formerly("3"),
    row(
        "dapr.io/sidecar-liveness-probe-period-seconds",
        Kind::Probe,
        Some("10"),
        (0, 8, 0),
        ApiServerRejects,
        "seconds between two liveness probes",
    )
    .formerly("6"),
    row(
        "dapr.io/sidecar-liveness-probe-threshold",
        Kind::Probe,
        Some("5"),
        (0, 8, 0),
        ApiServerRejects,
        "failed liveness probes before a restart",
    )
    .formerly("3"),
    row(
        "dapr.io/sidecar-liveness-probe-timeout-seconds",
        Kind::Probe,
        Some("3"),
        (0, 8, 0),
        ApiServerRejects,
        "seconds that a liveness probe may take",
    ),
    row(
        "dapr.io/sidecar-memory-limit",
        Kind::Quantity,
        None,
        (0, 7, 0),
        ApiServerRejects,
        "the sidecar's memory limit, in bytes",
    ),
    row(
        "dapr.io/sidecar-memory-request",
        Kind::Quantity,
        None,
        (0, 7, 0),
        ApiServerRejects,
        "the sidecar's memory request, in bytes",
    ),
    row(
        "dapr.io/sidecar-readiness-probe-delay-seconds",
        Kind::Probe,
        Some("1"),
        (0, 7, 0),
        ApiServerRejects,
        "seconds before the first readiness probe",
    )
    .formerly("3"),
    row(
        "dapr.io/sidecar-readiness-probe-period-seconds",
        Kind::Probe,
        Some("1"),
        (0, 7, 0),
        ApiServerRejects,
        "seconds between two readiness probes",
    )
    .formerly("6"),
    row(
        "dapr.io/sidecar-readiness-probe-threshold",
        Kind::Probe,
        Some("5"),
        (0, 7, 0),
        ApiServerRejects,
        "failed readiness probes before the pod counts as not ready",
    )
    .formerly("3"),
    row(
        "dapr.io/sidecar-readiness-probe-timeout-seconds",
        Kind::Probe,
        Some("1"),
        (0, 7, 0),
        ApiServerRejects,
        "seconds that a readiness probe may take",
    )
    .formerly("3"),
    row(
        "dapr.io/sidecar-seccomp-profile-type",
        Kind::SeccompProfile,
        None,
        (1, 11, 0),
        ApiServerRejects,
        "the sidecar's seccomp profile",
    ),
    row(
        "dapr.io/sidecar-svc-annotations",
        Kind::Text,
        None,
        (1, 17, 0),
        NotChecked,
        "annotations of the app's Service, read by the operator from Deployments and StatefulSets",
    ),
    row(
        "dapr.io/unix-domain-socket-path",
        Kind::Text,
        None,
        (1, 7, 0),
        NotChecked,
        "where the app finds daprd's socket, mounted into every app container",
    ),
    row("dapr.io/volume-mounts", Kind::Mounts, None, (1, 8, 0), FragmentSkipped, "volumes that daprd may read"),
    row("dapr.io/volume-mounts-rw", Kind::Mounts, None, (1, 8, 0), FragmentSkipped, "volumes that daprd may write"),
];

/// A row of the table.
const fn row(
    key: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    since: (u16, u16, u16),
    bad: BadValue,
    effect: &'static str,
) -> Annotation {
    Annotation {
        key,
        kind,
        default,
        former_default: None,
        since: Version::new(since.0, since.1, since.2),
        backports: &[],
        deprecated_by: None,
        only_with: None,
        bad,
        effect,
    }
}

impl Annotation {
    const fn formerly(mut self, default: &'static str) -> Self {
        self.former_default = Some(default);
        self
    }

    const fn backported_to(mut self, versions: &'static [Version]) -> Self {
        self.backports = versions;
        self
    }

    const fn deprecated_by(mut self, replacement: &'static str) -> Self {
        self.deprecated_by = Some(replacement);
        self
    }

    const fn only_with(mut self, key: &'static str) -> Self {
        self.only_with = Some(key);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_key_twice() {
        assert!(ANNOTATIONS.windows(2).all(|pair| pair[0].key < pair[1].key));
    }

    #[test]
    fn every_key_is_found_and_no_other() {
        for annotation in &ANNOTATIONS {
            assert_eq!(lookup(annotation.key).map(|found| found.key), Some(annotation.key));
        }
        for key in ["dapr.io/", "dapr.io/app-Id", "app-id", "dapr.io/max-concurrency"] {
            assert!(lookup(key).is_none(), "{key}");
        }
    }

    #[test]
    fn an_annotation_is_known_to_newer_versions_and_to_the_patches_that_took_it_back() {
        let timeout = lookup("dapr.io/app-binding-options-timeout").unwrap();
        for (version, known) in [
            ("1.15", false),
            ("1.16.17", false),
            ("1.16.18", true),
            ("1.17.11", false),
            ("1.17.12", true),
            ("1.18.2", false),
            ("1.18.3", true),
            ("1.19.0", true),
        ] {
            assert_eq!(timeout.known_to(version.parse().unwrap()), known, "{version}");
        }
    }

    #[test]
    fn probes_had_other_defaults_before_1_18() {
        let delay = lookup("dapr.io/sidecar-liveness-probe-delay-seconds").unwrap();
        assert_eq!(delay.default_in(Version::newest_of(1, 17)), Some("3"));
        assert_eq!(delay.default_in(Version::new(1, 18, 0)), Some("180"));
    }
}
