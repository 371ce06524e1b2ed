//! The writer alone: positions, conflicts, a full disk, a disk that fails.

use super::*;
use crate::engine::{LocatorKey, NewEntry, NewLocator};
use dmp_dossier::EntryKind;
use dmp_keys::digest::sha256;
use uuid::Uuid;

fn database(pages_max: Option<u32>) -> (std::path::PathBuf, Connection) {
    let path = std::env::temp_dir().join(format!("dmp-writer-{}.sqlite", Uuid::new_v4()));
    let mut connection = super::super::connection::open_writer(&path).unwrap();
    super::super::migrations::run(&mut connection).unwrap();
    if let Some(pages) = pages_max {
        connection.pragma_update(None, "max_page_count", pages).unwrap();
    }
    (path, connection)
}

fn commit(dossier: u128, expected: u64, kind: EntryKind, bytes: usize) -> Commit {
    let sealed = vec![7; bytes];
    Commit {
        dossier: DossierId(Uuid::from_u128(dossier)),
        expected,
        entry: NewEntry { entry_id: [1; 16], kind, time_ms: 5, sha256: sha256(&sealed), sealed },
        keys: (expected == 0).then(|| (vec![1], vec![2])),
        state: None,
        rows: Vec::new(),
        locators: Vec::new(),
        index: Vec::new(),
        notices: Vec::new(),
        note: None,
    }
}

#[tokio::test]
async fn positions_follow_and_only_changes_raise_the_version() {
    use EntryKind::{Change, Trace};
    let (path, connection) = database(None);
    let writer = Writer::start(connection).unwrap();
    for (expected, kind, outcome) in [
        (0, Change, Ok(1)),
        (1, Trace, Ok(2)),
        (1, Trace, Ok(3)),
        (1, Change, Ok(4)),
        (1, Trace, Err(2)),
        (1, Change, Err(2)),
        (0, Change, Err(2)),
        (2, Trace, Ok(5)),
    ] {
        let result = match writer.commit(commit(1, expected, kind, 10)).await {
            Ok(committed) => Ok(committed.seq()),
            Err(CommitError::Conflict { current }) => Err(current),
            Err(error) => panic!("{error:?}"),
        };
        assert_eq!(result, outcome, "{kind:?} on {expected}");
    }
    let no_dossier = Commit { keys: None, ..commit(2, 0, Trace, 10) };
    assert!(matches!(writer.commit(no_dossier).await, Err(CommitError::Failed(_))));
    drop(writer);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_taken_locator_refuses_its_request_alone() {
    let (path, connection) = database(None);
    let writer = Writer::start(connection).unwrap();
    let locator = |hmac, older: &[u8], may_be_taken| {
        let key = |hmac, key_version| LocatorKey { kind: 2, hmac: [hmac; 16], key_version };
        NewLocator { key: key(hmac, 2), older: older.iter().map(|h| key(*h, 1)).collect(), may_be_taken }
    };
    let opening = |dossier, locator: NewLocator| Commit {
        locators: vec![locator],
        ..commit(dossier, 0, EntryKind::Change, 10)
    };
    let old = NewLocator {
        key: LocatorKey { kind: 2, hmac: [9; 16], key_version: 1 },
        older: vec![],
        may_be_taken: true,
    };
    let (first, second, third, fourth) = tokio::join!(
        writer.commit(opening(1, old)),
        writer.commit(opening(2, locator(4, &[9], true))),
        writer.commit(opening(3, locator(5, &[], true))),
        writer.commit(opening(4, locator(5, &[], true))),
    );
    assert!(first.is_ok() && third.is_ok());
    assert!(matches!(second, Err(CommitError::Taken)), "taken under the older index key");
    assert!(matches!(fourth, Err(CommitError::Taken)), "taken in the same transaction");
    drop(writer);
    std::fs::remove_file(path).unwrap();
}

/// SQLITE_FULL: refused, and writing goes on as soon as there is room.
#[tokio::test]
async fn a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let (path, connection) = database(Some(40));
    let writer = Writer::start(connection).unwrap();
    writer.commit(commit(1, 0, EntryKind::Change, 10)).await.unwrap();
    assert!(matches!(
        writer.commit(commit(1, 1, EntryKind::Change, 2_000_000)).await,
        Err(CommitError::Failed(_))
    ));
    // Nothing of it stays: the version has not moved.
    assert_eq!(writer.commit(commit(1, 1, EntryKind::Change, 10)).await.unwrap().seq(), 2);
    drop(writer);
    std::fs::remove_file(path).unwrap();
}

/// Any failure that is not one of room or of a rule: nothing more is written, whatever is asked.
#[tokio::test]
async fn after_a_failure_of_the_disk_everything_is_refused() {
    let (path, connection) = database(None);
    let writer = Writer::start(connection).unwrap();
    writer.commit(commit(1, 0, EntryKind::Change, 10)).await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("ALTER TABLE journal RENAME TO away").unwrap();
    assert!(writer.commit(commit(1, 1, EntryKind::Trace, 10)).await.is_err());
    other.execute_batch("ALTER TABLE away RENAME TO journal").unwrap();
    assert!(writer.commit(commit(1, 1, EntryKind::Trace, 10)).await.is_err());
    assert!(writer.unknown_target().await.is_err());
    drop(writer);
    std::fs::remove_file(path).unwrap();
}
