//! `serve`: the webhook.

mod limits;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use clap::Args;

use super::number::{at_least_one, at_least_one_of_few};
use super::tls::{Identity, TlsArgs};
use super::{Ceiling, assuming, engine, policy_file};
use crate::cluster::{self, Watch};
use crate::dapr::Version;
use crate::policy::Engine;
use crate::rules;
use crate::server::{DecisionLog, End, Log, LogFormat, Metrics, Readiness, Server, Webhook};
pub use limits::LimitArgs;

/// The arguments of `serve`.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// Address and port of the webhook (HTTPS). Port 0 takes a free one; the log says which.
    #[arg(long, env = "DAPR_PREFLIGHT_LISTEN", default_value = "127.0.0.1:8443", value_name = "ADDRESS")]
    pub listen: SocketAddr,

    /// Address and port of /livez, /readyz and /metrics (plain HTTP), for the kubelet and Prometheus.
    #[arg(long, env = "DAPR_PREFLIGHT_OPS_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub ops_listen: SocketAddr,

    /// What it proves its identity with.
    #[command(flatten)]
    pub tls: TlsArgs,

    /// Policy document (YAML). Without it, the built-in policy holds.
    #[arg(long, env = "DAPR_PREFLIGHT_POLICY", value_name = "FILE")]
    pub policy: Option<PathBuf>,

    /// How often --policy is read again, in seconds: another document counts without a restart, one with a mistake does not.
    #[arg(long, env = "DAPR_PREFLIGHT_POLICY_RELOAD_SECONDS", default_value_t = 10, value_name = "SECONDS",
          value_parser = at_least_one)]
    pub policy_reload_seconds: u32,

    /// Watch PreflightPolicy and PreflightExemption objects: with the pod's service account, or by KUBECONFIG.
    ///
    /// With --policy, that file replaces the policies, and only exemptions are watched. An object with a mistake leaves
    /// its last good form in force, and says so in its status.
    #[arg(long, env = "DAPR_PREFLIGHT_WATCH")]
    pub watch: bool,

    /// How long /readyz waits for the first list of what is watched, in seconds; then the built-in policy serves.
    #[arg(long, env = "DAPR_PREFLIGHT_WATCH_TIMEOUT_SECONDS", default_value_t = 10, value_name = "SECONDS")]
    pub watch_timeout_seconds: u32,

    /// The Dapr version that runs in the cluster, like 1.18 (its newest patch) or 1.18.2 [default: the newest known].
    ///
    /// What an annotation means depends on it. A policy that names a version itself keeps it.
    #[arg(long, env = "DAPR_PREFLIGHT_DAPR_VERSION", value_name = "VERSION")]
    pub dapr_version: Option<Version>,

    /// The most that any namespace gets, whatever its label says; `audit` makes the whole installation a dry run.
    #[arg(long, env = "DAPR_PREFLIGHT_CEILING", default_value = "enforce", value_name = "MODE")]
    pub ceiling: Ceiling,

    /// What log lines, on standard error, look like.
    #[arg(long, env = "DAPR_PREFLIGHT_LOG_FORMAT", default_value = "human", value_name = "FORMAT")]
    pub log_format: LogFormat,

    /// The least that is logged: error, warn, info (one line per decision), debug or trace.
    #[arg(long, env = "DAPR_PREFLIGHT_LOG_LEVEL", default_value = "info", value_name = "LEVEL")]
    pub log_level: tracing::Level,

    /// How long everything but /readyz goes on as before after SIGTERM, in seconds: until the Service sends nobody here any
    /// more. Every answer then asks the peer to use another connection.
    #[arg(long, env = "DAPR_PREFLIGHT_SHUTDOWN_DELAY_SECONDS", default_value_t = 0, value_name = "SECONDS")]
    pub shutdown_delay_seconds: u32,

    /// How long requests in flight may take to finish after that, in seconds; then connections are cut.
    ///
    /// Both together less than the pod's terminationGracePeriodSeconds, or the kubelet is faster.
    #[arg(long, env = "DAPR_PREFLIGHT_SHUTDOWN_TIMEOUT_SECONDS", default_value_t = 25, value_name = "SECONDS")]
    pub shutdown_timeout_seconds: u32,

    /// Threads that answer requests [default: one per core, at most 4].
    ///
    /// One answers tens of thousands of reviews a second.
    #[arg(long, env = "DAPR_PREFLIGHT_THREADS", value_name = "NUMBER",
          value_parser = at_least_one_of_few)]
    pub threads: Option<u8>,

    /// Bounds of the histogram of the time to answer, in seconds, each above the one before [default: from 0.00005 to 10].
    #[arg(long, env = "DAPR_PREFLIGHT_DURATION_BUCKETS", value_name = "SECONDS,SECONDS,…", value_delimiter = ',',
          value_parser = bucket)]
    pub duration_buckets: Vec<f64>,

    /// What peers may take.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// The longest that an API server waits for a webhook, in seconds
