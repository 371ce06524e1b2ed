//! Migrations: files, run in order at start, in one transaction, safe to run twice.
//!
//! What was run is recorded with its SHA-256: a file that was released is never edited.

use crate::api::StoreError;
use crate::error::{failed, failed_because};
use dmp_keys::digest::sha256;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

const MIGRATIONS: [&str; 3] = [
    include_str!("../../migrations/0001-tables.sql"),
    include_str!("../../migrations/0002-indexes.sql"),
    include_str!("../../migrations/0003-register.sql"),
];

const RECORD: &str = "CREATE TABLE IF NOT EXISTS migration (
    number INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL
) STRICT";

/// Brings the tables up to date.
pub(super) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    run_all(connection, &MIGRATIONS)
}

/// True when every migration was run, and no later one.
pub(super) fn is_current(connection: &Connection) -> Result<bool, StoreError> {
    let run: i64 = connection
        .query_row("SELECT count(*) FROM migration", [], |row| row.get(0))
        .map_err(failed("migration"))?;
    Ok(usize::try_from(run) == Ok(MIGRATIONS.len()))
}

fn run_all(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let sql = |source| failed::<rusqlite::Error>("migration")(source);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
    transaction.execute_batch(RECORD).map_err(sql)?;
    let known: i64 =
        transaction.query_row("SELECT count(*) FROM migration", [], |row| row.get(0)).map_err(sql)?;
    if usize::try_from(known).is_ok_and(|known| known > migrations.len()) {
        return Err(failed_because("migration", "a later release has run on this database"));
    }
    for (number, migration) in (1i64..).zip(migrations) {
        let digest = sha256(migration.as_bytes());
        let run: Option<Vec<u8>> = transaction
            .query_row("SELECT sha256 FROM migration WHERE number = ?1", [number], |row| row.get(0))
            .optional()
            .map_err(sql)?;
        match run {
            Some(recorded) if recorded == digest => {}
            Some(_) => {
                return Err(failed_because(
                    "migration",
                    "it differs from the one that was run on this database",
                ));
            }
            None => {
                transaction.execute_batch(migration).map_err(sql)?;
                transaction
                    .execute("INSERT INTO migration (number, sha256) VALUES (?1, ?2)", (number, digest))
                    .map_err(sql)?;
            }
        }
    }
    transaction.commit().map_err(sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn migrations_run_twice_change_nothing_the_second_time() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        let before = tables(&connection);
        run(&mut connection).unwrap();
        assert_eq!(tables(&connection), before);
    }

    /// What the release before left is indexed at the next start.
    #[test]
    fn dossiers_of_the_release_before_wait_to_be_indexed() {
        let mut connection = Connection::open_in_memory().unwrap();
        run_all(&mut connection, &MIGRATIONS[..1]).unwrap();
        assert!(!is_current(&connection).unwrap());
        connection.execute("INSERT INTO head VALUES (x'01', 1, 1, 1, x'00')", []).unwrap();
        run(&mut connection).unwrap();
        assert!(is_current(&connection).unwrap());
        let waiting: Vec<u8> =
            connection.query_row("SELECT dossier_id FROM unindexed", [], |row| row.get(0)).unwrap();
        assert_eq!(waiting, [1]);
    }

    #[test]
    fn an_edited_migration_and_a_later_release_are_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        run_all(&mut connection, &["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).unwrap();
        assert!(run_all(&mut connection, &["CREATE TABLE a (y)", "CREATE TABLE b (x)"]).is_err());
        assert!(run_all(&mut connection, &["CREATE TABLE a (x)"]).is_err());
    }

    #[test]
    fn a_migration_that_fails_leaves_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(run_all(&mut connection, &["CREATE TABLE a (x)", "CREATE TABLE a (x)"]).is_err());
        assert_eq!(tables(&connection), 0);
    }
}
