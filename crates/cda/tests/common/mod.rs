//! What every test of this crate needs: fixtures, official samples when they are at hand, a fixed moment.
#![allow(dead_code)] // each test binary uses its part
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test that lacks its files must say so

use std::path::{Path, PathBuf};

use dmp_cda::{Cda, CdaRefusal, DocumentDraft, Intake, Sent};
use dmp_dossier::document::DocumentMetadata;
use dmp_dossier::identity::{Realm, RealmPolicy};
use dmp_dossier::time::{Dtm, Time};

/// Every fixture of `fixtures/cda`.
pub const FIXTURES: [&str; 8] = [
    "auto-presentable",
    "biologie",
    "expression-patient",
    "imagerie-pdf",
    "ordonnance",
    "remboursements",
    "synthese",
    "vaccination",
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// One of our own documents.
pub fn fixture(name: &str) -> String {
    let path = workspace().join("fixtures/cda").join(format!("{name}.xml"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A fixture with one piece replaced, which must be there.
pub fn edited(name: &str, from: &str, to: &str) -> String {
    let text = fixture(name);
    assert!(text.contains(from), "{name} has no `{from}`");
    text.replace(from, to)
}

/// The official samples, by file name; `None`, said aloud, when the shared folder is absent.
pub fn samples() -> Option<Vec<(String, Vec<u8>)>> {
    let shared = std::env::var_os("DMP_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from);
    let folder = shared.join("data/cda-samples");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no official samples at {}", folder.display());
        return None;
    };
    let mut samples: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    samples.sort();
    Some(samples)
}

/// Documents of the tests arrive on 1 January 2026, on a test deployment.
pub fn intake() -> Intake {
    Intake {
        now: Dtm::parse("20260101").map_or(Time::default(), Dtm::start),
        realm: RealmPolicy { realm: Realm::Test, accept_production_oid: false },
    }
}

/// The gate of deposit, from bytes.
pub fn deposit(bytes: &[u8]) -> Result<DocumentDraft, CdaRefusal> {
    Cda::parse(bytes)?.document_entry(&intake())
}

/// What a sender says that copies the header.
pub fn copied(metadata: &DocumentMetadata) -> Sent {
    Sent {
        unique_id: Some(metadata.unique_id.clone()),
        mime_type: Some(metadata.mime_type.clone()),
        hash: Some(metadata.hash),
        size_bytes: Some(metadata.size_bytes),
        language: Some(metadata.language.clone()),
        authors: metadata.authors.clone(),
        legal_authenticator: metadata.legal_authenticator.clone(),
        service_start: metadata.service_start,
        service_stop: metadata.service_stop,
        creation_time: Some(metadata.creation_time),
        class_code: Some(metadata.class_code.clone()),
        type_code: Some(metadata.type_code.clone()),
        format_code: Some(metadata.format_code.clone()),
        facility_type: Some(metadata.facility_type.clone()),
        practice_setting: Some(metadata.practice_setting.clone()),
        birth_date: None,
        sex: None,
    }
}

pub mod html;
