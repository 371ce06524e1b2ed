//! `verify`: proves a deployment against its journal. Read-only, beside a running server, on one snapshot.
//!
//! For each dossier: the journal is numbered 1 to n without gap, its chain of digests holds to the head, every entry
//! opens and says the kind and time that stand beside it in clear; folding its facts gives the statuses and rights of the
//! stored rows, exactly; every sealed row, content, text, key and note has the SHA-256 that the journal names last, and
//! every row is named; locators lead back to the dossier, and so do its grants and names in the indexes; columns in clear
//! agree with what is sealed. Then the tables are counted: a row that belongs to no dossier is found. Index rows of former
//! names are not counted: they are hints that nothing rests on. Nor is what came in and has not expired. Records beside
//! dossiers and notices to send open where they stand; no journal says which there are.
//!
//! **What is replayed, and what is not** (security.md A14). Facts are replayed: each must be possible after those before
//! it. Decisions are not: they would need the parameters and the access matrix of their time, which are not kept yet.
//!
//! **What it does not prove**: that an act was entered at all (the permit is a type for that), nor that the whole
//! database was not replaced by an older copy of itself.
//!
//! Contents are not opened: the SHA-256 of what is sealed is what the journal names. Nothing of a record is released: a
//! finding names a dossier, a table and what is wrong, never data.

mod check;
pub(crate) mod rows;

use crate::api::StoreError;
use crate::index::record_keys;
use crate::locator::index_versions;
use crate::outbox;
use crate::register::{self, Named};
use crate::sealing::DossierKeys;
use crate::sqlite::audit::{Audit, COUNTED};
use dmp_dossier::DossierId;
use dmp_keys::KeyCustody;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Findings kept; more are counted.
const FINDINGS_MAX: usize = 1_000;
/// Records read at a time; each has 256 KiB at most.
const RECORDS_AT_ONCE: u32 = 256;
/// Dossiers listed at a time.
const DOSSIERS_AT_ONCE: u32 = 1_000;

/// Something that is not as the journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The dossier, when it is one's.
    pub dossier: Option<DossierId>,
    /// Table.
    pub place: &'static str,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dossier {
            Some(id) => write!(f, "dossier {id}, {}: {}", self.place, self.problem),
            None => write!(f, "{}: {}", self.place, self.problem),
        }
    }
}

/// What was verified, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Dossiers read.
    pub dossiers: u64,
    /// Journal entries read.
    pub journal_entries: u64,
    /// Contents whose bytes were compared.
    pub contents: u64,
    /// Records beside dossiers that were opened.
    pub records: u64,
    /// The first findings.
    pub findings: Vec<Finding>,
    /// How many there are.
    pub findings_total: u64,
}

impl Report {
    /// True when nothing was found.
    pub fn is_clean(&self) -> bool {
        self.findings_total == 0
    }

    fn add(&mut self, dossier: Option<DossierId>, place: &'static str, problem: impl Into<String>) {
        self.findings_total += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { dossier, place, problem: problem.into() });
        }
    }
}

/// Verifies the deployment of a directory. `progress` is told dossiers done and dossiers to do.
///
/// # Errors
/// The database cannot be read at all; what is wrong in it is a finding.
pub fn verify(
    dir: &Path,
    custody: &dyn KeyCustody,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, StoreError> {
    let audit = Audit::open(dir)?;
    let versions = index_versions(custody);
    let total = audit.count("head")?;
    let mut report = Report::default();
    let mut expected: BTreeMap<&'static str, u64> = COUNTED.iter().map(|table| (*table, 0)).collect();
    let mut last = [0; 16];
    loop {
        let dossiers = audit.dossiers_after(last, DOSSIERS_AT_ONCE)?;
        let Some(end) = dossiers.last() else { break };
        last = end.0.into_bytes();
        for dossier in dossiers {
            match audit.rows(dossier) {
                Ok(rows) => {
                    let mut check =
                        check::Check { audit: &audit, custody, versions: &versions, report: &mut report };
                    check.dossier(&rows, &mut expected)?;
                }
                Err(_) => report.add(Some(dossier), "dossier", "its rows cannot be read"),
            }
            report.dossiers += 1;
            progress(report.dossiers, total);
        }
    }
    for (table, expected) in expected {
        let found = audit.count(table)?;
        if found != expected {
            report.add(None, table, format!("{found} rows where the dossiers have {expected}"));
        }
    }
    records(&audit, custody, &mut report)?;
    notices(&audit, custody, &mut report);
    Ok(report)
}

/// Every notice to send opens under the keys of its dossier.
fn notices(audit: &Audit, custody: &dyn KeyCustody, report: &mut Report) {
    let Ok(rows) = audit.notices() else {
        return report.add(None, "outbox", "its rows cannot be read");
    };
    for (row, keys) in rows {
        let keys = keys.and_then(|(content, journal)| {
            DossierKeys::unwrap(custody, row.dossier, &content, &journal).ok()
        });
        if keys.is_none_or(|keys| outbox::open(&keys, &row).is_err()) {
            report.add(Some(row.dossier), "outbox", "a notice does not open where it stands");
        }
    }
}

/// Every record beside dossiers opens where it stands, and is found by the owner and the identifier that it names.
fn records(audit: &Audit, custody: &dyn KeyCustody, report: &mut Report) -> Result<(), StoreError> {
    let mut last = None;
    loop {
        let Ok(rows) = audit.records_after(last, RECORDS_AT_ONCE) else {
            report.add(None, "register", "its rows cannot be read");
            return Ok(());
        };
        let Some(end) = rows.last() else { return Ok(()) };
        last = Some(end.key);
        for row in rows {
            report.records += 1;
            let key = row.key;
            let named = register::open(custody, &row).ok();
            let found = named.map(|Named { owner, id, .. }| {
                record_keys(custody, &[key.key_version], key.shelf, &owner, &id)
                    .is_ok_and(|keys| keys == [key])
            });
            if found != Some(true) {
                report.add(None, "register", "a record does not open where it stands");
            }
        }
    }
}
