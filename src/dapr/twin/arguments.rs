//! daprd's command line (`pkg/injector/patcher/sidecar_container.go: getSidecarContainer`), in Dapr's order.

use super::values::Values;
use crate::dapr::keys;

/// Where the socket is in the sidecar, whatever the app calls it.
pub(super) const SOCKETS: &str = "/var/run/dapr-sockets";

/// The whole list, the program among it.
pub(super) fn arguments(values: &Values<'_>, app_id: &str) -> Vec<String> {
    let mut args = Arguments(Vec::new());
    if values.is_on(keys::ENABLE_DEBUG) {
        args.debugger(values.number32(keys::DEBUG_PORT));
    }
    args.flag("/daprd");
    if values.is_on(keys::ENABLE_DEBUG) {
        args.flag("--");
    }
    args.always(values, app_id);
    args.control_plane(values);
    args.app(values);
    args.limits(values);
    args.others(values);
    args.0
}

struct Arguments(Vec<String>);

impl Arguments {
    fn flag(&mut self, flag: &str) {
        self.0.push(flag.to_owned());
    }

    fn pair(&mut self, flag: &str, value: impl ToString) {
        self.0.extend([flag.to_owned(), value.to_string()]);
    }

    fn maybe(&mut self, flag: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.pair(flag, value);
        }
    }

    fn flag_if(&mut self, on: bool, flag: &str) {
        if on {
            self.flag(flag);
        }
    }

    fn debugger(&mut self, port: i32) {
        self.0.extend(["/dlv".to_owned(), "--listen".to_owned(), format!(":{port}")]);
        let fixed = ["--accept-multiclient", "--headless=true", "--log", "--api-version=2", "exec"];
        self.0.extend(fixed.map(str::to_owned));
    }

    fn always(&mut self, values: &Values<'_>, app_id: &str) {
        self.pair("--dapr-http-port", 3500);
        self.pair("--dapr-grpc-port", values.number32(keys::GRPC_PORT));
        self.pair("--dapr-internal-grpc-port", values.number32(keys::INTERNAL_GRPC_PORT));
        self.pair("--dapr-listen-addresses", values.text("dapr.io/sidecar-listen-addresses"));
        self.pair("--dapr-public-port", 3501);
        self.pair("--app-id", app_id);
        self.pair("--app-protocol", values.text("dapr.io/app-protocol"));
        self.pair("--log-level", values.text("dapr.io/log-level"));
        self.pair("--dapr-graceful-shutdown-seconds", values.number("dapr.io/graceful-shutdown-seconds").unwrap_or(-1));
        self.pair("--mode", "kubernetes");
    }

    fn control_plane(&mut self, values: &Values<'_>) {
        self.pair("--control-plane-address", values.settings.service("dapr-api", 443));
        self.pair("--sentry-address", values.settings.service("dapr-sentry", 443));
        let port = values.number32(keys::APP_PORT);
        self.maybe("--app-port", (port > 0).then_some(port));
        if values.metrics() {
            self.flag("--enable-metrics");
            self.pair("--metrics-port", values.number32(keys::METRICS_PORT));
        }
        self.maybe("--config", values.filled("dapr.io/config"));
        self.maybe("--app-channel-address", values.filled("dapr.io/app-channel-address"));
        let own = values.address("dapr.io/placement-host-address").map(str::to_owned);
        let placement = own.unwrap_or_else(|| values.settings.service("dapr-placement-server", 50005));
        self.maybe("--placement-host-address", (!placement.is_empty()).then_some(placement));
        self.maybe("--sentry-request-jwt-audiences", values.filled("dapr.io/sentry-request-jwt-audiences"));
    }

    fn app(&mut self, values: &Values<'_>) {
        self.maybe("--app-binding-options-timeout", values.given("dapr.io/app-binding-options-timeout"));
        if let Some(on) = values.switch("dapr.io/enable-api-logging") {
            self.flag(&format!("--enable-api-logging={on}"));
        }
        self.flag_if(values.is_on("dapr.io/disable-builtin-k8s-secret-store"), "--disable-builtin-k8s-secret-store");
        if values.is_on(keys::ENABLE_APP_HEALTH_CHECK) {
            self.flag("--enable-app-health-check");
            self.pair("--app-health-check-path", values.text("dapr.io/app-health-check-path"));
            self.pair("--app-health-probe-interval", values.number32(keys::APP_HEALTH_PROBE_INTERVAL));
            self.pair("--app-health-probe-timeout", values.number32(keys::APP_HEALTH_PROBE_TIMEOUT));
            self.pair("--app-health-threshold", values.number32("dapr.io/app-health-threshold"));
        }
        self.flag_if(values.is_on("dapr.io/log-as-json"), "--log-as-json");
        self.flag_if(values.is_on(keys::ENABLE_PROFILING), "--enable-profiling");
        self.flag_if(values.settings.mtls, "--enable-mtls");
        self.flag_if(values.is_on("dapr.io/app-ssl"), "--app-ssl");
    }

    fn limits(&mut self, values: &Values<'_>) {
        self.maybe("--app-max-concurrency", values.number("dapr.io/app-max-concurrency"));
        self.maybe("--dapr-http-max-request-size", values.number("dapr.io/http-max-request-size"));
        self.maybe("--max-body-size", values.filled("dapr.io/max-body-size"));
        self.maybe("--dapr-http-read-buffer-size", values.number("dapr.io/http-read-buffer-size"));
        self.maybe("--read-buffer-size", values.filled("dapr.io/read-buffer-size"));
        self.maybe("--unix-domain-socket", values.filled("dapr.io/unix-domain-socket-path").map(|_| SOCKETS));
    }

    fn others(&mut self, values: &Values<'_>) {
        self.maybe("--dapr-block-shutdown-duration", values.given("dapr.io/block-shutdown-duration"));
        self.maybe("--actors-disseminate-timeout", values.given("dapr.io/actors-disseminate-timeout"));
        if !super::environment::has_schedulers(values.version) {
            self.maybe("--scheduler-host-address", values.address("dapr.io/scheduler-host-address"));
        }
        self.maybe("--disable-init-endpoints", values.given("dapr.io/disable-init-endpoints"));
    }
}
