//! J1–J3 on SQLite: whatever byte is changed in a sealed column, a digest, a content or a column in clear that the proof
//! covers, `verify` finds it; it finds rows that went, came, or changed places; and an altered content gives no byte.

use crate::SQLITE;
use crate::contract::world::*;
use dmp_dossier::*;
use dmp_store::{Keep, Report, Shelf, StoreError};
use rusqlite::{Connection, params};

async fn world() -> World {
    let world = World::new(SQLITE).await;
    let glass = professional(7, "10", Mode::BrisDeGlace { reason: "urgence vitale".to_owned() });
    for number in 1..=2 {
        let (ins, dr) = (ins(number), doctor(1));
        world.open_dossier(&ins).await;
        world.authorise(&ins, &dr, true).await;
        for document_number in 0..3 {
            world.publish(&dr, &ins, document(10 * number + document_number)).await.unwrap();
        }
        let large = Document { bytes: large_bytes(number), ..document(10 * number + 9) };
        world.publish(&dr, &ins, large).await.unwrap();
        let mask = Command::ChangeVisibility(ChangeVisibility {
            document: by_uid(&document(10 * number).unique_id),
            to: Visibility { masked: true, ..Visibility::VISIBLE },
            from_version: None,
        });
        world.execute(&dr, &ins, mask).await.unwrap();
        world.read(&dr, &ins, &document(10 * number + 1).unique_id).await.unwrap();
        world.found_by(&glass, &ins).await.unwrap();
    }
    for (id, minutes) in [("compte", 0), ("autre", 1)] {
        let at = Time::from_millis(minutes * 60_000);
        let keep = Keep { shelf: Shelf::Account, owner: "marie", id, at, value: b"un", from_version: None };
        world.store.keep(keep).await.unwrap();
    }
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.dossiers, report.contents, report.records), (2, 8, 2));
    world
}

/// Bytes too many, and too mixed, for a row of the database.
fn large_bytes(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..100_000).map(next).collect()
}

/// Every column that the proof covers.
const COLUMNS: [(&str, &str); 38] = [
    ("dossier", "sealed"),
    ("dossier", "dossier_id"),
    ("dossier_key", "content_key"),
    ("dossier_key", "journal_key"),
    ("dossier_key", "dossier_id"),
    ("entry", "sealed"),
    ("entry", "dossier_id"),
    ("content", "sealed"),
    ("search_text", "sealed"),
    ("document_key", "wrapped"),
    ("journal", "sealed"),
    ("journal", "digest"),
    ("journal", "entry_id"),
    ("journal", "dossier_id"),
    ("note", "sealed"),
    ("note", "note_id"),
    ("note", "dossier_id"),
    ("head", "digest"),
    ("head", "dossier_id"),
    ("locator", "hmac"),
    ("locator", "dossier_id"),
    ("content", "object"),
    ("grant_index", "hmac"),
    ("grant_index", "dossier_id"),
    ("trait_index", "hmac"),
    ("trait_index", "dossier_id"),
    ("case_index", "hmac"),
    ("case_index", "dossier_id"),
    ("outbox", "notice_id"),
    ("outbox", "dossier_id"),
    ("outbox", "sealed"),
    ("register", "owner"),
    ("register", "record"),
    ("register", "wrapped_key"),
    ("register", "sealed"),
    ("migration", "sha256"),
    ("unknown_target", "requests"),
    ("seen", "content"),
];

/// The last columns of [`COLUMNS`]: not of the record, `verify` has nothing to say of them.
const OUTSIDE: usize = 3;

fn verified(world: &World) -> Report {
    world.verified()
}

/// Undone at the end: each change is found alone.
fn changed(world: &World, change: impl FnOnce(&Connection)) -> Report {
    let database = world.dir.0.join("dossiers.sqlite");
    let copy = Directory::new();
    {
        let connection = Connection::open(&database).unwrap();
        connection.execute("VACUUM INTO ?1", [copy.0.join("dossiers.sqlite").to_str().unwrap()]).unwrap();
    }
    std::os::unix::fs::symlink(world.dir.0.join("objects"), copy.0.join("objects")).unwrap();
    let connection = Connection::open(copy.0.join("dossiers.sqlite")).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    change(&connection);
    drop(connection);
    dmp_store::verify(&copy.0, world.custody.as_ref(), &mut |_, _| {}).unwrap()
}

