//! The process: arguments in, exit code out.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use dapr_preflight::cli::{self, CheckArgs, Cli, Command, FixArgs, InjectArgs, ServeArgs};
use dapr_preflight::server::{End, Log};
use rustls::crypto::aws_lc_rs;

fn main() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Serve(args) => serve(*args),
        Command::Inject(args) => inject(&args),
        Command::Check(args) => check(&args),
        Command::Fix(args) => fix(&args),
        Command::Explain(args) => args.run().and_then(print),
        Command::Rules(args) => print(args.run()),
        Command::Completions(args) => args.run().and_then(print),
        Command::Man => cli::man().and_then(print),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        cli::UNUSABLE.into()
    })
}

fn inject(args: &InjectArgs) -> anyhow::Result<ExitCode> {
    let (text, refused) = args.run()?;
    print(text)?;
    Ok(if refused { cli::FAILED } else { cli::OK }.into())
}

/// Has this thread do its part of what is done on all cores. It has a heap of its own; those of all others grow by a page at
/// a time, and each time the kernel is asked.
fn take_part() {
    // It fails where there is such a pool already, and then whatever is done is done there.
    let _ = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
}

fn check(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    take_part();
    let (text, code) = args.run()?;
    print(text)?;
    Ok(code.into())
}

fn fix(args: &FixArgs) -> anyhow::Result<ExitCode> {
    take_part();
    let said = args.run()?;
    print(said.printed)?;
    eprint!("{}", said.said);
    Ok(said.code.into())
}

fn print(text: String) -> anyhow::Result<ExitCode> {
    // A reader that has seen enough, like `head`, is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(cli::OK.into())
}

fn serve(args: ServeArgs) -> anyhow::Result<ExitCode> {
    // There is one provider in this binary, and nothing has installed it before.
    let _ = aws_lc_rs::default_provider().install_default();
    let metrics = Arc::new(args.metrics()?);
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
