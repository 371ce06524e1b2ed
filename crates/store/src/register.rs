//! What a deployment keeps beside dossiers: accounts, openings at a desk, lifted quotas, messages to send. No medical
//! content, ever (docs/decisions/0011).
//!
//! A record stands on a shelf, under an owner (a login, an organisation, a structure), with an identifier of its own. The
//! database sees HMACs of owner and identifier, a time, and sealed bytes. Everything of one owner is one partition.

use crate::api::StoreError;
use crate::error::failed_because;
use crate::store::Store;
use bytes::Bytes;
use dmp_dossier::Time;

/// What a record is about. The numbers are stored: they never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Shelf {
    /// Account of a person, by login.
    Account = 1,
    /// From an identity elsewhere, or an INS, to accounts.
    Link = 2,
    /// An opening done at a desk, by organisation: its duration, channel, agent; no name.
    Opening = 3,
    /// A quota lifted for an hour, by structure.
    Lift = 4,
    /// A message sent, by recipient; the demo's mailbox reads them.
    Message = 5,
    /// A pharmacy's, a practice's or an organisation's own settings.
    Setting = 6,
    /// An identity that did not match, to be looked at.
    Mismatch = 7,
}

/// A record as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its identifier, as given when it was kept.
    pub id: String,
    /// Raised at each writing, from 1.
    pub version: u64,
    /// The time it was given.
    pub at: Time,
    /// What was kept.
    pub value: Bytes,
}

/// What to keep.
#[derive(Debug, Clone)]
pub struct Keep<'a> {
    /// Where.
    pub shelf: Shelf,
    /// Whose.
    pub owner: &'a str,
    /// Which.
    pub id: &'a str,
    /// When it is about: records of one owner are listed by this time.
    pub at: Time,
    /// What, at most 256 KiB.
    pub value: &'a [u8],
    /// The version it was changed from, 0 for a new one; `None`: whatever is there.
    pub from_version: Option<u64>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Written, durable, with this version.
    Written(u64),
    /// Somebody wrote in between: read again.
    Moved,
}

impl Store {
    /// A record.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn record(&self, _shelf: Shelf, _owner: &str, _id: &str) -> Result<Option<Record>, StoreError> {
        Err(failed_because("register", "not written yet"))
    }

    /// Records of one owner, latest first, from a time (included) to another (not).
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn records(
        &self,
        _shelf: Shelf,
        _owner: &str,
        _from: Option<Time>,
        _to: Option<Time>,
        _limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        Err(failed_because("register", "not written yet"))
    }

    /// Keeps a record; durable when it answers.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn keep(&self, _keep: Keep<'_>) -> Result<Kept, StoreError> {
        Err(failed_because("register", "not written yet"))
    }

    /// Takes a record away; nothing when it is not there.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn forget(&self, _shelf: Shelf, _owner: &str, _id: &str) -> Result<(), StoreError> {
        Err(failed_because("register", "not written yet"))
    }
}
