//! SQLite engine.

use crate::api::StoreError;
use crate::engine::Engine;
use std::path::Path;

/// The embedded database: a directory is a deployment, locked by its one process.
pub struct SqliteEngine {}

impl SqliteEngine {
    /// Opens, or creates, the deployment of a directory.
    ///
    /// # Errors
    /// The directory is in use by another process, or cannot be read.
    pub fn open(_dir: &Path) -> Result<SqliteEngine, StoreError> {
        Ok(SqliteEngine {})
    }
}

impl Engine for SqliteEngine {}