#[tokio::test]
async fn any_byte_that_changes_is_found() {
    let world = world().await;
    assert!(changed(&world, |_| {}).is_clean());
    let database = Connection::open(world.dir.0.join("dossiers.sqlite")).unwrap();
    for (place, (table, column)) in COLUMNS.iter().enumerate() {
        if place >= COLUMNS.len() - OUTSIDE {
            continue;
        }
        let key = if ["content", "search_text", "document_key", "journal"].contains(table) {
            "rowid"
        } else if *table == "register" {
            "record"
        } else {
            "dossier_id"
        };
        let mut rows = database
            .prepare(&format!("SELECT {key}, CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL"))
            .unwrap();
        let rows: Vec<(rusqlite::types::Value, Vec<u8>)> =
            rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
        assert!(!rows.is_empty(), "{table}.{column}");
        // First, last and middle byte of the first, last and middle row.
        for row in [0, rows.len() / 2, rows.len() - 1] {
            let (_, value) = &rows[row];
            for byte in [0, value.len() / 2, value.len() - 1] {
                let mut flipped = value.clone();
                flipped[byte] ^= 1;
                let is_text = *column == "object";
                let report = changed(&world, |connection| {
                    let flipped: Box<dyn rusqlite::ToSql> = match is_text {
                        true => Box::new(String::from_utf8(flipped.clone()).unwrap()),
                        false => Box::new(flipped.clone()),
                    };
                    let sql = format!("UPDATE {table} SET {column} = ?1 WHERE CAST({column} AS BLOB) = ?2");
                    let limited = format!("{sql} AND {key} = ?3");
                    let done = connection.execute(&limited, params![flipped, value, rows[row].0]).unwrap();
                    assert!(done >= 1, "{table}.{column}");
                });
                assert!(!report.is_clean(), "{table}.{column}, row {row}, byte {byte}");
            }
        }
    }
}

#[tokio::test]
async fn rows_that_go_come_or_change_places_are_found() {
    let world = world().await;
    for sql in [
        "DELETE FROM journal WHERE entry_number = (SELECT max(entry_number) FROM journal)",
        "DELETE FROM journal WHERE seq = 3",
        "DELETE FROM journal WHERE seq = 1",
        "INSERT INTO journal SELECT 1000, dossier_id, seq, kind, time, previous, entry_id, digest, sealed
         FROM journal WHERE entry_number = 1",
        "UPDATE journal SET seq = seq + 1 WHERE seq >= 4",
        "UPDATE journal SET time = time + 1 WHERE seq = 2",
        "UPDATE journal SET kind = 3 - kind WHERE seq = 2",
        "UPDATE journal SET previous = 0 WHERE seq = 3",
        "UPDATE journal SET previous = entry_number WHERE seq = 3",
        "UPDATE head SET seq = seq - 1",
        "UPDATE head SET version = version + 1",
        "UPDATE head SET entry_number = entry_number - 1",
        // Cut with its head: the rows tell.
        "UPDATE head SET (seq, digest, entry_number) = (SELECT seq, digest, entry_number FROM journal j
         WHERE j.dossier_id = head.dossier_id AND j.seq = head.seq - 3)",
        "DELETE FROM head WHERE dossier_id = (SELECT min(dossier_id) FROM head)",
        "DELETE FROM dossier WHERE dossier_id = (SELECT min(dossier_id) FROM head)",
        "DELETE FROM dossier_key WHERE dossier_id = (SELECT min(dossier_id) FROM head)",
        "UPDATE dossier SET status = 2",
        "UPDATE dossier SET opened_at = opened_at - 1",
        "UPDATE dossier SET closed_at = 0",
        "DELETE FROM entry WHERE entry_no = 0",
        "DELETE FROM entry WHERE entry_no = 8",
        "UPDATE entry SET entry_no = 99 WHERE entry_no = 8",
        "UPDATE entry SET content_number = NULL WHERE entry_no = 1",
        "UPDATE entry SET content_number = 2 WHERE entry_no = 1",
        "UPDATE entry SET content_number = 2 WHERE entry_no = 0",
        "INSERT INTO entry SELECT dossier_id, 99, NULL, sealed FROM entry WHERE entry_no = 0",
        "INSERT INTO entry SELECT x'00112233445566778899aabbccddeeff', 0, NULL, sealed FROM entry LIMIT 1",
        "DELETE FROM content WHERE content_number = 1",
        "DELETE FROM search_text WHERE content_number = 1",
        "DELETE FROM document_key WHERE content_number = 1",
        "INSERT INTO content VALUES (99, NULL, x'00')",
        "INSERT INTO search_text VALUES (99, x'00')",
        "INSERT INTO document_key VALUES (99, x'00')",
        "DELETE FROM note WHERE note_id = (SELECT min(note_id) FROM note)",
        "INSERT INTO note SELECT dossier_id, x'00112233445566778899aabbccddeeff', sealed FROM note",
        "DELETE FROM locator WHERE hmac = (SELECT min(hmac) FROM locator)",
        "INSERT INTO locator SELECT kind, x'00112233445566778899aabbccddeeff', key_version, dossier_id
         FROM locator LIMIT 1",
        "UPDATE locator SET kind = 5 WHERE hmac = (SELECT min(hmac) FROM locator)",
        "UPDATE locator SET key_version = 9 WHERE hmac = (SELECT min(hmac) FROM locator)",
        "DELETE FROM grant_index WHERE hmac = (SELECT min(hmac) FROM grant_index)",
        "UPDATE grant_index SET changed_at = changed_at + 1",
        "UPDATE grant_index SET key_version = 9",
        "INSERT INTO grant_index SELECT x'00112233445566778899aabbccddeeff', key_version, dossier_id, 0
         FROM grant_index LIMIT 1",
        "DELETE FROM trait_index WHERE hmac = (SELECT min(hmac) FROM trait_index)",
        "DELETE FROM case_index WHERE hmac = (SELECT min(hmac) FROM case_index)",
        "UPDATE case_index SET open = 0",
        "UPDATE case_index SET changed_at = changed_at + 1",
        "UPDATE case_index SET key_version = 9",
        "INSERT INTO case_index SELECT x'00112233445566778899aabbccddeeff', key_version, dossier_id, 1, 0
         FROM case_index LIMIT 1",
        "UPDATE outbox SET at = at + 1",
        "UPDATE outbox SET sealed = (SELECT max(sealed) FROM outbox)",
        "UPDATE register SET shelf = 2",
        "UPDATE register SET version = version + 1",
        "UPDATE register SET at = at + 1",
        "UPDATE register SET key_version = 9",
        "UPDATE register SET sealed = (SELECT max(sealed) FROM register)",
        // Two dossiers change places, whole columns at once.
        "UPDATE dossier SET sealed = (SELECT o.sealed FROM dossier o WHERE o.dossier_id <> dossier.dossier_id)",
        "UPDATE dossier_key SET content_key =
         (SELECT o.content_key FROM dossier_key o WHERE o.dossier_id <> dossier_key.dossier_id)",
    ] {
        let report = changed(&world, |connection| {
            assert!(connection.execute(sql, []).unwrap() >= 1, "{sql}");
        });
        assert!(!report.is_clean(), "{sql}");
        for finding in report.findings {
            let said = finding.to_string();
            assert!(!said.contains("ESSAI") && !said.contains("28407"), "no data in {said}");
        }
    }
    assert!(verified(&world).is_clean());
}

