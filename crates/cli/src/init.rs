//! `dmp init`

use anyhow::Result;
use dmp_server::config::{CONFIG_FILE, init};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments.
#[derive(clap::Args)]
#[command(after_help = "Example:
  dmp init /srv/dmp && dmp serve --config /srv/dmp/dmp.toml

Writes dmp.toml (every key, its environment variable and its default: TLS and the DMP interface are in [http] and
[xds]), `keys` (key-encryption and index keys: keep a copy elsewhere) and issuer.pem (key of `dmp token`, test realm).
Overwrites nothing.")]
pub struct Args {
    /// Directory, made when absent
    directory: PathBuf,
}

/// Writes the files.
pub fn run(args: &Args) -> Result<ExitCode> {
    init(&args.directory)?;
    println!("{}", args.directory.join(CONFIG_FILE).display());
    Ok(ExitCode::SUCCESS)
}
