//! The one writer: many dossiers to a transaction, one sync of the log for all.
//!
//! While a transaction is being synced, the requests that come in queue up; they make the next one. Heads are kept in
//! memory, so that a commit reads nothing it does not have to. Everything that costs (deciding, packing, sealing,
//! hashing rows) was done by the callers: only the link of the chain is computed here, for `seq` is assigned here.
//!
//! **Failures.** When a statement fails the whole transaction is rolled back and refused. When the disk fails, or a
//! commit does, nothing can be said of what is on disk: everything is refused until the process starts again and SQLite
//! recovers. A failed sync is never tried again, for the system may have dropped the pages it could not write.

use super::seen::{Judged, Memory};
use super::statements::{Head, Refused, Statements};
use crate::api::{Durable, Remembered, StoreError};
use crate::engine::{Commit, CommitError, Committed, IndexRow, Place, RecordWrite};
use crate::error::{failed, failed_because};
use crate::replay::SeenRow;
use dmp_dossier::DossierId;
use rusqlite::{Connection, ErrorCode};
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    Index(Vec<(DossierId, Vec<IndexRow>)>, Answer<()>),
    /// Rows to write; whether those that have expired by then are to be put away.
    Remember(Vec<SeenRow>, Option<i64>, Answer<()>),
    Record(Box<RecordWrite>, Answer<bool>),
    Noticed(i64, [u8; 16], Answer<()>),
}

/// What a request came to, once its transaction is durable.
enum Outcome {
    Committed(u64),
    Refused(Refused),
    Record(bool),
    Done,
}

pub(super) struct Writer {
    requests: Option<SyncSender<Request>>,
    memory: Arc<Mutex<Memory>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread that writes, on its connection.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        // Here rather than in the thread, where nobody would hear of it.
        Statements::prepare(&connection).map_err(failed("tables"))?;
        let memory = Arc::new(Mutex::new(Memory::load(&connection).map_err(failed("seen"))?));
        let (requests, queue) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("dmp-writer".to_owned())
            .spawn({
                let memory = Arc::clone(&memory);
                move || write_all(&connection, &memory, &queue)
            })
            .map_err(failed("writer"))?;
        Ok(Writer { requests: Some(requests), memory, thread: Some(thread) })
    }

    pub(super) async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Commit(Box::new(commit), answer))?;
        answered.await.unwrap_or_else(|_| Err(CommitError::Failed(stopped())))
    }

    pub(super) async fn unknown_target(&self) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::UnknownTarget(answer))?;
        plain(answered).await
    }

    pub(super) async fn index(&self, rows: Vec<(DossierId, Vec<IndexRow>)>) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Index(rows, answer))?;
        plain(answered).await
    }

    pub(super) async fn record(&self, write: RecordWrite) -> Result<bool, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Record(Box::new(write), answer))?;
        plain(answered).await
    }

    pub(super) async fn noticed(&self, at_ms: i64, id: [u8; 16]) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Noticed(at_ms, id, answer))?;
        plain(answered).await
    }

    /// Answers before it is durable: what the same request writes afterwards is durable no sooner.
    pub(super) fn remember(
        &self,
        seen: &[SeenRow],
        now_ms: i64,
    ) -> Result<(Remembered, Durable), StoreError> {
        let mut memory = locked(&self.memory);
        let swept = memory.sweep(now_ms).then_some(now_ms);
        let (remembered, rows) = match memory.take(seen, now_ms) {
            Judged::New(rows) => (Remembered::New, rows),
            Judged::Known(remembered) => (remembered, Vec::new()),
            Judged::Full => {
                return Err(failed_because("seen", "too many messages and assertions have not expired"));
            }
        };
        if rows.is_empty() && swept.is_none() {
            return Ok((remembered, Durable::already()));
        }
        let (answer, answered) = oneshot::channel();
        // Under the lock: whoever finds these rows known is behind them in the queue.
        if let Err(error) = self.send(Request::Remember(rows.clone(), swept, answer)) {
            memory.forget(&rows);
            return Err(error);
        }
        Ok((remembered, Durable::after(plain(answered))))
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

/// The memory stays true whatever panicked while it was held.
fn locked(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The answer to what can only fail.
async fn plain<T>(answered: oneshot::Receiver<Result<T, CommitError>>) -> Result<T, StoreError> {
    match answered.await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(CommitError::Failed(error))) => Err(error),
        _ => Err(stopped()),
    }
}

