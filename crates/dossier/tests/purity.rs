//! The rules are pure: no clock, no randomness, no I/O, no environment, no thread, no async. `clippy.toml` forbids the
//! calls; this test forbids the words and the dependencies, so that neither is lost in an edit.

#![allow(clippy::unwrap_used, reason = "a failure here is the test's failure")]

use std::path::{Path, PathBuf};

/// What no source of this crate may name, and why.
const FORBIDDEN: [(&str, &str); 22] = [
    ("SystemTime", "time comes with the Moment"),
    ("Instant::", "time comes with the Moment"),
    ("::now(", "time comes with the Moment"),
    ("TimeZone::get", "zone files are the machine's"),
    ("TimeZone::system", "the machine's zone is not the record's"),
    ("new_v4", "fresh identifiers come with the Moment"),
    ("now_v7", "fresh identifiers come with the Moment"),
    ("rand::", "randomness comes with the Moment"),
    ("getrandom", "randomness comes with the Moment"),
    ("HashMap", "its order is random"),
    ("HashSet", "its order is random"),
    ("std::env", "what a deployment decides comes with the Parameters"),
    ("env!(", "nothing of the build machine enters a decision"),
    ("std::fs", "no I/O"),
    ("std::io", "no I/O"),
    ("std::net", "no I/O"),
    ("std::process", "no I/O"),
    ("std::thread", "who calls chooses the thread"),
    ("thread_local", "no state beside the arguments"),
    ("static mut", "no state beside the arguments"),
    ("async ", "a decision waits for nothing"),
    (".await", "a decision waits for nothing"),
];

/// Dependencies that do no I/O by themselves, and why each is here.
const ALLOWED: [(&str, &str); 4] = [
    ("dmp-nomenclature", "tables of codes, the matrix of who reads what"),
    ("jiff", "civil dates of partial precision; without its time zone database"),
    ("serde", "sealed rows are these types"),
    ("uuid", "identifiers given by the caller; without any source of randomness"),
];

fn crate_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[expect(clippy::disallowed_methods, reason = "the test reads the sources, the crate does not")]
fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "the test reads the sources, the crate does not")]
fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// Lines that name something forbidden; comments may.
fn offences(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in source.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for (word, why) in FORBIDDEN {
            if code.contains(word) {
                found.push(format!("{}: `{word}`: {why}", number + 1));
            }
        }
    }
    found
}

/// Names and settings of a table of a Cargo.toml, one line each.
fn table<'t>(manifest: &'t str, name: &str) -> Vec<(&'t str, &'t str)> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != format!("[{name}]"))
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect()
}

#[test]
fn no_source_names_a_clock_a_random_source_or_the_outside() {
    let sources = sources(&crate_dir().join("src"));
    assert!(sources.len() > 20, "the sources were not found");
    for path in sources {
        let found = offences(&text(&path));
        assert!(found.is_empty(), "{}:\n{}", path.display(), found.join("\n"));
    }
}

#[test]
fn the_scanner_sees_what_it_looks_for() {
    assert_eq!(offences("let t = std::time::SystemTime::now();").len(), 2);
    assert_eq!(offences("let t = moment.at; // never SystemTime::now()"), Vec::<String>::new());
    assert_eq!(offences("let id = Uuid::new_v4();\nasync fn f() {}").len(), 2);
}

#[test]
fn no_dependency_reaches_the_outside() {
    let manifest = text(&crate_dir().join("Cargo.toml"));
    let dependencies = table(&manifest, "dependencies");
    let names: Vec<&str> = dependencies.iter().map(|(key, _)| key.split('.').next().unwrap_or(key)).collect();
    assert!(!names.is_empty(), "the dependencies were not found");
    for name in &names {
        assert!(ALLOWED.iter().any(|(allowed, _)| allowed == name), "`{name}` is not in the list");
    }
    let jiff = dependencies.iter().find(|(key, _)| *key == "jiff").map(|(_, value)| *value);
    assert_eq!(jiff, Some(r#"{ version = "0.2", default-features = false, features = ["std"] }"#));
    let workspace = text(&crate_dir().join("../../Cargo.toml"));
    let shared = table(&workspace, "workspace.dependencies");
    let uuid = shared.iter().find(|(key, _)| *key == "uuid").map(|(_, value)| *value);
    assert_eq!(uuid, Some(r#"{ version = "1", features = ["serde"] }"#), "no source of randomness");
}

/// A crate's clippy.toml replaces the root's: what the root allows in tests must be said again.
#[test]
fn the_lint_file_keeps_what_the_root_says() {
    let own = text(&crate_dir().join("clippy.toml"));
    for line in text(&crate_dir().join("../../clippy.toml")).lines().filter(|l| l.contains('=')) {
        assert!(own.lines().any(|l| l == line), "`{line}` is missing");
    }
}
