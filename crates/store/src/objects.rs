//! Large contents, outside the database: sealed values in an object store, under random names.
//!
//! An object is durable before the row that names it is committed, and its SHA-256 is compared before its first byte is
//! used. A commit that does not happen leaves an object that nothing names: harmless, it opens under no stored key.

use crate::api::StoreError;
use crate::error::{failed, failed_because};
use dmp_keys::digest::{Digest, sha256};
use dmp_keys::random::random_array;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use std::path::Path;
use std::sync::Arc;
use uuid::Builder;

/// Sealed contents up to this size are kept in the database.
pub(crate) const INLINE_BYTES_MAX: usize = 64 * 1024;

/// Where large contents are kept.
#[derive(Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
}

impl Objects {
    /// In a directory, created if needed; an object is synced, its directory entry too, before its name is given.
    ///
    /// # Errors
    /// The directory cannot be created.
    pub(crate) fn in_directory(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir).map_err(failed("object directory"))?;
        let store = LocalFileSystem::new_with_prefix(dir).map_err(failed("object directory"))?;
        Ok(Objects { store: Arc::new(store.with_fsync(true)) })
    }

    /// Keeps a sealed value; durable when its name comes back.
    pub(crate) async fn put(&self, sealed: Vec<u8>) -> Result<String, StoreError> {
        let name = Builder::from_random_bytes(random_array()).into_uuid().to_string();
        // Names are spread over 256 directories: one directory of millions of files is slow to list and to back up.
        let name = format!("{}/{name}", &name[..2]);
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        self.store
            .put_opts(&ObjectPath::from(name.as_str()), sealed.into(), options)
            .await
            .map_err(failed("object"))?;
        Ok(name)
    }

    /// The sealed value of that name, when it is still what it must be.
    pub(crate) async fn get(&self, name: &str, expected: &Digest) -> Result<Vec<u8>, StoreError> {
        let found = self.store.get(&ObjectPath::from(name)).await.map_err(failed("object"))?;
        let bytes = found.bytes().await.map_err(failed("object"))?;
        if sha256(&bytes) != *expected {
            return Err(failed_because("object", "its bytes are not those that were stored"));
        }
        Ok(bytes.into())
    }
}
