//! The published samples of IHE (NIST, IPF, EPR by example) against the running server: each file is accepted, or
//! refused for a reason that the table states.
//!
//! They are no messages of the DMP: assertions of other countries, patients without INS, documents that are no CDA.
//! What is asked here is that nothing of theirs is misread, that each refusal names what is wrong, and that what asks
//! nothing national is answered.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

#[path = "../common/mod.rs"]
mod common;
mod outcome;
mod sample;
mod table;

use common::{DMP, Demo, shared};
use dmp_lps::{Identity, Ins, InsOid, Mode};
use sample::{Caller, Sample};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use table::ROWS;

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
    let listed: BTreeSet<String> = ROWS.iter().map(|row| row.file.to_owned()).collect();
    assert_eq!(present, listed, "each file has its row, and each row its file");
    let demo = Demo::start();
    let sandbox = demo.dir.join("sandbox");
    let made = Command::new(DMP)
        .args(["lps", "sandbox", "--out"])
        .arg(&sandbox)
        .arg("--authority")
        .arg(demo.data().join("authority"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let doctor = Identity::read(&sandbox.join("medecin")).unwrap();
    let samu = Identity { access: Mode::Centre15, ..Identity::read(&sandbox.join("samu")).unwrap() };
    let patient = Ins::parse(PATIENT, InsOid::Test).unwrap();
    let server = format!("http://{}", demo.authority);
    let found = documents(&demo, &sandbox);
    let caller =
        Caller { doctor: &doctor, samu: &samu, patient: &patient, document: &found[0], server: &server };
    let mut wrong = String::new();
    for row in ROWS {
        let text = std::fs::read_to_string(folder.join(row.file)).unwrap();
        let sent = Sample::read(&text).request(row.service);
        let as_it_is = outcome::of(&demo.send(&sent));
        let changed = if row.changed.is_empty() {
            String::new()
        } else {
            let sent = Sample::read(&text).changed(row.changes, &caller).request(row.service);
            outcome::of(&demo.send(&sent))
        };
        for (column, is, expected) in
            [("as it is", &as_it_is, row.as_it_is), ("changed", &changed, row.changed)]
        {
            if is != expected {
                let _ = writeln!(wrong, "{} {column}\n    is       {is}\n    expected {expected}", row.file);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(documents(&demo, &sandbox), found, "nothing of what was refused is stored");
}

/// uniqueIds of the patient's documents that the doctor sees.
fn documents(demo: &Demo, sandbox: &Path) -> Vec<String> {
    let output = Command::new(DMP)
        .args(["lps", "--ins", PATIENT, "--url", &format!("http://{}", demo.authority), "--certificate"])
        .arg(sandbox.join("medecin"))
        .arg("search")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}
