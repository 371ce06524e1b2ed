//! Custody: who holds the key-encryption keys and the index keys, and what may be asked of them.

use std::path::PathBuf;

use crate::seal::{Key, SealError};
use crate::wrap::Purpose;

/// Holds the keys above the dossiers' own, and never gives them out.
///
/// Calls may reach a module or a service outside the process: callers keep unwrapped keys for a while rather than ask
/// for one dossier twice.
pub trait KeyCustody: Send + Sync {
    /// Wraps a dossier's key by the newest key-encryption key.
    ///
    /// # Errors
    /// When the custody cannot be reached.
    fn wrap(&self, dossier: [u8; 16], purpose: Purpose<'_>, key: &Key) -> Result<Vec<u8>, CustodyError>;

    /// Unwraps a dossier's key, by the version of the key-encryption key that it names.
    ///
    /// # Errors
    /// [`CustodyError::UnknownKek`]; [`CustodyError::Seal`] for a key that was altered or moved.
    fn unwrap(&self, dossier: [u8; 16], purpose: Purpose<'_>, wrapped: &[u8]) -> Result<Key, CustodyError>;

    /// Blind index of `value` under the newest index key: what a locator row carries instead of the value.
    ///
    /// # Errors
    /// As [`index_under`](Self::index_under).
    fn index(&self, kind: u8, value: &[u8]) -> Result<[u8; 32], CustodyError> {
        self.index_under(self.index_version(), kind, value)
    }

    /// `HMAC-SHA-256(index key, "dmp/index/v1" ‖ kind ‖ value)` under a given index key. While a new version is being
    /// filled in, a reader tries each of [`CustodyStatus::index_versions`]. The caller normalises `value` first.
    ///
    /// # Errors
    /// [`CustodyError::UnknownIndexKey`], or when the custody cannot be reached.
    fn index_under(&self, version: u32, kind: u8, value: &[u8]) -> Result<[u8; 32], CustodyError>;

    /// Version of the newest index key.
    fn index_version(&self) -> u32;

    /// Version of the newest key-encryption key.
    fn kek_version(&self) -> u32;

    /// What an operator may know of this custody.
    fn status(&self) -> CustodyStatus;
}

/// How well a custody protects its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustodyProfile {
    /// Keys in clear in a file of this machine: for the test realm.
    File,
    /// Keys in a module or a service that never gives them out.
    Protected,
}

impl CustodyProfile {
    /// Whether real patients' data need an explicit acceptance of this custody: who copies the file and the database
    /// reads everything.
    #[must_use]
    pub fn requires_acceptance(self) -> bool {
        self == Self::File
    }
}

/// What an operator may know of a custody: no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustodyStatus {
    /// How well it protects its keys.
    pub profile: CustodyProfile,
    /// Versions of the key-encryption key that still unwrap, oldest first; the last one wraps.
    pub kek_versions: Vec<u32>,
    /// Versions of the index key, oldest first.
    pub index_versions: Vec<u32>,
}

/// Why the custody did not answer. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// The file could not be read or written.
    #[error("key file `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// The file is not one to take keys from.
    #[error("key file `{}`: {problem}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why, with the line; never the line itself, which may hold a key.
        problem: String,
    },
    /// Wrapped by a key-encryption key that this custody does not hold: another deployment's, or removed too early.
    #[error("this custody holds no key-encryption key of version `{0}`")]
    UnknownKek(u32),
    /// Indexed by a key that this custody does not hold.
    #[error("this custody holds no index key of version `{0}`")]
    UnknownIndexKey(u32),
    /// The wrapped key does not open.
    #[error("the wrapped key does not open")]
    Seal(#[from] SealError),
}
