//! Reading: a small pool of connections, statements prepared once.

use super::connection::open_reader;
use crate::api::StoreError;
use crate::engine::{
    Cursor, IndexKey, JournalPage, LocatorKey, NoticeRow, Place, RecordKey, RecordRow, StoredContent,
    StoredDossier, StoredEntry, StoredText,
};
use crate::error::{failed, failed_because};
use dmp_dossier::DossierId;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Connections kept open between two reads; more are opened when more threads read at once.
const KEPT: usize = 8;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Result<Self, StoreError> {
        Ok(Readers { path: path.to_owned(), idle: Mutex::new(vec![open_reader(path)?]) })
    }

    fn with<T>(
        &self,
        place: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let connection = match taken {
            Some(connection) => connection,
            None => open_reader(&self.path)?,
        };
        let result = read(&connection).map_err(failed(place));
        let mut idle = idle();
        if idle.len() < KEPT {
            idle.push(connection);
        }
        result
    }

    pub(super) fn locate(&self, locators: &[LocatorKey]) -> Result<Option<DossierId>, StoreError> {
        self.with("locator", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT dossier_id FROM locator WHERE kind = ?1 AND hmac = ?2 AND key_version = ?3",
            )?;
            for key in locators {
                let found = statement
                    .query_row((key.kind, key.hmac, key.key_version), |row| row.get::<_, [u8; 16]>(0))
                    .optional()?;
                if let Some(id) = found {
                    return Ok(Some(DossierId(Uuid::from_bytes(id))));
                }
            }
            Ok(None)
        })
    }

    pub(super) fn load(&self, dossier: DossierId) -> Result<Option<StoredDossier>, StoreError> {
        let id = dossier.0.into_bytes();
        self.with("dossier", |connection| {
            // One snapshot, so that every row is of the version of the head.
            let snapshot = connection.unchecked_transaction()?;
            let mut head = snapshot.prepare_cached(
                "SELECT h.version, d.sealed, k.content_key, k.journal_key
                 FROM head h JOIN dossier d USING (dossier_id) JOIN dossier_key k USING (dossier_id)
                 WHERE h.dossier_id = ?1",
            )?;
            let found = head
                .query_row([id], |row| {
                    Ok(StoredDossier {
                        version: unsigned(row, 0)?,
                        state: row.get(1)?,
                        content_key: row.get(2)?,
                        journal_key: row.get(3)?,
                        entries: Vec::new(),
                    })
                })
                .optional()?;
            let Some(mut stored) = found else {
                return Ok(None);
            };
            let mut entries = snapshot
                .prepare_cached("SELECT sealed FROM entry WHERE dossier_id = ?1 ORDER BY entry_no")?;
            stored.entries = entries.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            Ok(Some(stored))
        })
    }

    pub(super) fn contents(
        &self,
        dossier: DossierId,
        rows: &[u32],
    ) -> Result<Vec<StoredContent>, StoreError> {
        let id = dossier.0.into_bytes();
        let found = self.with("content", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT k.wrapped, c.object, c.sealed
                 FROM entry e JOIN content c USING (content_number) JOIN document_key k USING (content_number)
                 WHERE e.dossier_id = ?1 AND e.entry_no = ?2",
            )?;
            let mut found = Vec::with_capacity(rows.len());
            for row in rows {
                let one = statement
                    .query_row((id, row), |columns| {
                        let (wrapped_key, object): (Vec<u8>, Option<String>) =
                            (columns.get(0)?, columns.get(1)?);
                        Ok((*row, wrapped_key, object, columns.get::<_, Vec<u8>>(2)?))
                    })
                    .optional()?;
                found.extend(one);
            }
            Ok(found)
        })?;
        found
            .into_iter()
            .map(|(row, wrapped_key, object, sealed)| {
                Ok(StoredContent { row, wrapped_key, place: place(object, sealed)? })
            })
            .collect()
    }

    pub(super) fn search_texts(
        &self,
        dossier: DossierId,
        rows: &[u32],
    ) -> Result<Vec<StoredText>, StoreError> {
        let id = dossier.0.into_bytes();
        self.with("search_text", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT k.wrapped, t.sealed
                 FROM entry e JOIN search_text t USING (content_number) JOIN document_key k USING (content_number)
                 WHERE e.dossier_id = ?1 AND e.entry_no = ?2",
            )?;
            let mut found = Vec::with_capacity(rows.len());
            for row in rows {
                let one = statement
                    .query_row((id, row), |columns| {
                        Ok(StoredText { row: *row, wrapped_key: columns.get(0)?, sealed: columns.get(1)? })
                    })
                    .optional()?;
                found.extend(one);
            }
            Ok(found)
        })
    }

    pub(super) fn journal(
        &self,
        dossier: DossierId,
        from: Option<Cursor>,
        limit: usize,
    ) -> Result<JournalPage, StoreError> {
        let id = dossier.0.into_bytes();
        self.with("journal", |connection| {
            let mut number = match from {
                Some(Cursor(number)) => number,
                None => connection
                    .prepare_cached("SELECT entry_number FROM head WHERE dossier_id = ?1")?
                    .query_row([id], |row| row.get(0))?,
            };
            let mut statement = connection.prepare_cached(
                "SELECT seq, time, entry_id, sealed, previous FROM journal WHERE entry_number = ?1 AND dossier_id = ?2",
            )?;
            let mut entries = Vec::new();
            while number != 0 && entries.len() < limit {
                let (entry, previous) = statement.query_row((number, id), |row| {
                    let entry = StoredEntry {
                        seq: unsigned(row, 0)?,
                        time_ms: row.get(1)?,
                        entry_id: row.get(2)?,
                        sealed: row.get(3)?,
                    };
                    Ok((entry, row.get(4)?))
                })?;
                entries.push(entry);
                number = previous;
            }
            Ok(JournalPage { entries, next: (number != 0).then_some(Cursor(number)) })
        })
    }

    pub(super) fn granted(
        &self,
        keys: &[IndexKey],
        since_ms: Option<i64>,
        limit: u32,
    ) -> Result<Vec<DossierId>, StoreError> {
        let mut found: Vec<(i64, DossierId)> = self.with("grant_index", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT changed_at, dossier_id FROM grant_index
                 WHERE hmac = ?1 AND key_version = ?2 AND changed_at >= ?3 ORDER BY changed_at DESC LIMIT ?4",
            )?;
            let mut found = Vec::new();
            for key in keys {
                let row = (key.hmac, key.key_version, since_ms.unwrap_or(i64::MIN), limit);
                let rows = statement.query_map(row, |row| Ok((row.get(0)?, id(row, 1)?)))?;
                for row in rows {
                    found.push(row?);
                }
            }
            Ok(found)
        })?;
        // A grantee may have a row under each index key, a person and his structure each theirs.
        found.sort_unstable_by(|a, b| b.cmp(a));
        let mut seen = HashSet::new();
        let each_once = found.into_iter().map(|(_, dossier)| dossier).filter(|dossier| seen.insert(*dossier));
        Ok(each_once.take(limit as usize).collect())
    }

    pub(super) fn with_traits(&self, keys: &[IndexKey], limit: u32) -> Result<Vec<DossierId>, StoreError> {
        let mut found: Vec<DossierId> = self.with("trait_index", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT dossier_id FROM trait_index WHERE hmac = ?1 AND key_version = ?2 LIMIT ?3",
            )?;
            let mut found = Vec::new();
            for key in keys {
                for row in statement.query_map((key.hmac, key.key_version, limit), |row| id(row, 0))? {
                    found.push(row?);
                }
            }
            Ok(found)
        })?;
        found.sort_unstable();
        found.dedup();
        found.truncate(limit as usize);
        Ok(found)
    }

    pub(super) fn with_cases(
        &self,
        keys: &[IndexKey],
        since_ms: i64,
        limit: u32,
    ) -> Result<Vec<DossierId>, StoreError> {
        let mut found: Vec<DossierId> = self.with("case_index", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT dossier_id FROM case_index
                 WHERE hmac = ?1 AND key_version = ?2 AND (open = 1 OR changed_at >= ?3)
                 ORDER BY open DESC, changed_at LIMIT ?4",
            )?;
            let mut found = Vec::new();
            for key in keys {
                for row in
                    statement.query_map((key.hmac, key.key_version, since_ms, limit), |row| id(row, 0))?
                {
                    found.push(row?);
                }
            }
            Ok(found)
        })?;
        let mut seen = HashSet::new();
        found.retain(|dossier| seen.insert(*dossier));
        found.truncate(limit as usize);
        Ok(found)
    }

    pub(super) fn notices(&self, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
        self.with("outbox", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT dossier_id, notice_id, at, sealed FROM outbox ORDER BY at, notice_id LIMIT ?1",
            )?;
            statement.query_map([limit], notice_row)?.collect()
        })
    }

    pub(super) fn unindexed(&self, limit: u32) -> Result<Vec<DossierId>, StoreError> {
        self.with("unindexed", |connection| {
            let mut statement = connection.prepare_cached("SELECT dossier_id FROM unindexed LIMIT ?1")?;
            statement.query_map([limit], |row| id(row, 0))?.collect()
        })
    }

    pub(super) fn record(&self, keys: &[RecordKey]) -> Result<Option<RecordRow>, StoreError> {
        self.with("register", |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {RECORD_COLUMNS} FROM register WHERE shelf = ?1 AND owner = ?2 AND record = ?3"
            ))?;
            for key in keys {
                let found = statement.query_row((key.shelf, key.owner, key.record), record_row).optional()?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            Ok(None)
        })
    }

    pub(super) fn records(
        &self,
        shelf: u8,
        owners: &[IndexKey],
        from_ms: i64,
        to_ms: i64,
        limit: u32,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let mut found: Vec<RecordRow> = self.with("register", |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {RECORD_COLUMNS} FROM register
                 WHERE shelf = ?1 AND owner = ?2 AND at >= ?3 AND at < ?4 ORDER BY at DESC LIMIT ?5"
            ))?;
            let mut found = Vec::new();
            for owner in owners {
                for row in statement.query_map((shelf, owner.hmac, from_ms, to_ms, limit), record_row)? {
                    found.push(row?);
                }
            }
            Ok(found)
        })?;
        found.sort_by_key(|row| std::cmp::Reverse(row.at_ms));
        found.truncate(limit as usize);
        Ok(found)
    }

    pub(super) fn note(&self, dossier: DossierId, note: [u8; 16]) -> Result<Option<Vec<u8>>, StoreError> {
        self.with("note", |connection| {
            connection
                .prepare_cached("SELECT sealed FROM note WHERE dossier_id = ?1 AND note_id = ?2")?
                .query_row((dossier.0.into_bytes(), note), |row| row.get(0))
                .optional()
        })
    }
}

