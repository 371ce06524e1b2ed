//! `dmp verify`: passes beside a server that publishes, and finds every byte that was changed in what the journal
//! proves.

use crate::common::lot::{ALICE, AUTHOR};
use crate::common::{Demo, Document, Lot};
use crate::tools::{verifies_running_and_stopped, verify};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Sealed columns, digests and wrapped keys.
const COLUMNS: [(&str, &str); 13] = [
    ("dossier", "sealed"),
    ("entry", "sealed"),
    ("content", "sealed"),
    ("search_text", "sealed"),
    ("note", "sealed"),
    ("journal", "sealed"),
    ("journal", "digest"),
    ("head", "digest"),
    ("locator", "hmac"),
    ("dossier_key", "content_key"),
    ("dossier_key", "journal_key"),
    ("document_key", "wrapped"),
    ("content", "object"),
];

/// A directory of its own, wiped when dropped.
struct Copy(PathBuf);

impl Copy {
    /// A copy of a deployment that has stopped.
    fn of(data: &Path) -> Self {
        let copy = Copy(crate::common::fresh_directory());
        copy_directory(data, &copy.0);
        copy
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn copy_directory(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy_directory(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// Bytes that no compression makes smaller.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(next).collect()
}

/// A demo in which a doctor publishes for Alice, too large for a row of the database every fifth time.
struct Busy {
    demo: Demo,
    doctor: String,
}

impl Busy {
    fn start() -> Self {
        let demo = Demo::start_with(&["--dossiers", "20", "--seed", "1"]);
        ALICE.open(&demo, &demo.token(&["--loader"]));
        let doctor = demo.doctor(AUTHOR);
        Busy { demo, doctor }
    }

    fn publish(&self, number: u32) {
        let document = match number % 5 {
            0 => {
                let pdf = [b"%PDF-1.7\n".to_vec(), noise(150_000, number.into())].concat();
                Document::pdf(ALICE, number).binary_body("application/pdf", &pdf)
            }
            _ => Document::synthese(ALICE, number),
        };
        let answer = Lot::of(&[document]).send(&self.demo, &self.doctor);
        assert_eq!(answer.status, 200, "{}", answer.brief());
    }
}

#[test]
fn a_deployment_verifies_while_it_is_written_and_no_changed_byte_goes_unfound() {
    let mut busy = Busy::start();
    let data = busy.demo.data();
    std::thread::scope(|scope| {
        let publishing = scope.spawn(|| (1..=40).for_each(|number| busy.publish(number)));
        while !publishing.is_finished() {
            let run = verify(&data);
            assert_eq!(run.code, Some(0), "{run:?}");
        }
    });
    verifies_running_and_stopped(&mut busy.demo);

    let copy = Copy::of(&data);
    let intact = verify(&copy.0);
    assert_eq!(intact.code, Some(0), "{intact:?}");
    changed_columns_are_found(&copy.0);
    changed_objects_are_found(&copy.0);
    let restored = verify(&copy.0);
    assert_eq!((restored.code, restored.out), (Some(0), intact.out), "every byte was put back");
}

/// Fails unless `dmp verify` finds something, and says nothing of anybody.
fn is_found(data: &Path, what: &str) {
    let run = verify(data);
    assert_eq!(run.code, Some(1), "{what} goes unfound: {run:?}");
    assert!(run.out.contains("found wrong"), "{what}: {run:?}");
    assert!(!run.out.contains(ALICE.family) && !run.out.contains(ALICE.ins), "{what}: {run:?}");
}

fn changed_columns_are_found(data: &Path) {
    let database = Connection::open(data.join("dossiers.sqlite")).unwrap();
    for (table, column) in COLUMNS {
        let values = values(&database, table, column);
        assert!(!values.is_empty(), "{table}.{column} has rows");
        // Many bytes of one row, some of others: values differ in length.
        let rows = [0, values.len() / 2, values.len() - 1];
        for (place, row) in rows.into_iter().enumerate() {
            let value = &values[row];
            for position in positions(value.len(), place == 0) {
                let mut flipped = value.clone();
                flipped[position] ^= 1;
                write(&database, table, column, value, &flipped);
                is_found(data, &format!("{table}.{column}, row {row}, byte {position} of {}", value.len()));
                write(&database, table, column, &flipped, value);
            }
        }
    }
}

/// The first bytes (format, key, schema, nonce), some of the middle, the last.
fn positions(length: usize, many: bool) -> Vec<usize> {
    let mut positions = match many {
        true => vec![0, 1, 2, 3, 8, length / 3, length / 2, length.saturating_sub(17), length - 1],
        false => vec![0, length / 2, length - 1],
    };
    positions.sort_unstable();
    positions.dedup();
    positions
}

fn values(database: &Connection, table: &str, column: &str) -> Vec<Vec<u8>> {
    let sql = format!("SELECT CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL");
    let mut statement = database.prepare(&sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Puts a value in the place of another, which only one row has.
fn write(database: &Connection, table: &str, column: &str, from: &[u8], to: &[u8]) {
    let cast = if column == "object" { "TEXT" } else { "BLOB" };
    let sql = format!("UPDATE {table} SET {column} = CAST(?2 AS {cast}) WHERE CAST({column} AS BLOB) = ?1");
    assert_eq!(database.execute(&sql, [from, to]).unwrap(), 1, "{table}.{column}");
}

fn changed_objects_are_found(data: &Path) {
    let directories = std::fs::read_dir(data.join("objects")).unwrap().map(|entry| entry.unwrap().path());
    let objects: Vec<PathBuf> = directories
        .flat_map(|directory| std::fs::read_dir(directory).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(objects.len(), 8, "one for each large document");
    for object in &objects {
        let bytes = std::fs::read(object).unwrap();
        for position in [0, 1, 40, bytes.len() / 2, bytes.len() - 1] {
            let mut flipped = bytes.clone();
            flipped[position] ^= 1;
            std::fs::write(object, flipped).unwrap();
            is_found(data, &format!("byte {position} of an object"));
        }
        std::fs::write(object, &bytes[..bytes.len() - 1]).unwrap();
        is_found(data, "an object cut short");
        std::fs::remove_file(object).unwrap();
        is_found(data, "an object that went");
        std::fs::write(object, bytes).unwrap();
    }
}
