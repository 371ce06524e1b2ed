//! What one commit writes, statement by statement, inside the writer's transaction.

use super::reader::unsigned;
use crate::engine::{Commit, EntryRow, IndexRow, LocatorKey, NewContent, Place, RecordRow, RecordWrite};
use crate::replay::SeenRow;
use dmp_dossier::{DossierId, EntryKind};
use dmp_keys::digest::{Digest, Link, journal_start};
use rusqlite::{Connection, OptionalExtension, Statement};

/// The last journal entry of a dossier, and its version.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) version: u64,
    pub(super) seq: u64,
    pub(super) entry_number: i64,
    pub(super) digest: Digest,
}

/// Why one request of a transaction wrote nothing.
pub(super) enum Refused {
    Conflict(u64),
    Taken,
    NoDossier,
}

/// Statements, prepared once.
pub(super) struct Statements<'c> {
    pub(super) begin: Statement<'c>,
    pub(super) commit: Statement<'c>,
    get_head: Statement<'c>,
    pub(super) put_head: Statement<'c>,
    get_locator: Statement<'c>,
    put_locator: Statement<'c>,
    put_keys: Statement<'c>,
    put_state: Statement<'c>,
    put_entry: Statement<'c>,
    put_content: Statement<'c>,
    put_text: Statement<'c>,
    put_document_key: Statement<'c>,
    put_note: Statement<'c>,
    put_journal: Statement<'c>,
    pub(super) count_unknown: Statement<'c>,
    put_grant: Statement<'c>,
    put_trait: Statement<'c>,
    index_grant: Statement<'c>,
    indexed: Statement<'c>,
    put_seen: Statement<'c>,
    forget_seen: Statement<'c>,
    put_case: Statement<'c>,
    put_notice: Statement<'c>,
    forget_notice: Statement<'c>,
    get_record: Statement<'c>,
    put_record: Statement<'c>,
    forget_record: Statement<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        let prepare = |sql| connection.prepare(sql);
        Ok(Statements {
            begin: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            get_head: prepare("SELECT version, seq, entry_number, digest FROM head WHERE dossier_id = ?1")?,
            put_head: prepare(
                "INSERT INTO head (dossier_id, version, seq, entry_number, digest) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (dossier_id) DO UPDATE SET version = excluded.version, seq = excluded.seq,
                 entry_number = excluded.entry_number, digest = excluded.digest",
            )?,
            get_locator: prepare(
                "SELECT 1 FROM locator WHERE kind = ?1 AND hmac = ?2 AND key_version = ?3",
            )?,
            put_locator: prepare(
                "INSERT INTO locator (kind, hmac, key_version, dossier_id) VALUES (?1, ?2, ?3, ?4)",
            )?,
            put_keys: prepare(
                "INSERT INTO dossier_key (dossier_id, content_key, journal_key) VALUES (?1, ?2, ?3)",
            )?,
            put_state: prepare(
                "INSERT INTO dossier (dossier_id, status, opened_at, closed_at, sealed) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (dossier_id) DO UPDATE SET status = excluded.status, opened_at = excluded.opened_at,
                 closed_at = excluded.closed_at, sealed = excluded.sealed",
            )?,
            put_entry: prepare(
                "INSERT INTO entry (dossier_id, entry_no, content_number, sealed) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (dossier_id, entry_no) DO UPDATE SET sealed = excluded.sealed",
            )?,
            put_content: prepare("INSERT INTO content (object, sealed) VALUES (?1, ?2)")?,
            put_text: prepare("INSERT INTO search_text (content_number, sealed) VALUES (?1, ?2)")?,
            put_document_key: prepare("INSERT INTO document_key (content_number, wrapped) VALUES (?1, ?2)")?,
            put_note: prepare("INSERT INTO note (dossier_id, note_id, sealed) VALUES (?1, ?2, ?3)")?,
            put_journal: prepare(
                "INSERT INTO journal (dossier_id, seq, kind, time, previous, entry_id, digest, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            count_unknown: prepare("UPDATE unknown_target SET requests = requests + ?1")?,
            put_grant: prepare(
                "INSERT INTO grant_index (hmac, key_version, dossier_id, changed_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET changed_at = excluded.changed_at",
            )?,
            put_trait: prepare(
                "INSERT INTO trait_index (hmac, key_version, dossier_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?,
            index_grant: prepare(
                "INSERT INTO grant_index (hmac, key_version, dossier_id, changed_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING",
            )?,
            indexed: prepare("DELETE FROM unindexed WHERE dossier_id = ?1")?,
            put_seen: prepare(
                "INSERT INTO seen (expires_at, id, content) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?,
            forget_seen: prepare("DELETE FROM seen WHERE expires_at <= ?1")?,
            put_case: prepare(
                "INSERT INTO case_index (hmac, key_version, dossier_id, open, changed_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET open = excluded.open, changed_at = excluded.changed_at",
            )?,
            put_notice: prepare(
                "INSERT INTO outbox (at, notice_id, dossier_id, sealed) VALUES (?1, ?2, ?3, ?4)",
            )?,
            forget_notice: prepare("DELETE FROM outbox WHERE at = ?1 AND notice_id = ?2")?,
            get_record: prepare(
                "SELECT version FROM register WHERE shelf = ?1 AND owner = ?2 AND record = ?3",
            )?,
            put_record: prepare(
                "INSERT INTO register (shelf, owner, record, key_version, version, at, wrapped_key, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            forget_record: prepare("DELETE FROM register WHERE shelf = ?1 AND owner = ?2 AND record = ?3")?,
        })
    }

    pub(super) fn head(&mut self, dossier: DossierId) -> rusqlite::Result<Option<Head>> {
        self.get_head
            .query_row([dossier.0.into_bytes()], |row| {
                Ok(Head {
                    version: unsigned(row, 0)?,
                    seq: unsigned(row, 1)?,
                    entry_number: row.get(2)?,
                    digest: row.get(3)?,
                })
            })
            .optional()
    }

    /// Writes one commit, or says why it may not be; in that case it has written nothing.
    pub(super) fn write(
        &mut self,
        connection: &Connection,
        commit: &Commit,
        head: Option<Head>,
    ) -> rusqlite::Result<Result<Head, Refused>> {
        let current = head.map_or(0, |head| head.version);
        if current != commit.expected {
            return Ok(Err(Refused::Conflict(current)));
        }
        if head.is_none() && commit.keys.is_none() {
            return Ok(Err(Refused::NoDossier));
        }
        for locator in commit.locators.iter().filter(|locator| locator.may_be_taken) {
            for key in std::iter::once(&locator.key).chain(&locator.older) {
                if self.is_taken(key)? {
                    return Ok(Err(Refused::Taken));
                }
            }
        }
        let id = commit.dossier.0.into_bytes();
        for LocatorKey { kind, hmac, key_version } in commit.locators.iter().map(|locator| locator.key) {
            self.put_locator.execute((kind, hmac, key_version, id))?;
        }
        if let Some((content, journal)) = &commit.keys {
            self.put_keys.execute((id, content, journal))?;
        }
        if let Some(state) = &commit.state {
            self.put_state.execute((id, state.status, state.opened_at, state.closed_at, &state.sealed))?;
        }
        for row in &commit.rows {
            self.write_entry(connection, &id, row)?;
        }
        for row in &commit.index {
            match row {
                IndexRow::Grant { key, changed_at_ms } => {
                    self.put_grant.execute((key.hmac, key.key_version, id, changed_at_ms))?
                }
                IndexRow::Trait { key } => self.put_trait.execute((key.hmac, key.key_version, id))?,
                IndexRow::Case { key, open, changed_at_ms } => {
                    self.put_case.execute((key.hmac, key.key_version, id, open, changed_at_ms))?
                }
            };
        }
        for notice in &commit.notices {
            self.put_notice.execute((notice.at_ms, notice.id, id, &notice.sealed))?;
        }
        if let Some((note, sealed)) = &commit.note {
            self.put_note.execute((id, note, sealed))?;
        }
        self.write_journal(commit, &id, head).map(Ok)
    }

    /// Indexes a dossier that was there before the indexes; a row that is there was written since.
    pub(super) fn index(&mut self, dossier: DossierId, rows: &[IndexRow]) -> rusqlite::Result<()> {
        let id = dossier.0.into_bytes();
        for row in rows {
            match row {
                IndexRow::Grant { key, changed_at_ms } => {
                    self.index_grant.execute((key.hmac, key.key_version, id, changed_at_ms))?
                }
                IndexRow::Trait { key } => self.put_trait.execute((key.hmac, key.key_version, id))?,
                // Cases are later than the indexes: no dossier of before has one.
                IndexRow::Case { .. } => 0,
            };
        }
        self.indexed.execute([id])?;
        Ok(())
    }

    /// Remembers something seen.
    pub(super) fn remember(&mut self, row: &SeenRow) -> rusqlite::Result<()> {
        self.put_seen.execute((row.expires_at_ms, row.id, row.content))?;
        Ok(())
    }

    /// Forgets what has expired.
    pub(super) fn forget(&mut self, now_ms: i64) -> rusqlite::Result<()> {
        self.forget_seen.execute([now_ms])?;
        Ok(())
    }

    /// Takes a notice away.
    pub(super) fn noticed(&mut self, at_ms: i64, id: &[u8; 16]) -> rusqlite::Result<()> {
        self.forget_notice.execute((at_ms, id))?;
        Ok(())
    }

    /// Writes a record, or takes it away; false, and nothing written, when another version is there.
    pub(super) fn write_record(&mut self, write: &RecordWrite) -> rusqlite::Result<bool> {
        if let Some(expected) = write.expected {
            let mut current = 0;
            for key in &write.keys {
                let place = (key.shelf, key.owner, key.record);
                let found = self.get_record.query_row(place, |row| unsigned(row, 0)).optional()?;
                current = current.max(found.unwrap_or(0));
            }
            if current != expected {
                return Ok(false);
            }
        }
        for key in &write.keys {
            self.forget_record.execute((key.shelf, key.owner, key.record))?;
        }
        if let Some(RecordRow { key, version, at_ms, wrapped_key, sealed }) = &write.row {
            self.put_record.execute((
                key.shelf,
                key.owner,
                key.record,
                key.key_version,
                version.cast_signed(),
                at_ms,
                wrapped_key,
                sealed,
            ))?;
        }
        Ok(true)
    }

    fn is_taken(&mut self, key: &LocatorKey) -> rusqlite::Result<bool> {
        self.get_locator.exists((key.kind, key.hmac, key.key_version))
    }

    fn write_entry(
        &mut self,
        connection: &Connection,
        id: &[u8; 16],
        row: &EntryRow,
    ) -> rusqlite::Result<()> {
        let content_number = match &row.content {
            None => None,
            Some(NewContent { wrapped_key, place, text }) => {
                match place {
                    Place::Inline(sealed) => self.put_content.execute((None::<&str>, sealed))?,
                    Place::Object { name, sha256 } => self.put_content.execute((Some(name), sha256))?,
                };
                let number = connection.last_insert_rowid();
                self.put_document_key.execute((number, wrapped_key))?;
                if let Some(text) = text {
                    self.put_text.execute((number, text))?;
                }
                Some(number)
            }
        };
        self.put_entry.execute((id, row.row, content_number, &row.sealed))?;
        Ok(())
    }

    fn write_journal(
        &mut self,
        commit: &Commit,
        id: &[u8; 16],
        head: Option<Head>,
    ) -> rusqlite::Result<Head> {
        let entry = &commit.entry;
        let (seq, previous, digest) = match head {
            Some(head) => (head.seq + 1, head.entry_number, head.digest),
            None => (1, 0, journal_start(id)),
        };
        let kind = entry.kind as u8;
        let digest = Link {
            dossier: id,
            seq,
            kind,
            time_ms: entry.time_ms,
            previous: &digest,
            sealed_sha256: &entry.sha256,
        }
        .digest();
        let entry_number = self.put_journal.insert((
            id,
            seq.cast_signed(),
            kind,
            entry.time_ms,
            previous,
            entry.entry_id,
            digest,
            &entry.sealed,
        ))?;
        let raises = u64::from(entry.kind == EntryKind::Change);
        Ok(Head { version: commit.expected + raises, seq, entry_number, digest })
    }
}
