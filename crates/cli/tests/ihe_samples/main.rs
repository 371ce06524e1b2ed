//! The published samples of IHE (NIST, IPF, EPR by example) against the running server: each file is accepted, or
//! refused for a reason that the table states.
//!
//! They are no messages of the DMP: assertions of other countries, patients without INS, documents that are no CDA.
//! What is asked here is that nothing of theirs is misread, that each refusal names what is wrong, and that what asks
//! nothing national is answered.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

#[path = "../common/mod.rs"]
mod common;
mod mended;
mod outcome;
mod sample;
mod table;

use common::soap::{Sandbox, Software};
use common::{Demo, shared};
use dmp_lps::{Identity, Ins, InsOid, Mode};
use sample::{Caller, Change, Sample};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use table::{Then, rows};

/// Marie, of the demo.
const PATIENT: &str = "284073523811416";

/// Files below a folder, by their path in it; not the notes on their origin.
fn files(folder: &Path, below: &str, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder.join(below)).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            files(folder, &path, into);
        } else if !path.ends_with(".md") {
            into.insert(path);
        }
    }
}

#[test]
fn every_sample_is_accepted_or_refused_for_a_stated_reason() {
    let Some(folder) = shared().map(|shared| shared.join("data/ihe-soap-samples")) else {
        eprintln!("skipped: no IHE samples on this machine (DMP_SHARED)");
        return;
    };
    let mut present = BTreeSet::new();
    files(&folder, "", &mut present);
    let listed: BTreeSet<String> = rows().map(|row| row.file.to_owned()).collect();
    assert_eq!(present, listed, "each file has its row, and each row its file");
    let demo = Demo::start();
    let sandbox = Sandbox::of(&demo);
    let doctor = sandbox.software("medecin");
    let samu = Identity { access: Mode::Centre15, ..sandbox.software("samu").identity };
    let patient = Ins::parse(PATIENT, InsOid::Test).unwrap();
    let server = format!("http://{}", demo.authority);
    let found = documents(&doctor, &patient);
    let caller = Caller {
        doctor: &doctor.identity,
        samu: &samu,
        patient: &patient,
        document: &found[0],
        server: &server,
    };
    let mut wrong = String::new();
    for row in rows() {
        let reasons = row.then.iter().map(|then| then.why).chain([row.why]);
        assert!(reasons.into_iter().all(|why| why.len() > 6), "{}: a reason is stated", row.file);
        let text = std::fs::read_to_string(folder.join(row.file)).unwrap();
        let mut check = |sample: Sample, expected: &str, why: &str, changes: &[Change]| {
            let is = outcome::of(&demo.send(&sample.request(row.service)));
            if is != expected {
                let _ = writeln!(
                    wrong,
                    "{} {changes:?}: {why}\n  is       {is}\n  expected {expected}",
                    row.file
                );
            }
        };
        check(Sample::read(&text), row.as_it_is, row.why, &[]);
        for Then { changes, answer, why } in row.then {
            check(Sample::read(&text).changed(changes, &caller), answer, why, changes);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(documents(&doctor, &patient), found, "nothing of what was refused is stored");
}

/// uniqueIds of the patient's documents that the doctor sees.
fn documents(doctor: &Software, patient: &Ins) -> Vec<String> {
    doctor.entries(patient).unwrap().iter().map(|entry| entry.unique_id().to_owned()).collect()
}
