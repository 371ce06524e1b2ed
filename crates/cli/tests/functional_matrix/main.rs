//! The functional matrices through the DMP interface: each transaction, asked in each way to be authenticated and each
//! access mode, of a server over HTTP, by software that signs as a sandbox lets it.
//!
//! The table restates PDT-INF-526 v1.8 (direct and indirect authentication) and PDT-INF-606 v1.3 (AIR); nothing here reads
//! the project's own copy of them. TD2.2 is the deposit of a CPE: its row is that column of TD2.1. TD1.1 to TD1.5 are
//! historic and in neither document: their rows say what this project decided.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod attempt;
mod column;
#[path = "../common/mod.rs"]
mod common;
mod place;
#[path = "../acceptance/tools.rs"]
#[allow(dead_code)] // a part is used
mod tools;

use column::{Column, columns};
use common::Demo;
use common::soap::{DENIED, NOT_AUTHOR, Sandbox, UNKNOWN};
use place::{Place, Whose};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Status,
    Authorise,
    StopMedecinTraitant,
    Withdraw,
    List,
    Candidates,
    Administrative,
    Rights,
    Feed,
    Replace,
    Search,
    Reference,
    Read,
    ReadMasked,
    ReadHidden,
    ReadArchived,
    ReadObsolete,
    ReadDeleted,
    Mask,
    Unmask,
    Reveal,
    Archive,
    Unarchive,
    Delete,
    Create,
    Modify,
    OpenAccess,
    Close,
    Reactivate,
}

/// Transaction, act, cells of the direct table, cells of AIR, in groups of three modes: normal, régulation, bris de glace.
/// Direct: PS non-doctor, doctor, occupational doctor, médecin traitant, CPE, structure certificate. AIR: PS non-doctor,
/// doctor, médecin traitant, employee.
///
/// `y` yes, `-` no, `.` no such column in the document, so no. Notes: 1 for the structure, 2 of the same structure, 3 new
/// authorisations from a date, 4 in the name of the structure, 5 to find the identifier of the structure's documents, 6
/// one's own, 7 if the patient allowed it, 8 one's own, 9 the structure's.
///
/// Neither document has a médecin traitant in régulation: there he is a doctor like others.
#[rustfmt::skip]
const TABLE: &[(&str, Act, &str, &str)] = &[
    //                                                  PSnm Med MdT MT  CPE Cert   PSnm Med MT  PE
    ("TD0.2",            Act::Status,                  "yyy yyy y.. yyy y.. yy.", "yyy yyy yyy y.."),
    ("TD0.3 add",        Act::Authorise,               "y-- y-- -.. y-- 1.. --.", "y-- y-- y-- 1.."),
    ("TD0.4",            Act::List,                    "yyy yyy y.. yyy 2.. 3-.", "yyy yyy yyy 3.."),
    ("TD0.5",            Act::Candidates,              "-y- -y- -.. -y- -.. -y.", "-y- -y- -y- -.."),
    ("TD1.3a",           Act::Administrative,          "yyy yyy y.. yyy y.. yy.", "yyy yyy yyy y.."),
    ("TD1.6",            Act::Rights,                  "y-- y-- y.. y-- -.. --.", "y-- y-- y-- -.."),
    ("TD2.1, TD2.2",     Act::Feed,                    "yyy yyy y.. yyy 4.. 44.", "--- --- --- -.."),
    ("TD2.1 replace",    Act::Replace,                 "yyy yyy y.. yyy 4.. 44.", "--- --- --- -.."),
    ("TD3.1a",           Act::Search,                  "yyy yyy y.. yyy -.. --.", "yyy yyy yyy -.."),
    ("TD3.1b",           Act::Reference,               "yyy yyy y.. yyy 5.. 55.", "yyy yyy yyy 5.."),
    ("TD3.2",            Act::Read,                    "yyy yyy -.. yyy -.. --.", "yyy yyy yyy -.."),
    ("TD3.2 hidden",     Act::ReadHidden,              "yyy yyy -.. yyy -.. --.", "yyy yyy yyy -.."),
    ("TD3.2 archived",   Act::ReadArchived,            "yyy yyy -.. yyy -.. --.", "yyy yyy yyy -.."),
    ("TD3.2 obsolete",   Act::ReadObsolete,            "yyy yyy -.. yyy -.. --.", "yyy yyy yyy -.."),
    ("TD3.2 deleted",    Act::ReadDeleted,             "yyy yyy -.. yyy -.. --.", "yyy yyy yyy -.."),
    ("TD3.3a mask",      Act::Mask,                    "y-- y-- y.. y-- -.. --.", "y-- y-- y-- -.."),
    ("TD3.3a unmask",    Act::Unmask,                  "8-- 8-- 8.. y-- -.. --.", "8-- 8-- y-- -.."),
    ("TD3.3b",           Act::Reveal,                  "y-- y-- y.. y-- -.. --.", "y-- y-- y-- -.."),
    ("TD3.3d archive",   Act::Archive,                 "8-- 8yy 8.. yyy -.. --.", "8-- yyy yyy -.."),
    ("TD3.3d unarchive", Act::Unarchive,               "8-- 8yy 8.. yyy -.. --.", "8-- yyy yyy -.."),
    ("TD3.3c",           Act::Delete,                  "888 888 8.. 888 9.. 99.", "888 888 888 9.."),
    // The patient's switch for emergencies turns at this row, so that it comes after the others.
    ("TD3.2 masked",     Act::ReadMasked,              "677 677 -.. y77 -.. --.", "677 677 y77 -.."),
    // Ours.
    ("TD1.1",            Act::Create,                  "y-- y-- -.. y-- y.. --.", "y-- y-- y-- y.."),
    ("TD1.3b",           Act::Modify,                  "y-- y-- -.. y-- y.. --.", "y-- y-- y-- y.."),
    ("TD1.5a",           Act::OpenAccess,              "y-- y-- -.. y-- y.. --.", "y-- y-- y-- y.."),
    ("TD1.4",            Act::Close,                   "y-- y-- -.. y-- y.. --.", "y-- y-- y-- y.."),
    ("TD1.2",            Act::Reactivate,              "y-- y-- -.. y-- y.. --.", "y-- y-- y-- y.."),
    // What ends an authorisation comes last.
    ("TD0.3 stop MT",    Act::StopMedecinTraitant,     "--- --- -.. y-- -.. --.", "--- --- --- -.."),
    ("TD0.3 remove",     Act::Withdraw,                "y-- y-- -.. y-- -.. --.", "y-- y-- y-- -.."),
];

