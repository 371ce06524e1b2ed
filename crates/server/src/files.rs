//! Files that are read again when they change: certificates are renewed and revoked while the server runs.

use crate::config::ConfigError;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How often files are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// What was read from files.
pub(crate) trait Refresh: Send + Sync {
    /// Reads them again when one of them changed; true when they were.
    ///
    /// # Errors
    /// What is wrong with them; what was in force still is, and the next call tries again.
    fn refresh(&self) -> Result<bool, ConfigError>;
}

/// When files changed last and their lengths; nothing of one that is not there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stamps(Vec<Option<(SystemTime, u64)>>);

impl Stamps {
    /// Of these. To be taken before the files are read: what changes in between is then read again.
    pub(crate) fn of<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        let stamp = |path: P| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        Stamps(paths.into_iter().map(stamp).collect())
    }
}

/// Refreshes for ever.
pub(crate) async fn keep_fresh(all: Vec<Arc<dyn Refresh>>) {
    loop {
        tokio::time::sleep(EVERY).await;
        for one in &all {
            match one.refresh() {
                Ok(true) => tracing::info!("certificates and revocation lists were read again"),
                Ok(false) => {}
                Err(ConfigError(problem)) => {
                    tracing::warn!(problem, "certificates in force are those read before");
                }
            }
        }
    }
}
