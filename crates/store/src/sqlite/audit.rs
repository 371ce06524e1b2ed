//! Reading for `verify`: everything a dossier has, by a connection of its own that cannot write, in one snapshot.

use super::connection::open_read_only;
use super::reader::{RECORD_COLUMNS, notice_row, place, record_row, unsigned};
use super::{DATABASE, OBJECTS, migrations};
use crate::api::StoreError;
use crate::engine::{IndexKey, LocatorKey, NoticeRow, Place, RecordKey, RecordRow};
use crate::error::{failed, failed_because};
use crate::sealing::WrappedKeys;
use crate::verify::rows::{AuditContent, AuditEntry, AuditHead, AuditJournal, AuditRows, AuditState};
use dmp_dossier::DossierId;
use rusqlite::{Connection, OptionalExtension};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Tables whose rows belong to a dossier, and are counted.
pub(crate) const COUNTED: [&str; 11] = [
    "locator",
    "grant_index",
    "case_index",
    "dossier",
    "dossier_key",
    "entry",
    "content",
    "search_text",
    "document_key",
    "journal",
    "note",
];

/// A deployment as it was when it was opened, beside the process that runs it.
pub(crate) struct Audit {
    connection: Connection,
    objects: PathBuf,
}

impl Audit {
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let connection = open_read_only(&dir.join(DATABASE))?;
        // One snapshot for all: what is committed meanwhile is not looked at, and its log is kept until the end.
        connection.execute_batch("BEGIN").map_err(failed("database"))?;
        if !migrations::is_current(&connection)? {
            return Err(failed_because(
                "migration",
                "its tables are of another release: start it once with this one",
            ));
        }
        Ok(Audit { connection, objects: dir.join(OBJECTS) })
    }

    /// How many rows a table of [`COUNTED`] has, or `head`.
    pub(crate) fn count(&self, table: &str) -> Result<u64, StoreError> {
        // Table names are ours, never a sender's.
        self.connection
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| unsigned(row, 0))
            .map_err(failed("database"))
    }

    /// Dossiers after one, in order of identifier.
    pub(crate) fn dossiers_after(&self, last: [u8; 16], limit: u32) -> Result<Vec<DossierId>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT dossier_id FROM head WHERE dossier_id > ?1 ORDER BY dossier_id LIMIT ?2")
            .map_err(failed("head"))?;
        let rows = statement
            .query_map((last, limit), |row| Ok(DossierId(Uuid::from_bytes(row.get(0)?))))
            .map_err(failed("head"))?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed("head"))
    }

    /// The dossier that a locator points to.
    pub(crate) fn located(&self, key: &LocatorKey) -> Result<Option<[u8; 16]>, StoreError> {
        self.connection
            .prepare_cached(
                "SELECT dossier_id FROM locator WHERE kind = ?1 AND hmac = ?2 AND key_version = ?3",
            )
            .and_then(|mut statement| {
                statement.query_row((key.kind, key.hmac, key.key_version), |row| row.get(0)).optional()
            })
            .map_err(failed("locator"))
    }

    /// When a grantee's row of the index was changed last, for a dossier.
    pub(crate) fn granted(&self, key: &IndexKey, dossier: DossierId) -> Result<Option<i64>, StoreError> {
        self.connection
            .prepare_cached(
                "SELECT changed_at FROM grant_index WHERE hmac = ?1 AND key_version = ?2 AND dossier_id = ?3",
            )
            .and_then(|mut statement| {
                let row = (key.hmac, key.key_version, dossier.0.into_bytes());
                statement.query_row(row, |row| row.get(0)).optional()
            })
            .map_err(failed("grant_index"))
    }

    /// Whether a structure's row of the index of cases says that one is open, and when it changed last.
    pub(crate) fn reviewed(
        &self,
        key: &IndexKey,
        dossier: DossierId,
    ) -> Result<Option<(i64, i64)>, StoreError> {
        self.connection
            .prepare_cached(
                "SELECT open, changed_at FROM case_index WHERE hmac = ?1 AND key_version = ?2 AND dossier_id = ?3",
            )
            .and_then(|mut statement| {
                let row = (key.hmac, key.key_version, dossier.0.into_bytes());
                statement.query_row(row, |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .map_err(failed("case_index"))
    }

    /// Every notice to send, with the wrapped keys of its dossier.
    pub(crate) fn notices(&self) -> Result<Vec<(NoticeRow, Option<WrappedKeys>)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT o.dossier_id, o.notice_id, o.at, o.sealed, k.content_key, k.journal_key
                 FROM outbox o LEFT JOIN dossier_key k USING (dossier_id)",
            )
            .map_err(failed("outbox"))?;
        let rows = statement
            .query_map([], |row| {
                let (content, journal): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(4)?, row.get(5)?);
                Ok((notice_row(row)?, content.zip(journal)))
            })
            .map_err(failed("outbox"))?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed("outbox"))
    }

    /// True when the index of traits has that row.
    pub(crate) fn has_traits(&self, key: &IndexKey, dossier: DossierId) -> Result<bool, StoreError> {
        self.connection
            .prepare_cached(
                "SELECT 1 FROM trait_index WHERE hmac = ?1 AND key_version = ?2 AND dossier_id = ?3",
            )
            .and_then(|mut statement| statement.exists((key.hmac, key.key_version, dossier.0.into_bytes())))
            .map_err(failed("trait_index"))
    }

    /// True for a dossier that waits for its rows of the indexes.
    pub(crate) fn is_unindexed(&self, dossier: DossierId) -> Result<bool, StoreError> {
        self.connection
            .prepare_cached("SELECT 1 FROM unindexed WHERE dossier_id = ?1")
            .and_then(|mut statement| statement.exists([dossier.0.into_bytes()]))
            .map_err(failed("unindexed"))
    }

    /// Records beside dossiers after one, in order of place.
    pub(crate) fn records_after(
        &self,
        last: Option<RecordKey>,
        limit: u32,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let (shelf, owner, record) = last
            .map_or((0, Vec::new(), Vec::new()), |key| (key.shelf, key.owner.to_vec(), key.record.to_vec()));
        let sql = format!(
            "SELECT {RECORD_COLUMNS} FROM register WHERE (shelf, owner, record) > (?1, ?2, ?3)
             ORDER BY shelf, owner, record LIMIT ?4"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(failed("register"))?;
        let rows =
            statement.query_map((shelf, owner, record, limit), record_row).map_err(failed("register"))?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed("register"))
    }

    /// The bytes of a large content; `None` when they are not there.
    pub(crate) fn object(&self, name: &str) -> Option<Vec<u8>> {
        let ours = name.split('/').all(|part| part.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'));
        ours.then(|| std::fs::read(self.objects.join(name)).ok()).flatten()
    }

    /// Everything of a dossier.
    pub(crate) fn rows(&self, dossier: DossierId) -> Result<AuditRows, StoreError> {
        self.read(dossier).map_err(failed("dossier"))
    }

    fn read(&self, dossier: DossierId) -> rusqlite::Result<AuditRows> {
        let id = dossier.0.into_bytes();
        let head = self.one(
            "SELECT version, seq, entry_number, digest FROM head WHERE dossier_id = ?1",
            &id,
            |row| {
                Ok(AuditHead {
                    version: row.get(0)?,
                    seq: row.get(1)?,
                    entry_number: row.get(2)?,
                    digest: row.get(3)?,
                })
            },
        )?;
        let state = self.one(
            "SELECT status, opened_at, closed_at, sealed FROM dossier WHERE dossier_id = ?1",
            &id,
            |row| {
                Ok(AuditState {
                    status: row.get(0)?,
                    opened_at: row.get(1)?,
                    closed_at: row.get(2)?,
                    sealed: row.get(3)?,
                })
            },
        )?;
        let keys =
            self.one("SELECT content_key, journal_key FROM dossier_key WHERE dossier_id = ?1", &id, |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let entries = self.entries(&id)?;
        let notes = self.all("SELECT note_id, sealed FROM note WHERE dossier_id = ?1", &id, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let journal = head.as_ref().map_or(Ok(Vec::new()), |head| self.journal(head))?;
        Ok(AuditRows { dossier, head, state, keys, entries, notes, journal })
    }

    fn entries(&self, id: &[u8; 16]) -> rusqlite::Result<Vec<AuditEntry>> {
        let sql = "SELECT entry_no, content_number, e.sealed, c.object, c.sealed, k.wrapped, t.sealed
                   FROM entry e LEFT JOIN content c USING (content_number)
                   LEFT JOIN document_key k USING (content_number) LEFT JOIN search_text t USING (content_number)
                   WHERE e.dossier_id = ?1 ORDER BY entry_no";
        self.all(sql, id, |row| {
            let content = match row.get::<_, Option<i64>>(1)? {
                None => None,
                Some(_) => Some(AuditContent {
                    place: audit_place(row.get(3)?, row.get(4)?),
                    wrapped_key: row.get(5)?,
                    text: row.get(6)?,
                }),
            };
            Ok(AuditEntry { row: row.get(0)?, sealed: row.get(2)?, content })
        })
    }

    /// The journal from its head back, as far as it holds together; at most one entry more than the head says.
    fn journal(&self, head: &AuditHead) -> rusqlite::Result<Vec<AuditJournal>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT dossier_id, seq, kind, time, previous, entry_id, digest, sealed FROM journal
             WHERE entry_number = ?1",
        )?;
        let mut journal = Vec::new();
        let mut number = head.entry_number;
        while number != 0 && i64::try_from(journal.len()).is_ok_and(|read| read <= head.seq) {
            let found = statement
                .query_row([number], |row| {
                    Ok(AuditJournal {
                        dossier_id: row.get(0)?,
                        seq: row.get(1)?,
                        kind: row.get(2)?,
                        time_ms: row.get(3)?,
                        previous: row.get(4)?,
                        entry_id: row.get(5)?,
                        digest: row.get(6)?,
                        sealed: row.get(7)?,
                    })
                })
                .optional()?;
            let Some(entry) = found else {
                break;
            };
            number = entry.previous;
            journal.push(entry);
        }
        journal.reverse();
        Ok(journal)
    }

    fn one<T>(
        &self,
        sql: &str,
        id: &[u8; 16],
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.connection.prepare_cached(sql)?.query_row([id], read).optional()
    }

    fn all<T>(
        &self,
        sql: &str,
        id: &[u8; 16],
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.connection.prepare_cached(sql)?.query_map([id], read)?.collect()
    }
}

/// `None` when the row is not there, or is not a content.
fn audit_place(object: Option<String>, sealed: Option<Vec<u8>>) -> Option<Place> {
    place(object, sealed?).ok()
}
