//! What a deployment keeps beside dossiers: accounts, openings at a desk, lifted quotas, messages to send. No medical
//! content, ever (docs/decisions/0011).
//!
//! A record stands on a shelf, under an owner (a login, an organisation, a structure), with an identifier of its own. The
//! database sees HMACs of owner and identifier, a time, and sealed bytes. Everything of one owner is one partition.
//!
//! Each writing seals under a key of its own, wrapped by the custody; shelf, owner, record, version and time are bound to
//! both. Under a new index key a record is found where it was, and moves at its next writing.

use crate::api::StoreError;
use crate::engine::{RecordKey, RecordRow, RecordWrite};
use crate::error::{failed, failed_because};
use crate::schema;
use crate::store::{Inner, Store};
use bytes::Bytes;
use dmp_dossier::Time;
use dmp_keys::{Aad, Key, KeyCustody, Purpose, Table};

/// Longest value.
const VALUE_BYTES_MAX: usize = 256 << 10;
/// Longest owner or identifier.
const NAME_BYTES_MAX: usize = 1 << 10;
/// Records of one list.
const LISTED_MAX: usize = 10_000;
/// How many times a record is written again when somebody else writes it too.
const ATTEMPTS_MAX: u32 = 100;
/// Schema of what is sealed: owner, identifier, value.
const SCHEMA: u16 = 1;

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
#[derive(Debug, Clone, Copy)]
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
    pub async fn record(&self, shelf: Shelf, owner: &str, id: &str) -> Result<Option<Record>, StoreError> {
        let inner = self.inner();
        let keys = inner.indexes.of_record(shelf as u8, owner, id)?;
        let found = inner.engine.record(&keys).await?;
        found.map(|row| inner.open_record(&row)).transpose()
    }

    /// Records of one owner, latest first, from a time (included) to another (not), at most 10,000.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn records(
        &self,
        shelf: Shelf,
        owner: &str,
        from: Option<Time>,
        to: Option<Time>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.inner().records(shelf, owner, from, to, limit).await
    }

    /// Keeps a record; durable when it answers.
    ///
    /// # Errors
    /// [`StoreError::Failed`], also for a value, an owner or an identifier that is too long.
    pub async fn keep(&self, keep: Keep<'_>) -> Result<Kept, StoreError> {
        if keep.value.len() > VALUE_BYTES_MAX || keep.owner.len().max(keep.id.len()) > NAME_BYTES_MAX {
            return Err(failed_because("register", "the record is too long"));
        }
        let inner = self.inner();
        let keys = inner.indexes.of_record(keep.shelf as u8, keep.owner, keep.id)?;
        let newest = *keys.first().ok_or_else(|| failed_because("index key", "there is none"))?;
        for _ in 0..ATTEMPTS_MAX {
            let current = match keep.from_version {
                Some(version) => version,
                None => inner.engine.record(&keys).await?.map_or(0, |row| row.version),
            };
            let row = seal(inner.custody.as_ref(), newest, current + 1, &keep)?;
            let write = RecordWrite { keys: keys.clone(), expected: Some(current), row: Some(row) };
            match (inner.engine.write_record(write).await?, keep.from_version) {
                (true, _) => return Ok(Kept::Written(current + 1)),
                (false, Some(_)) => return Ok(Kept::Moved),
                (false, None) => {}
            }
        }
        Err(failed_because("register", "the record moves without end"))
    }

    /// Takes a record away; nothing when it is not there.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn forget(&self, shelf: Shelf, owner: &str, id: &str) -> Result<(), StoreError> {
        let inner = self.inner();
        let keys = inner.indexes.of_record(shelf as u8, owner, id)?;
        inner.engine.write_record(RecordWrite { keys, expected: None, row: None }).await.map(|_| ())
    }
}

impl Inner {
    /// As [`Store::records`].
    pub(crate) async fn records(
        &self,
        shelf: Shelf,
        owner: &str,
        from: Option<Time>,
        to: Option<Time>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let owners = self.indexes.of_owner(shelf as u8, owner)?;
        let (from_ms, to_ms) =
            (from.map_or(i64::MIN, |from| from.millis()), to.map_or(i64::MAX, |to| to.millis()));
        let limit = u32::try_from(limit.min(LISTED_MAX)).unwrap_or(u32::MAX);
        let found = self.engine.records(shelf as u8, &owners, from_ms, to_ms, limit).await?;
        found.iter().map(|row| self.open_record(row)).collect()
    }

    fn open_record(&self, row: &RecordRow) -> Result<Record, StoreError> {
        let Named { id, value, .. } = open(self.custody.as_ref(), row)?;
        Ok(Record { id, version: row.version, at: Time::from_millis(row.at_ms), value: Bytes::from(value) })
    }
}

/// What a record says when it opens.
pub(crate) struct Named {
    pub(crate) owner: String,
    pub(crate) id: String,
    pub(crate) value: Vec<u8>,
}

/// What a record is bound to, beside its owner.
fn bound(key: &RecordKey, version: u64, at_ms: i64) -> Vec<u8> {
    [
        &[key.shelf][..],
        &key.key_version.to_le_bytes(),
        &key.record,
        &version.to_le_bytes(),
        &at_ms.to_le_bytes(),
    ]
    .concat()
}

fn seal(
    custody: &dyn KeyCustody,
    key: RecordKey,
    version: u64,
    keep: &Keep<'_>,
) -> Result<RecordRow, StoreError> {
    let at_ms = keep.at.millis();
    let row = bound(&key, version, at_ms);
    let own = Key::random();
    let wrapped_key = custody.wrap(key.owner, Purpose::Record(&row), &own).map_err(failed("custody"))?;
    let plaintext = schema::encode(&(keep.owner, keep.id, keep.value));
    let aad = Aad { table: Table::Register, dossier: key.owner, row: &row };
    let sealed = own.seal(aad, 0, SCHEMA, &plaintext);
    Ok(RecordRow { key, version, at_ms, wrapped_key, sealed })
}

/// Opens a record; it opens where it was written, and nowhere else.
pub(crate) fn open(custody: &dyn KeyCustody, row: &RecordRow) -> Result<Named, StoreError> {
    let bound = bound(&row.key, row.version, row.at_ms);
    let purpose = Purpose::Record(&bound);
    let own = custody.unwrap(row.key.owner, purpose, &row.wrapped_key).map_err(failed("register"))?;
    let aad = Aad { table: Table::Register, dossier: row.key.owner, row: &bound };
    let opened = own.open(aad, &row.sealed).map_err(failed("register"))?;
    schema::check(opened.schema, SCHEMA).map_err(failed("register"))?;
    let (owner, id, value) = postcard::from_bytes(&opened.plaintext).map_err(failed("register"))?;
    Ok(Named { owner, id, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a release wrote, the next one reads.
    #[test]
    fn the_sealed_form_keeps_its_bytes() {
        let plaintext = schema::encode(&("a", "id", &b"\x01\x02"[..]));
        assert_eq!(plaintext, b"\x01a\x02id\x02\x01\x02");
        let read: (String, String, Vec<u8>) = postcard::from_bytes(&plaintext).unwrap();
        assert_eq!(read, ("a".to_owned(), "id".to_owned(), vec![1, 2]));
    }
}
