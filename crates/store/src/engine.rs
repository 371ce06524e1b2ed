//! What a database must do for the store.

/// A database that keeps dossiers.
pub trait Engine: Send + Sync {}