#[tokio::test]
async fn an_altered_object_is_found_and_none_of_its_bytes_given() {
    let world = world().await;
    let mut found = 0;
    for directory in std::fs::read_dir(world.dir.0.join("objects")).unwrap() {
        for file in std::fs::read_dir(directory.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let whole = std::fs::read(&path).unwrap();
            let mut altered = whole.clone();
            altered[50_000] ^= 1;
            for bytes in [&altered[..], &whole[..50_000], b""] {
                std::fs::write(&path, bytes).unwrap();
                assert!(!verified(&world).is_clean());
            }
            found += 1;
        }
    }
    assert_eq!(found, 2);
    for number in 1..=2 {
        let read = world.read(&doctor(1), &ins(number), &document(10 * number + 9).unique_id).await;
        assert!(matches!(read, Err(StoreError::Failed { place: "object", .. })), "{read:?}");
    }
}

/// The answer of an altered row is a failure, and the attempt stays in the journal.
#[tokio::test]
async fn an_altered_content_gives_no_byte() {
    let world = world().await;
    for (table, column, place) in [
        ("content", "sealed", "content"),
        ("document_key", "wrapped", "document_key"),
        ("search_text", "sealed", "search_text"),
    ] {
        let database = Connection::open(world.dir.0.join("dossiers.sqlite")).unwrap();
        let flip = format!(
            "UPDATE {table} SET {column} = CAST(substr({column}, 1, length({column}) - 1) || x'00' AS BLOB)
             WHERE length({column}) < 60000"
        );
        database.execute(&flip, []).unwrap();
        let failed = match table {
            "search_text" => world.search_text(&doctor(1), &ins(2), "penicilline").await.err(),
            _ => world.read(&doctor(1), &ins(1), &document(11).unique_id).await.err(),
        };
        // The keys of documents come first: once they are altered, nothing else opens.
        let expected = if table == "search_text" { "document_key" } else { place };
        match failed {
            Some(StoreError::Failed { place, .. }) => assert_eq!(place, expected),
            other => panic!("{table}: {other:?}"),
        }
    }
}