fn stopped() -> StoreError {
    failed_because("writer", "it has stopped")
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

fn write_all(connection: &Connection, memory: &Mutex<Memory>, queue: &Receiver<Request>) {
    let mut statements = match Statements::prepare(connection) {
        Ok(statements) => statements,
        Err(_) => return,
    };
    let mut heads = Heads::default();
    let mut disk_failed = false;
    while let Ok(first) = queue.recv() {
        let group = gather(first, queue);
        if disk_failed {
            group.into_iter().for_each(|request| answer_failed(request, memory, None));
            continue;
        }
        let mut group_writes = Group { heads: &heads, changed: HashMap::new() };
        match group_writes.write(connection, &mut statements, &group) {
            Ok(outcomes) => {
                let Group { changed, .. } = group_writes;
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
                group.into_iter().for_each(|request| answer_failed(request, memory, Some(&error)));
            }
        }
    }
    // A stopped deployment is one file, easy to copy. A reader may delay it: the log then stays, nothing is lost.
    if !disk_failed {
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
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
    let commit = match request {
        Request::Commit(commit, _) => commit,
        Request::Record(write, _) => return write.row.as_ref().map_or(0, |row| row.sealed.len()),
        _ => return 0,
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

fn answer(request: Request, outcome: Outcome) {
    let no_dossier = || CommitError::Failed(failed_because("head", "there is no such dossier"));
    match (request, outcome) {
        (Request::Commit(commit, answer), Outcome::Committed(seq)) => {
            let _ = answer.send(Ok(Committed::durable(commit.dossier, seq)));
        }
        (Request::Commit(_, answer), Outcome::Refused(refused)) => {
            let _ = answer.send(Err(match refused {
                Refused::Conflict(current) => CommitError::Conflict { current },
                Refused::Taken => CommitError::Taken,
                Refused::NoDossier => no_dossier(),
            }));
        }
        (
            Request::UnknownTarget(answer)
            | Request::Index(_, answer)
            | Request::Remember(_, _, answer)
            | Request::Noticed(_, _, answer),
            _,
        ) => {
            let _ = answer.send(Ok(()));
        }
        (Request::Record(_, answer), Outcome::Record(written)) => {
            let _ = answer.send(Ok(written));
        }
        // Nothing comes to anything else; were it so, nothing may be said to be written.
        (Request::Commit(_, answer), _) => drop(answer.send(Err(no_dossier()))),
        (Request::Record(_, answer), _) => drop(answer.send(Ok(false))),
    }
}

fn answer_failed(request: Request, memory: &Mutex<Memory>, error: Option<&Arc<rusqlite::Error>>) {
    let failure = match error {
        Some(error) => StoreError::Failed { place: "writer", source: Box::new(Arc::clone(error)) },
        None => failed_because("writer", "the disk failed: nothing is written before a new start"),
    };
    match request {
        Request::Commit(_, answer) => drop(answer.send(Err(CommitError::Failed(failure)))),
        Request::UnknownTarget(answer) | Request::Index(_, answer) | Request::Noticed(_, _, answer) => {
            drop(answer.send(Err(CommitError::Failed(failure))));
        }
        Request::Record(_, answer) => drop(answer.send(Err(CommitError::Failed(failure)))),
        Request::Remember(rows, _, answer) => {
            locked(memory).forget(&rows);
            drop(answer.send(Err(CommitError::Failed(failure))));
        }
    }
}

/// A transaction being written: what it reads besides the database, and what it will have changed once it is durable.
struct Group<'a> {
    heads: &'a Heads,
    changed: HashMap<DossierId, Head>,
}

impl Group<'_> {
    /// Writes the requests in one transaction; durable when it returns.
    fn write(
        &mut self,
        connection: &Connection,
        statements: &mut Statements<'_>,
        requests: &[Request],
    ) -> rusqlite::Result<Vec<Outcome>> {
        statements.begin.execute([])?;
        let mut unknown = 0;
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            outcomes.push(match request {
                Request::Commit(commit, _) => self.commit(connection, statements, commit)?,
                Request::UnknownTarget(_) => {
                    unknown += 1;
                    Outcome::Done
                }
                Request::Index(rows, _) => {
                    for (dossier, rows) in rows {
                        statements.index(*dossier, rows)?;
                    }
                    Outcome::Done
                }
                Request::Noticed(at_ms, id, _) => {
                    statements.noticed(*at_ms, id)?;
                    Outcome::Done
                }
                Request::Record(write, _) => Outcome::Record(statements.write_record(write)?),
                Request::Remember(rows, swept, _) => {
                    if let Some(now_ms) = swept {
                        statements.forget(*now_ms)?;
                    }
                    for row in rows {
                        statements.remember(row)?;
                    }
                    Outcome::Done
                }
            });
        }
        for (dossier, head) in &self.changed {
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

    fn commit(
        &mut self,
        connection: &Connection,
        statements: &mut Statements<'_>,
        commit: &Commit,
    ) -> rusqlite::Result<Outcome> {
        let known = self.changed.get(&commit.dossier).copied().or_else(|| self.heads.get(commit.dossier));
        let head = match known {
            Some(head) => Some(head),
            None => statements.head(commit.dossier)?,
        };
        Ok(match statements.write(connection, commit, head)? {
            Ok(head) => {
                self.changed.insert(commit.dossier, head);
                Outcome::Committed(head.seq)
            }
            Err(refused) => Outcome::Refused(refused),
        })
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
