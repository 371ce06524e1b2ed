//! The catalogue of bad inputs, over HTTP, against a demo server: its FHIR, CDA, URL, SOAP, MTOM, SAML and OIDC rows that concern
//! what exists. Each row is answered as the catalogue says, stores nothing, leaves the server alive and its memory bounded.
//!
//! Rows that stand in `bad_inputs_exceptions.txt` are answered otherwise, or concern what is not built; where a case
//! below has such a row, it checks what is answered instead.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod case;
mod cda;
#[path = "../common/mod.rs"]
mod common;
mod fhir;
mod http2;
mod lps;
mod message;
mod mtom;
mod oidc;
mod reader;
mod saml;
mod session;
mod soap;
mod url;
mod viewer;

use case::{Case, World};
use common::lot::ALICE;
use common::{Answer, shared};
use serde_json::Value;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rows of the pages, of FHIR and of what it carries.
fn web_cases() -> Vec<Case> {
    [fhir::cases(), cda::cases(), viewer::cases(), url::cases(), session::cases(), http2::cases()]
        .into_iter()
        .flatten()
        .collect()
}

/// Rows of the DMP interface.
fn services_cases() -> Vec<Case> {
    [soap::cases(), mtom::cases(), saml::cases()].into_iter().flatten().collect()
}

/// Rows of signing in by a provider.
fn oidc_cases() -> Vec<Case> {
    oidc::cases()
}

/// What the rows of the table are about.
const INTERFACES: [&str; 7] = ["FHIR-", "CDA-", "URL-", "SOAP-", "MTOM-", "SAML-", "OIDC-"];

/// Row, interface and reason of each exception.
fn exceptions() -> Vec<(&'static str, &'static str, &'static str)> {
    include_str!("../bad_inputs_exceptions.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.splitn(3, '\t');
            let mut part = || parts.next().unwrap_or_else(|| panic!("`{line}` has not three parts"));
            (part(), part(), part())
        })
        .collect()
}

#[test]
fn every_row_is_in_the_table_or_among_the_exceptions() {
    let tested: BTreeSet<&str> =
        web_cases().iter().chain(&services_cases()).chain(&oidc_cases()).map(|case| case.row).collect();
    let excepted: BTreeSet<&str> = exceptions().iter().map(|(row, ..)| *row).collect();
    for (row, interface, reason) in exceptions() {
        assert!(reason.len() > 20, "{row}: a reason is a sentence");
        assert_eq!(row.split('-').next(), Some(interface), "{row}");
        // Answered otherwise: there is a case that says how. Not built: there is none.
        assert_eq!(tested.contains(row), !reason.starts_with("not built"), "{row}: {reason}");
    }
    let Some(folder) = shared() else {
        println!("skipped: no shared folder to compare with");
        return;
    };
    let catalogue = std::fs::read_to_string(folder.join("spec/bad-inputs.tsv")).unwrap();
    let rows: BTreeSet<&str> = catalogue
        .lines()
        .filter_map(|line| line.split('\t').next())
        .filter(|row| INTERFACES.iter().any(|interface| row.starts_with(interface)))
        .collect();
    let known: BTreeSet<&str> = tested.union(&excepted).copied().collect();
    assert_eq!(rows.len(), 60 * INTERFACES.len());
    assert_eq!(rows.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "rows without a case");
    assert_eq!(known.difference(&rows).collect::<Vec<_>>(), Vec::<&&str>::new(), "cases without a row");
}

#[test]
fn bad_inputs_are_refused_by_name_and_leave_nothing_behind() {
    run(web_cases());
}

#[test]
fn bad_messages_are_refused_by_name_and_leave_nothing_behind() {
    run(services_cases());
}

#[test]
fn bad_sign_ins_are_refused_by_name_and_leave_nothing_behind() {
    run(oidc_cases());
}