/// What a cell promises of a document, or of the dossier.
fn expected(cell: char, act: Act, whose: Whose) -> &'static str {
    match (cell, whose) {
        ('-' | '.', _) => DENIED,
        ('y' | '1'..='4', _) | ('5'..='9', Whose::Own) => "accepted",
        ('5' | '9', Whose::Colleague) | ('7', Whose::OtherAllowed) => "accepted",
        // A mask covers the document of another: it is not there.
        ('8', _) if act != Act::Unmask => NOT_AUTHOR,
        _ => UNKNOWN,
    }
}

/// Cells that disagree, of a column.
fn disagreements(demo: &Demo, sandbox: &Sandbox, column: &Column) -> (usize, Vec<String>) {
    let place = Place::prepare(demo, sandbox, column);
    let (mut cells, mut wrong, mut untouched, mut refused) = (0, Vec::new(), Vec::new(), 0);
    for (transaction, act, direct, air) in TABLE {
        let cell = column.cell(direct, air);
        for whose in act.whose() {
            cells += 1;
            let said = match attempt::attempt(&place, *act, *whose) {
                Ok(()) => "accepted".to_owned(),
                // A refused opening has a message of its own (PRPA_IN201313UV02), not a fault.
                Err(refusal) if *act == Act::Create => refusal.replace("Acknowledgement ", "Fault "),
                Err(refusal) => refusal,
            };
            let expected = expected(cell, *act, *whose);
            if !said.starts_with(expected) {
                wrong.push(format!("{column}: {transaction} ({cell}), {whose:?}: {expected}, got {said}"));
            }
            // The list and the search by traits name no dossier, and an opening is about another.
            if said != "accepted" && !matches!(act, Act::List | Act::Candidates | Act::Create) {
                refused += 1;
            }
            if expected != "accepted" {
                untouched.extend(place.document(*act, *whose));
            }
        }
    }
    let changed = place.changed(&untouched);
    wrong.extend(changed.into_iter().map(|document| format!("{column}: refused, and done: {document}")));
    // What a VIHF cannot be is refused before any dossier is looked for.
    let told = place.refusals();
    if told < refused && !column.is_no_vihf() {
        wrong.push(format!("{column}: {refused} refusals, {told} in the journal"));
    }
    (cells, wrong)
}

#[test]
fn every_mode_has_in_every_transaction_what_its_column_gives() {
    let demo = Demo::start_with(&["--dossiers", "2", "--seed", "1"]);
    let sandbox = Sandbox::of(&demo);
    let columns = columns();
    let (next, cells) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(column) = columns.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (tried, found) = disagreements(&demo, &sandbox, column);
                    cells.fetch_add(tried, Ordering::Relaxed);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(cells.into_inner(), 1260, "cells, of 30 columns");
    assert!(!demo.log().contains("panicked"), "{}", demo.log());
    demo.verify().unwrap();
}