/// (`k8s.io/apiserver/pkg/admission/plugin/webhook`: timeoutSeconds is validated to be between 1 and 30).
const LONGEST_WAIT: f64 = 30.0;

fn bucket(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.trim().parse().map_err(|_| "write a number of seconds, like 0.001".to_owned())?;
    let fits = seconds > 0.0 && seconds <= LONGEST_WAIT;
    if fits { Ok(seconds) } else { Err(format!("write a number above 0 and up to {LONGEST_WAIT}")) }
}

impl ServeArgs {
    /// How many threads answer requests.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
            .map_or_else(|| std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4)), usize::from)
    }

    /// What is counted, empty.
    ///
    /// # Errors
    /// When the bounds of the histogram are not each above the one before.
    pub fn metrics(&self) -> anyhow::Result<Metrics> {
        if self.duration_buckets.is_empty() {
            return Ok(Metrics::new(&super::rule_ids()));
        }
        if let Some([before, after]) = self.duration_buckets.array_windows().find(|[before, after]| before >= after) {
            anyhow::bail!("--duration-buckets: {after} follows {before}; write each bound above the one before");
        }
        Ok(Metrics::with_buckets(&super::rule_ids(), &self.duration_buckets))
    }

    /// Serves until told to stop.
    ///
    /// # Errors
    /// When it cannot start: every error says which argument or file to change.
    pub async fn run(self, metrics: Arc<Metrics>, log: Log) -> anyhow::Result<End> {
        let limits = self.limits.limits()?;
        let (policy_file, policies) = self.policy.as_deref().map(policy_file).transpose()?.unzip();
        let engine = engine(policies.unwrap_or_default(), self.dapr_version, self.ceiling.into())?;
        let Identity { served, directory, clients, managing } = self.tls.identity(&metrics).await?;
        let decisions = DecisionLog::new(log, self.log_format, self.log_level);
        let engine = Arc::new(ArcSwap::from_pointee(engine));
        let readiness = Arc::new(Readiness::default());
        if let Some(file) = policy_file {
            let every = Duration::from_secs(self.policy_reload_seconds.into());
            let (engine, version) = (Arc::clone(&engine), self.dapr_version);
            let publish = move |policies| {
                let policies = assuming(policies, version);
                // Exemptions may change at the same moment.
                engine.rcu(|engine| Engine::clone(engine).with_policies(policies.clone()));
            };
            tokio::spawn(file.follow(every, publish, Arc::clone(&metrics), Arc::clone(&readiness)));
        }
        let watching = self.watch(&engine, &metrics).await?;
        let at_most = Duration::from_secs(self.watch_timeout_seconds.into());
        let ready = async move {
            watching.await;
            if let Some(managing) = managing {
                managing.first_certificate(at_most).await;
            }
        };
        let webhook = Webhook::new(engine, limits, Arc::clone(&metrics), decisions);
        let server = Server {
            listen: self.listen,
            ops_listen: self.ops_listen,
            served,
            directory,
            clients,
            reload: Duration::from_secs(self.tls.tls_reload_seconds.into()),
            limits,
            readiness,
            delay: Duration::from_secs(self.shutdown_delay_seconds.into()),
            shutdown: Duration::from_secs(self.shutdown_timeout_seconds.into()),
        };
        Ok(server.run(webhook, metrics, ready).await?)
    }

    /// Keeps `engine` as the cluster's objects have it, if that is asked for; what is to be waited for before the process
    /// is ready.
    async fn watch(
        &self,
        engine: &Arc<ArcSwap<Engine>>,
        metrics: &Metrics,
    ) -> anyhow::Result<impl Future<Output = ()> + use<>> {
        let watching = match self.watch {
            false => None,
            true => {
                let policies = self.policy.is_none();
                let client = cluster::client().await?;
                let watch = Watch { client, rules: rules::ALL, policies, gauges: metrics.gauges() };
                let (engine, version) = (Arc::clone(engine), self.dapr_version);
                Some(watch.start(move |snapshot| {
                    let policies = snapshot.policies.map(|policies| assuming(policies, version));
                    // The policy file may change at the same moment.
                    engine.rcu(|engine| {
                        let next = Engine::clone(engine).with_exemptions(snapshot.exemptions.clone());
                        match &policies {
                            Some(policies) => next.with_policies(policies.clone()),
                            None => next,
                        }
                    });
                }))
            }
        };
        let at_most = Duration::from_secs(self.watch_timeout_seconds.into());
        Ok(async move {
            if let Some(watching) = watching {
                watching.first_list(at_most).await;
            }
        })
    }
}
