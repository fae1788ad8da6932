//! The annotations that code, not only data, names (`pkg/injector/annotations/annotations.go`).

/// Whether the pod gets a sidecar.
pub const ENABLED: &str = "dapr.io/enabled";
/// The name by which others call the app.
pub const APP_ID: &str = "dapr.io/app-id";
/// The port on which the app listens.
pub const APP_PORT: &str = "dapr.io/app-port";
/// The Configuration that the sidecar reads, in the pod's namespace.
pub const CONFIG: &str = "dapr.io/config";
/// Extra environment of the sidecar, in Dapr's list grammar.
pub const ENV: &str = "dapr.io/env";
/// The same from Secrets.
pub const ENV_FROM_SECRET: &str = "dapr.io/env-from-secret";
/// The sidecar's CPU request.
pub const CPU_REQUEST: &str = "dapr.io/sidecar-cpu-request";
/// The sidecar's CPU limit.
pub const CPU_LIMIT: &str = "dapr.io/sidecar-cpu-limit";
/// The sidecar's memory request.
pub const MEMORY_REQUEST: &str = "dapr.io/sidecar-memory-request";
/// The sidecar's memory limit.
pub const MEMORY_LIMIT: &str = "dapr.io/sidecar-memory-limit";
/// Whether the sidecar becomes an init container that keeps running.
pub const NATIVE_SIDECAR: &str = "dapr.io/enable-native-sidecar";
/// The port of the gRPC API.
pub const GRPC_PORT: &str = "dapr.io/grpc-port";
/// The port on which sidecars call each other.
pub const INTERNAL_GRPC_PORT: &str = "dapr.io/internal-grpc-port";
/// Whether the injector passes the metrics flags.
pub const ENABLE_METRICS: &str = "dapr.io/enable-metrics";
/// The port of the metrics.
pub const METRICS_PORT: &str = "dapr.io/metrics-port";
/// Whether daprd serves Go's profiler.
pub const ENABLE_PROFILING: &str = "dapr.io/enable-profiling";
/// Whether daprd runs under a debugger.
pub const ENABLE_DEBUG: &str = "dapr.io/enable-debug";
/// The port of that debugger.
pub const DEBUG_PORT: &str = "dapr.io/debug-port";
/// Whether daprd checks the app's health.
pub const ENABLE_APP_HEALTH_CHECK: &str = "dapr.io/enable-app-health-check";
/// How often it does, in seconds.
pub const APP_HEALTH_PROBE_INTERVAL: &str = "dapr.io/app-health-probe-interval";
/// How long it waits for an answer, in milliseconds.
pub const APP_HEALTH_PROBE_TIMEOUT: &str = "dapr.io/app-health-probe-timeout";
/// The label by which the injector marks a pod that it has given a sidecar.
pub const SIDECAR_INJECTED: &str = "dapr.io/sidecar-injected";
/// The label by which the operator's watchdog marks a pod that it has looked at.
pub const WATCHDOG_PATCHED: &str = "dapr.io/watchdog-patched";
/// What the sidecar logs.
pub const LOG_LEVEL: &str = "dapr.io/log-level";
/// Whether it logs JSON.
pub const LOG_AS_JSON: &str = "dapr.io/log-as-json";
/// Where daprd serves its API.
pub const LISTEN_ADDRESSES: &str = "dapr.io/sidecar-listen-addresses";
/// The sidecar's image.
pub const SIDECAR_IMAGE: &str = "dapr.io/sidecar-image";
/// The sidecar's seccomp profile.
pub const SECCOMP_PROFILE: &str = "dapr.io/sidecar-seccomp-profile-type";
/// The Secret that callers of the sidecar present.
pub const API_TOKEN_SECRET: &str = "dapr.io/api-token-secret";
/// The Secret that the sidecar presents to the app.
pub const APP_TOKEN_SECRET: &str = "dapr.io/app-token-secret";
/// Whether daprd leaves out the secret store that needs Kubernetes' API.
pub const DISABLE_SECRET_STORE: &str = "dapr.io/disable-builtin-k8s-secret-store";
/// The containers that are pluggable components.
pub const PLUGGABLE_COMPONENTS: &str = "dapr.io/pluggable-components";
/// Volumes that daprd may read.
pub const VOLUME_MOUNTS: &str = "dapr.io/volume-mounts";
/// Volumes that daprd may write.
pub const VOLUME_MOUNTS_RW: &str = "dapr.io/volume-mounts-rw";
/// The Placement service.
pub const PLACEMENT_ADDRESS: &str = "dapr.io/placement-host-address";
/// The Scheduler service.
pub const SCHEDULER_ADDRESS: &str = "dapr.io/scheduler-host-address";
/// Read from Component resources only.
pub const COMPONENT_CONTAINER: &str = "dapr.io/component-container";
/// How long daprd keeps working after it was told to stop.
pub const BLOCK_SHUTDOWN: &str = "dapr.io/block-shutdown-duration";
/// How long it may take to close its components.
pub const GRACEFUL_SHUTDOWN: &str = "dapr.io/graceful-shutdown-seconds";
/// Where the app finds daprd's socket.
pub const UNIX_SOCKET: &str = "dapr.io/unix-domain-socket-path";
