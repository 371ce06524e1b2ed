//! The one writer: many dossiers to a transaction, one sync of the log for all.
//!
//! While a transaction is being synced, the requests that come in queue up; they make the next one. Heads are kept in
//! memory, so that a commit reads nothing it does not have to. Everything that costs (deciding, packing, sealing,
//! hashing rows) was done by the callers: only the link of the chain is computed here, for `seq` is assigned here.
//!
//! **Failures.** When a statement fails the whole transaction is rolled back and refused. When the disk fails, or a
//! commit does, nothing can be said of what is on disk: everything is refused until the process starts again and SQLite
//! recovers. A failed sync is never tried again, for the system may have dropped the pages it could not write.

use crate::api::StoreError;
use crate::engine::{Commit, CommitError, Committed, EntryRow, LocatorKey, NewContent, Place};
use crate::error::{failed, failed_because};
use dmp_dossier::DossierId;
use dmp_keys::digest::{Digest, Link, journal_start};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Statement};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Most requests in one transaction.
const GROUP_MAX: usize = 256;
/// Most sealed bytes in one transaction.
const GROUP_BYTES_MAX: usize = 16 << 20;
/// Most requests that wait; beyond, the store says that it is busy.
const QUEUE_MAX: usize = 8_192;
/// Heads kept in memory, twice this at most: about 20 MB.
const HEADS_MAX: usize = 100_000;

type Answer<T> = oneshot::Sender<Result<T, CommitError>>;

enum Request {
    Commit(Box<Commit>, Answer<Committed>),
    UnknownTarget(Answer<()>),
}

pub(super) struct Writer {
    requests: Option<SyncSender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread that writes, on its connection.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        // Here rather than in the thread, where nobody would hear of it.
        Statements::prepare(&connection).map_err(failed("tables"))?;
        let (requests, queue) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("dmp-writer".to_owned())
            .spawn(move || write_all(&connection, &queue))
            .map_err(failed("writer"))?;
        Ok(Writer { requests: Some(requests), thread: Some(thread) })
    }

    pub(super) async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Commit(Box::new(commit), answer))?;
        answered.await.unwrap_or_else(|_| Err(CommitError::Failed(stopped())))
    }

    pub(super) async fn unknown_target(&self) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::UnknownTarget(answer))?;
        match answered.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(CommitError::Failed(error))) => Err(error),
            _ => Err(stopped()),
        }
    }

    fn send(&self, request: Request) -> Result<(), StoreError> {
        let sent = self.requests.as_ref().map(|requests| requests.try_send(request));
        match sent {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(failed_because("writer", "too many requests wait")),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(stopped()),
        }
    }
}

/// What waits is written, then the connection is closed.
impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn stopped() -> StoreError {
    failed_because("writer", "it has stopped")
}

/// The last journal entry of a dossier, and its version.
#[derive(Clone, Copy)]
struct Head {
    version: u64,
    seq: u64,
    entry_number: i64,
    digest: Digest,
}

/// Heads used of late: when the young ones are many, the old ones are forgotten.
#[derive(Default)]
struct Heads {
    young: HashMap<DossierId, Head>,
    old: HashMap<DossierId, Head>,
}

impl Heads {
    fn get(&self, id: DossierId) -> Option<Head> {
        self.young.get(&id).or_else(|| self.old.get(&id)).copied()
    }

    fn put(&mut self, id: DossierId, head: Head) {
        if self.young.len() >= HEADS_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id, head);
    }
}

/// Why one request of a transaction wrote nothing.
enum Refused {
    Conflict(u64),
    Taken,
    NoDossier,
}

fn write_all(connection: &Connection, queue: &Receiver<Request>) {
    let mut statements = match Statements::prepare(connection) {
        Ok(statements) => statements,
        Err(_) => return,
    };
    let mut heads = Heads::default();
    let mut disk_failed = false;
    while let Ok(first) = queue.recv() {
        let group = gather(first, queue);
        if disk_failed {
            group.into_iter().for_each(|request| answer_failed(request, None));
            continue;
        }
        let mut changed = HashMap::new();
        match write_group(connection, &mut statements, &heads, &mut changed, &group) {
            Ok(outcomes) => {
                changed.into_iter().for_each(|(id, head)| heads.put(id, head));
                group.into_iter().zip(outcomes).for_each(|(request, outcome)| answer(request, outcome));
            }
            Err(error) => {
                if !connection.is_autocommit() {
                    let _ = connection.execute_batch("ROLLBACK");
                }
                disk_failed = is_of_the_disk(&error) || !connection.is_autocommit();
                tracing::error!(%error, disk_failed, "a group of {} requests was not written", group.len());
                let error = Arc::new(error);
                group.into_iter().for_each(|request| answer_failed(request, Some(&error)));
            }
        }
    }
}

