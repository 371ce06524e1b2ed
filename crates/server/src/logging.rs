//! What the process writes on standard error; standard output is for what was asked.

use crate::config::{ConfigError, Log, LogFormat};
use std::io;
use tracing_subscriber::EnvFilter;

/// Starts logging. Called once by a process.
///
/// # Errors
/// `log.level` is not a filter.
pub fn start(log: &Log) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(&log.level)
        .map_err(|_| ConfigError(format!("`log.level`: `{}` is not a filter", log.level)))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second call in one process (tests) keeps the first.
    let _ = match log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    Ok(())
}
