//! Connections: the pragmas that durability and safety rest on, set and then read back.

use crate::api::StoreError;
use crate::error::{failed, failed_because};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Before 3.51.3 a WAL could be reset under a reader and corrupt the database (sqlite.org, 13 March 2026).
const OLDEST_SQLITE: i32 = 3_051_003;

/// Best of 4, 8 and 16 KiB for documents of 4 kB in groups.
const PAGE_BYTES: i64 = 16_384;

/// Pages of the log before it is copied to the database: 64 MiB, so that hot pages are copied once for many writes.
const CHECKPOINT_PAGES: i64 = 4_096;

/// Page cache of the writer, in KiB.
const WRITER_CACHE_KIB: i64 = 65_536;
/// Page cache of a reader, in KiB.
const READER_CACHE_KIB: i64 = 8_192;

/// The connection of the writer; makes the database when there is none.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    check_version()?;
    let connection = Connection::open(path).map_err(failed("database"))?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(failed("database"))?;
    // The page size holds for a new database only, and before its first page.
    set(&connection, "page_size", PAGE_BYTES)?;
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(failed("journal_mode"))?;
    if mode != "wal" {
        return Err(failed_because("journal_mode", "this file system takes no write-ahead log"));
    }
    // FULL: the log is synced at every commit. NORMAL, which many guides advise, loses acknowledged commits.
    set_and_check(&connection, "synchronous", 2)?;
    set(&connection, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    set(&connection, "cache_size", -WRITER_CACHE_KIB)?;
    common(&connection)?;
    Ok(connection)
}

/// A connection that reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = open_read_only(path)?;
    connection.set_prepared_statement_cache_capacity(32);
    set(&connection, "cache_size", -READER_CACHE_KIB)?;
    Ok(connection)
}

/// A connection that cannot write, for readers and for `verify` beside a server.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection, StoreError> {
    check_version()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed("database"))?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(failed("database"))?;
    common(&connection)?;
    Ok(connection)
}

fn common(connection: &Connection) -> Result<(), StoreError> {
    // A mapped file turns a disk error into a signal, and a stray write into corruption.
    set_and_check(connection, "mmap_size", 0)?;
    set_and_check(connection, "cell_size_check", 1)?;
    set_and_check(connection, "trusted_schema", 0)?;
    set(connection, "temp_store", 2)
}

fn check_version() -> Result<(), StoreError> {
    match rusqlite::version_number() >= OLDEST_SQLITE {
        true => Ok(()),
        false => Err(failed_because("database", "the linked sqlite is older than 3.51.3, which loses data")),
    }
}

fn set(connection: &Connection, pragma: &'static str, value: i64) -> Result<(), StoreError> {
    connection.pragma_update(None, pragma, value).map_err(failed(pragma))
}

fn set_and_check(connection: &Connection, pragma: &'static str, value: i64) -> Result<(), StoreError> {
    set(connection, pragma, value)?;
    // A build without memory mapping has no row to answer with: nothing is mapped then.
    let read = connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    match read {
        Ok(now) if now == value => Ok(()),
        Err(rusqlite::Error::QueryReturnedNoRows) if value == 0 => Ok(()),
        Ok(_) => Err(failed_because(pragma, "the database did not take this setting")),
        Err(source) => Err(failed(pragma)(source)),
    }
}