/// What waits, up to the bounds of a transaction.
fn gather(first: Request, queue: &Receiver<Request>) -> Vec<Request> {
    let mut bytes = size(&first);
    let mut group = vec![first];
    while group.len() < GROUP_MAX && bytes < GROUP_BYTES_MAX {
        match queue.try_recv() {
            Ok(request) => {
                bytes += size(&request);
                group.push(request);
            }
            Err(_) => break,
        }
    }
    group
}

fn size(request: &Request) -> usize {
    let Request::Commit(commit, _) = request else {
        return 0;
    };
    let contents = commit.rows.iter().map(|row| match row.content.as_ref().map(|content| &content.place) {
        Some(Place::Inline(sealed)) => sealed.len(),
        _ => 0,
    });
    contents.sum::<usize>() + commit.entry.sealed.len()
}

fn is_of_the_disk(error: &rusqlite::Error) -> bool {
    !matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::DatabaseBusy
                | ErrorCode::ConstraintViolation
                | ErrorCode::TooBig
                | ErrorCode::OutOfMemory
        )
    )
}

fn answer(request: Request, outcome: Result<Option<u64>, Refused>) {
    match (request, outcome) {
        (Request::Commit(commit, answer), Ok(seq)) => {
            let _ = answer.send(Ok(Committed::durable(commit.dossier, seq.unwrap_or_default())));
        }
        (Request::Commit(_, answer), Err(refused)) => {
            let _ = answer.send(Err(match refused {
                Refused::Conflict(current) => CommitError::Conflict { current },
                Refused::Taken => CommitError::Taken,
                Refused::NoDossier => CommitError::Failed(failed_because("head", "there is no such dossier")),
            }));
        }
        (Request::UnknownTarget(answer), _) => {
            let _ = answer.send(Ok(()));
        }
    }
}

fn answer_failed(request: Request, error: Option<&Arc<rusqlite::Error>>) {
    let failure = match error {
        Some(error) => StoreError::Failed { place: "writer", source: Box::new(Arc::clone(error)) },
        None => failed_because("writer", "the disk failed: nothing is written before a new start"),
    };
    match request {
        Request::Commit(_, answer) => drop(answer.send(Err(CommitError::Failed(failure)))),
        Request::UnknownTarget(answer) => drop(answer.send(Err(CommitError::Failed(failure)))),
    }
}

/// Writes a group in one transaction; durable when it returns.
fn write_group(
    connection: &Connection,
    statements: &mut Statements<'_>,
    heads: &Heads,
    changed: &mut HashMap<DossierId, Head>,
    group: &[Request],
) -> rusqlite::Result<Vec<Result<Option<u64>, Refused>>> {
    statements.begin.execute([])?;
    let mut unknown = 0;
    let mut outcomes = Vec::with_capacity(group.len());
    for request in group {
        outcomes.push(match request {
            Request::Commit(commit, _) => {
                let head = match changed.get(&commit.dossier).copied().or_else(|| heads.get(commit.dossier)) {
                    Some(head) => Some(head),
                    None => statements.head(commit.dossier)?,
                };
                match statements.write(connection, commit, head)? {
                    Ok(head) => {
                        changed.insert(commit.dossier, head);
                        Ok(Some(head.seq))
                    }
                    Err(refused) => Err(refused),
                }
            }
            Request::UnknownTarget(_) => {
                unknown += 1;
                Ok(None)
            }
        });
    }
    for (dossier, head) in changed.iter() {
        let id = dossier.0.into_bytes();
        let (version, seq) = (head.version.cast_signed(), head.seq.cast_signed());
        statements.put_head.execute((id, version, seq, head.entry_number, head.digest))?;
    }
    if unknown > 0 {
        statements.count_unknown.execute([unknown])?;
    }
    statements.commit.execute([])?;
    Ok(outcomes)
}

/// Statements, prepared once.
struct Statements<'c> {
    begin: Statement<'c>,
    commit: Statement<'c>,
    get_head: Statement<'c>,
    put_head: Statement<'c>,
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
    count_unknown: Statement<'c>,
}

impl<'c> Statements<'c> {
    fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
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
        })
    }

    fn head(&mut self, dossier: DossierId) -> rusqlite::Result<Option<Head>> {
        self.get_head
            .query_row([dossier.0.into_bytes()], |row| {
                Ok(Head {
                    version: super::reader::unsigned(row, 0)?,
                    seq: super::reader::unsigned(row, 1)?,
                    entry_number: row.get(2)?,
                    digest: row.get(3)?,
                })
            })
            .optional()
    }

    /// Writes one commit, or says why it may not be; in that case it has written nothing.
    fn write(
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
        if let Some((note, sealed)) = &commit.note {
            self.put_note.execute((id, note, sealed))?;
        }
        self.write_journal(commit, &id, head).map(Ok)
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
        let raises = u64::from(entry.kind == dmp_dossier::EntryKind::Change);
        Ok(Head { version: commit.expected + raises, seq, entry_number, digest })
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
