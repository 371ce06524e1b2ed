//! The embedded engine: a directory is a deployment, locked by its one process.
//!
//! One thread writes ([`writer`]), many dossiers to a transaction; a few connections read ([`reader`]). A read holds the
//! caller's thread for the time of a few indexed look-ups, which costs less than handing it over.

pub(crate) mod audit;
mod connection;
mod migrations;
mod reader;
mod seen;
mod statements;
mod writer;

use crate::api::{Durable, Remembered, StoreError};
use crate::engine::{
    Commit, CommitError, Committed, Cursor, Engine, IndexKey, IndexRow, JournalPage, LocatorKey, NoticeRow,
    RecordKey, RecordRow, RecordWrite, StoredContent, StoredDossier, StoredText,
};
use crate::error::{failed, failed_because};
use crate::objects::Objects;
use crate::replay::SeenRow;
use dmp_dossier::{DossierId, Time};
use futures_util::future::{BoxFuture, FutureExt, ready};
use reader::Readers;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use writer::Writer;

/// Name of the database in its directory.
const DATABASE: &str = "dossiers.sqlite";
/// Name of the directory of large contents.
const OBJECTS: &str = "objects";
const LOCK: &str = "lock";

/// The embedded database.
pub struct SqliteEngine {
    /// Closed before the writer, whose connection is then the last one: SQLite puts the log away.
    readers: Readers,
    writer: Writer,
    objects: Objects,
    /// Released last, when everything else is closed.
    _lock: File,
}

impl SqliteEngine {
    /// Opens the deployment of a directory, created if needed, and brings its tables up to date.
    ///
    /// # Errors
    /// Another process has it; the directory cannot be read or written; the linked SQLite is older than 3.51.3; a
    /// migration differs from the one that was run.
    pub fn open(dir: &Path) -> Result<SqliteEngine, StoreError> {
        // Rows are sealed; how many dossiers there are, and when they change, is nobody else's business either.
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed("directory"))?;
        let lock = take_lock(&dir.join(LOCK))?;
        let database = dir.join(DATABASE);
        let mut connection = connection::open_writer(&database)?;
        migrations::run(&mut connection)?;
        Ok(SqliteEngine {
            readers: Readers::new(&database)?,
            writer: Writer::start(connection)?,
            objects: Objects::in_directory(&dir.join(OBJECTS))?,
            _lock: lock,
        })
    }
}

/// One process per directory: two would each believe in their own cache of heads.
fn take_lock(path: &Path) -> Result<File, StoreError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(failed("lock of the directory"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(failed_because("lock of the directory", "another process runs this deployment"))
        }
        Err(TryLockError::Error(source)) => Err(failed("lock of the directory")(source)),
    }
}

impl Engine for SqliteEngine {
    fn locate<'a>(
        &'a self,
        locators: &'a [LocatorKey],
    ) -> BoxFuture<'a, Result<Option<DossierId>, StoreError>> {
        ready(self.readers.locate(locators)).boxed()
    }

    fn load(&self, dossier: DossierId) -> BoxFuture<'_, Result<Option<StoredDossier>, StoreError>> {
        ready(self.readers.load(dossier)).boxed()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>> {
        self.writer.commit(commit).boxed()
    }

    fn unknown_target(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.writer.unknown_target().boxed()
    }

    fn contents<'a>(
        &'a self,
        dossier: DossierId,
        rows: &'a [u32],
    ) -> BoxFuture<'a, Result<Vec<StoredContent>, StoreError>> {
        ready(self.readers.contents(dossier, rows)).boxed()
    }

    fn search_texts<'a>(
        &'a self,
        dossier: DossierId,
        rows: &'a [u32],
    ) -> BoxFuture<'a, Result<Vec<StoredText>, StoreError>> {
        ready(self.readers.search_texts(dossier, rows)).boxed()
    }

    fn journal(
        &self,
        dossier: DossierId,
        from: Option<Cursor>,
        limit: usize,
    ) -> BoxFuture<'_, Result<JournalPage, StoreError>> {
        ready(self.readers.journal(dossier, from, limit)).boxed()
    }

    fn note(&self, dossier: DossierId, note: [u8; 16]) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        ready(self.readers.note(dossier, note)).boxed()
    }

    fn granted<'a>(
        &'a self,
        keys: &'a [IndexKey],
        since_ms: Option<i64>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<DossierId>, StoreError>> {
        ready(self.readers.granted(keys, since_ms, limit)).boxed()
    }

    fn with_traits<'a>(
        &'a self,
        keys: &'a [IndexKey],
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<DossierId>, StoreError>> {
        ready(self.readers.with_traits(keys, limit)).boxed()
    }

    fn unindexed(&self, limit: u32) -> BoxFuture<'_, Result<Vec<DossierId>, StoreError>> {
        ready(self.readers.unindexed(limit)).boxed()
    }

    fn index(&self, rows: Vec<(DossierId, Vec<IndexRow>)>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.writer.index(rows).boxed()
    }

    fn remember(
        &self,
        seen: Vec<SeenRow>,
        now: Time,
    ) -> BoxFuture<'_, Result<(Remembered, Durable), StoreError>> {
        ready(self.writer.remember(&seen, now.millis())).boxed()
    }

    fn record<'a>(&'a self, keys: &'a [RecordKey]) -> BoxFuture<'a, Result<Option<RecordRow>, StoreError>> {
        ready(self.readers.record(keys)).boxed()
    }

    fn records<'a>(
        &'a self,
        shelf: u8,
        owners: &'a [IndexKey],
        from_ms: i64,
        to_ms: i64,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<RecordRow>, StoreError>> {
        ready(self.readers.records(shelf, owners, from_ms, to_ms, limit)).boxed()
    }

    fn with_cases<'a>(
        &'a self,
        keys: &'a [IndexKey],
        since_ms: i64,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<DossierId>, StoreError>> {
        ready(self.readers.with_cases(keys, since_ms, limit)).boxed()
    }

    fn notices(&self, limit: u32) -> BoxFuture<'_, Result<Vec<NoticeRow>, StoreError>> {
        ready(self.readers.notices(limit)).boxed()
    }

    fn noticed(&self, at_ms: i64, id: [u8; 16]) -> BoxFuture<'_, Result<(), StoreError>> {
        self.writer.noticed(at_ms, id).boxed()
    }

    fn write_record(&self, write: RecordWrite) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.writer.record(write).boxed()
    }

    fn objects(&self) -> &Objects {
        &self.objects
    }
}
