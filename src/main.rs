//! The process: arguments in, exit code out.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use dapr_preflight::cli::{self, Cli, Command, ServeArgs};
use dapr_preflight::server::{End, Log, Metrics};
use rustls::crypto::aws_lc_rs;

fn main() -> ExitCode {
    let Command::Serve(args) = Cli::parse().command;
    serve(args).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        cli::UNUSABLE.into()
    })
}

fn serve(args: ServeArgs) -> anyhow::Result<ExitCode> {
    // There is one provider in this binary, and nothing has installed it before.
    let _ = aws_lc_rs::default_provider().install_default();
    let metrics = Arc::new(Metrics::new(&cli::rule_ids()));
    let log = Log::start(std::io::stderr(), metrics.lines_dropped.clone())?;
    log.install(args.log_format, args.log_level);
    let runtime = match args.threads() {
        1 => tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        threads => tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?,
    };
    let ended = runtime.block_on(args.run(metrics, log.clone()));
    log.flush();
    Ok(match ended? {
        End::Drained => cli::OK.into(),
        End::Cut => cli::FAILED.into(),
    })
}
