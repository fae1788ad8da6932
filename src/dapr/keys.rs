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