/// Columns of a record, in the order of [`record_row`].
pub(super) const RECORD_COLUMNS: &str = "shelf, owner, record, key_version, version, at, wrapped_key, sealed";

/// A row of `register`.
pub(super) fn record_row(row: &Row<'_>) -> rusqlite::Result<RecordRow> {
    let key =
        RecordKey { shelf: row.get(0)?, owner: row.get(1)?, record: row.get(2)?, key_version: row.get(3)? };
    let version = unsigned(row, 4)?;
    Ok(RecordRow { key, version, at_ms: row.get(5)?, wrapped_key: row.get(6)?, sealed: row.get(7)? })
}

/// Dossier, identity, time and sealed bytes of a notice.
pub(super) fn notice_row(row: &Row<'_>) -> rusqlite::Result<NoticeRow> {
    Ok(NoticeRow { dossier: id(row, 0)?, id: row.get(1)?, at_ms: row.get(2)?, sealed: row.get(3)? })
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<DossierId> {
    Ok(DossierId(Uuid::from_bytes(row.get(column)?)))
}

/// A number that is never negative: a negative one was not written by us.
pub(super) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// Where a content is, from its row: the object's SHA-256 stands in the place of the sealed bytes.
pub(super) fn place(object: Option<String>, sealed: Vec<u8>) -> Result<Place, StoreError> {
    match object {
        None => Ok(Place::Inline(sealed)),
        Some(name) => {
            let sha256 = sealed
                .try_into()
                .map_err(|_| failed_because("content", "an object has no digest of 32 bytes"))?;
            Ok(Place::Object { name, sha256 })
        }
    }
}
