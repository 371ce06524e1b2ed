//! `dmp serve`

use anyhow::Result;
use dmp_server::config::Config;
use dmp_server::http::ServerHandle;
use dmp_server::logging;
use dmp_server::open::{Deployment, SystemAmbient};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Arguments.
#[derive(clap::Args)]
#[command(after_help = "Example:
  dmp init /srv/dmp
  DMP_HTTP_LISTEN=127.0.0.1:9000 dmp serve --config /srv/dmp/dmp.toml

Every key of the file is also an environment variable, named beside it in the file that `dmp init` writes.
Prints `ready http://…`, or https, on standard output once it answers; SIGTERM or Ctrl-C stops it after requests in
flight. The DMP interface needs `xds.anchors` and a way in by mutual TLS. Certificates and revocation lists that change
are read again within seconds.
A wrong configuration ends with exit code 78 and one line.")]
pub struct Args {
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE", env = "DMP_CONFIG")]
    config: PathBuf,
}

/// Serves until told to stop.
pub async fn run(args: Args) -> Result<ExitCode> {
    let config = Config::load(&args.config)?;
    logging::start(&config.log)?;
    let deployment = Deployment::open(config)?;
    let store = deployment.store(Arc::new(SystemAmbient)).await?;
    let handle = deployment.serve(store, None).await?;
    until_told_to_stop(handle).await
}

/// Says that the server answers, and waits for a signal.
pub async fn until_told_to_stop(handle: ServerHandle) -> Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate())?;
    println!("ready {}", handle.url);
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    handle.stop().await;
    Ok(ExitCode::SUCCESS)
}