fn run(cases: Vec<Case>) {
    let mut world = World::new();
    let mut failures = Vec::new();
    let mut watch = Watch::new(&world);
    for case in cases {
        let name = format!("{} {}", case.row, case.variant);
        let before = memory_now(&world);
        // A case that cannot even be set up is a failure as any other.
        let sent = catch_unwind(AssertUnwindSafe(|| (case.send)(&world)));
        let Ok(answer) = sent else {
            failures.push(format!("{name}: not set up, see above"));
            continue;
        };
        let memory = memory_fault(&world, before, case.memory_mib);
        let mut wrong: Vec<String> =
            case.checks.iter().filter_map(|check| check(&world, &answer).err()).collect();
        wrong.extend(memory);
        wrong.extend(common_faults(&case, &answer));
        wrong.extend(watch.faults(&world, &case, &answer));
        if !world.demo.is_running() {
            failures.push(format!("{name}: the server died: {}", world.demo.log()));
            break;
        }
        failures.extend(wrong.into_iter().map(|what| format!("{name}: {what}")));
    }
    if world.was_lured() {
        failures.push("the server connected to an address that a document names".to_owned());
    }
    if let Err(said) = world.demo.verify() {
        failures.push(format!("`dmp verify` refuses what is left: {said}"));
    }
    let log = world.demo.log();
    if log.contains("panicked") {
        failures.push(format!("a panic in the log: {log}"));
    }
    let figures = world.demo.send(&common::Request::get("/metrics")).text();
    let panics = figures.lines().find(|line| line.starts_with("dmp_panics_total"));
    if panics.is_some_and(|line| !line.ends_with(" 0")) {
        failures.push(format!("{panics:?}"));
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// What no answer may be, whatever was asked.
fn common_faults(case: &Case, answer: &Answer) -> Vec<String> {
    let mut faults = Vec::new();
    if answer.took > case.patience {
        faults.push(format!("answered after {:?}", answer.took));
    }
    let text = answer.text();
    // SOAP 1.2 part 2 7.5.2.2: these two faults are 500, whoever is to blame.
    let senders = ["VersionMismatch", "MustUnderstand"].map(|code| format!("soap:{code}</soap:Value>"));
    if answer.status == 500 && !senders.iter().any(|code| text.contains(code)) {
        faults.push("500".to_owned());
    }
    if answer.is_refusal() {
        for inside in ["panicked", "src/", ".rs:", "SELECT ", "sqlite", "/tmp/", ALICE.ins, ALICE.family] {
            if text.contains(inside) {
                faults.push(format!("the answer says `{inside}`: {}", answer.brief()));
            }
        }
        // An answer with a body is ours; the HTTP library refuses an unreadable head with an empty one.
        if !answer.body.is_empty() && answer.header("x-request-id").is_none() {
            faults.push("no correlation identifier".to_owned());
        }
    }
    faults
}

/// What must not change from one case to the next.
struct Watch {
    documents: [u64; 2],
    lines: BTreeSet<String>,
}

impl Watch {
    fn new(world: &World) -> Self {
        Watch { documents: world.documents(), lines: journal(world).map(|line| line.0).collect() }
    }

    /// Faults since the last call.
    fn faults(&mut self, world: &World, case: &Case, answer: &Answer) -> Vec<String> {
        let mut faults = Vec::new();
        let documents = world.documents();
        let expected = [self.documents[0] + case.stores, self.documents[1] + case.stores_of_brune];
        if documents != expected {
            faults.push(format!("{expected:?} documents expected, found {documents:?}"));
        }
        self.documents = documents;
        let new: Vec<_> = journal(world).filter(|(id, _)| !self.lines.contains(id)).collect();
        for (id, line) in new {
            if answer.is_refusal() && case.stores == 0 && is_deed(&line) {
                let act = line["subtype"][1]["code"].as_str().unwrap_or_default().to_owned();
                faults.push(format!("refused, and yet the journal says that `{act}` was done"));
            }
            self.lines.insert(id);
        }
        faults
    }
}

/// Memory in use when a case begins, in KiB; from now on the peak is counted.
fn memory_now(world: &World) -> u64 {
    world.demo.reset_peak_memory();
    world.demo.memory_kib("VmRSS")
}

/// The peak since then, when it is above what the case may take.
fn memory_fault(world: &World, before_kib: u64, allowed_mib: u64) -> Option<String> {
    let grown = world.demo.memory_kib("VmHWM").saturating_sub(before_kib);
    (grown > allowed_mib * 1024).then(|| format!("memory grew by {grown} KiB"))
}

/// The latest lines of Alice's journal, as she reads it.
fn journal(world: &World) -> impl Iterator<Item = (String, Value)> + use<> {
    let path = format!("/fhir/AuditEvent?patient.identifier={}&_count=50", ALICE.identifier());
    let answer = world.demo.get(&path, &world.alice);
    assert_eq!(answer.status, 200, "the journal: {}", answer.brief());
    let entries = answer.json()["entry"].as_array().cloned().unwrap_or_default();
    entries.into_iter().map(|entry| {
        let line = entry["resource"].clone();
        (line["id"].as_str().unwrap_or_default().to_owned(), line)
    })
}

/// A change that was done. Reads are not looked at: the test itself reads, before and after.
fn is_deed(line: &Value) -> bool {
    line["outcome"] == "0" && matches!(line["action"].as_str(), Some("C" | "U" | "D"))
}
