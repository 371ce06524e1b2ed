//! The proof of one dossier: chain, fold, digests, locators.

use super::Report;
use super::rows::{AuditContent, AuditJournal, AuditRows};
use crate::api::StoreError;
use crate::engine::Place;
use crate::index::{Reviewed, grantee_keys, reviewed, reviewed_keys, traits_keys};
use crate::locator::{Locator, locator_keys, locators_of};
use crate::schema;
use crate::sealing::{DossierKeys, aad, clear_columns};
use crate::sqlite::audit::Audit;
use dmp_dossier::{Decision, Dossier, DossierId, Fact, Fold, JournalEntry, Life, RowRef, State};
use dmp_keys::digest::{Digest, Link, journal_start, sha256};
use dmp_keys::{KeyCustody, Table};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What the check of a dossier needs.
pub(super) struct Check<'a> {
    pub(super) audit: &'a Audit,
    pub(super) custody: &'a dyn KeyCustody,
    /// Versions of the index key, newest first.
    pub(super) versions: &'a [u32],
    pub(super) report: &'a mut Report,
}

/// What the journal says that the rows must be.
#[derive(Default)]
struct Told {
    fold: Fold,
    version: u64,
    rows: HashMap<RowRef, Digest>,
    /// By row of the document and table.
    contents: HashMap<(u32, u8), Digest>,
    notes: HashMap<[u8; 16], Digest>,
}

impl Check<'_> {
    /// Checks a dossier, and adds what it has to the counts of the tables.
    pub(super) fn dossier(
        &mut self,
        rows: &AuditRows,
        counts: &mut BTreeMap<&'static str, u64>,
    ) -> Result<(), StoreError> {
        let id = rows.dossier;
        self.report.journal_entries += rows.journal.len() as u64;
        count(rows, counts);
        self.chain(rows);
        let Some((content, journal)) = &rows.keys else {
            self.find(id, "dossier_key", "its keys are not there");
            return Ok(());
        };
        let Ok(keys) = DossierKeys::unwrap(self.custody, id, content, journal) else {
            self.find(id, "dossier_key", "its keys do not open");
            return Ok(());
        };
        let told = self.fold(rows, &keys);
        if rows.head.as_ref().is_none_or(|head| u64::try_from(head.version) != Ok(told.version)) {
            self.find(id, "head", "its version is not that of the journal");
        }
        self.notes(rows, &told);
        for entry in &rows.entries {
            let Ok(row) = u32::try_from(entry.row) else {
                self.find(id, "entry", "a row has a number out of range");
                continue;
            };
            let content = entry.content.as_ref();
            self.content(id, row, content, &told);
        }
        let brought = |row: u32| rows.entries.iter().any(|e| e.row == i64::from(row) && e.content.is_some());
        if told.contents.keys().any(|(row, _)| !brought(*row)) {
            self.find(id, "content", "a document that the journal names has no content");
        }
        let Some(dossier) = self.stored(rows, &keys, &told) else {
            return Ok(());
        };
        if dossier.fold() != told.fold {
            self.find(id, "journal", "statuses and rights of the rows are not those of the journal");
        }
        let (status, opened_at, closed_at) = clear_columns(&dossier);
        let clear = rows.state.as_ref().map(|state| (state.status, state.opened_at, state.closed_at));
        if clear != Some((i64::from(status), opened_at, closed_at)) {
            self.find(id, "dossier", "status or dates in clear are not those of the record");
        }
        self.locators(&dossier, counts)?;
        self.indexes(&dossier, counts)
    }

    fn find(&mut self, dossier: DossierId, place: &'static str, problem: impl Into<String>) {
        self.report.add(Some(dossier), place, problem);
    }

    /// Numbers and digests, without any key.
    fn chain(&mut self, rows: &AuditRows) {
        let id = rows.dossier;
        let bytes = id.0.into_bytes();
        let mut previous = journal_start(&bytes);
        for (entry, expected) in rows.journal.iter().zip(1i64..) {
            if entry.seq != expected || entry.dossier_id != bytes {
                self.find(id, "journal", format!("entry {expected} is not there"));
                return;
            }
            let digest = link(entry, &bytes, &previous);
            if digest != Some(entry.digest) {
                self.find(id, "journal", format!("entry {expected} does not follow the one before"));
                return;
            }
            previous = entry.digest;
        }
        let whole = rows.journal.first().is_some_and(|first| first.previous == 0);
        let last = rows.journal.len() as i64;
        if !whole || rows.head.as_ref().is_none_or(|head| head.seq != last || head.digest != previous) {
            self.find(id, "head", "it is not the last entry of the journal");
        }
    }

    /// Opens the journal and folds it.
    fn fold(&mut self, rows: &AuditRows, keys: &DossierKeys) -> Told {
        let id = rows.dossier;
        let mut told = Told::default();
        for stored in &rows.journal {
            let Ok(entry) = keys.open_journal(id, &stored.entry_id, &stored.sealed) else {
                self.find(id, "journal", format!("entry {} does not open", stored.seq));
                continue;
            };
            if i64::from(entry.kind() as u8) != stored.kind || entry.at.millis() != stored.time_ms {
                self.find(id, "journal", format!("entry {}: kind or time in clear differ", stored.seq));
            }
            if entry.version != told.version {
                self.find(id, "journal", format!("entry {} was decided on another version", stored.seq));
            }
            self.apply(&mut told, &entry, id, stored.seq);
        }
        told
    }

    fn apply(&mut self, told: &mut Told, entry: &JournalEntry, id: DossierId, seq: i64) {
        if !entry.facts.is_empty() {
            told.version += 1;
            if entry.decision != Decision::Permitted {
                self.find(id, "journal", format!("entry {seq} was refused and changes something"));
            }
        }
        for fact in &entry.facts {
            if !is_possible(&told.fold, fact) {
                self.find(id, "journal", format!("entry {seq} records what cannot have happened"));
            }
            told.fold.apply(fact, entry.at);
        }
        told.rows.extend(entry.digests.iter().copied());
        told.contents.extend(entry.contents.iter().map(|(row, table, digest)| ((*row, *table), *digest)));
        told.notes.extend(entry.note.iter().map(|(note, digest)| (note.into_bytes(), *digest)));
    }

    fn notes(&mut self, rows: &AuditRows, told: &Told) {
        let matching =
            rows.notes.iter().filter(|(id, sealed)| told.notes.get(id) == Some(&sha256(sealed))).count();
        if matching != rows.notes.len() || matching != told.notes.len() {
            self.find(rows.dossier, "note", "the notes are not those that the journal names");
        }
    }

    fn content(&mut self, id: DossierId, row: u32, content: Option<&AuditContent>, told: &Told) {
        let Some(content) = content else { return };
        self.report.contents += 1;
        let named = |table: Table| told.contents.get(&(row, table as u8)).copied();
        if content.wrapped_key.as_deref().map(sha256) != named(Table::DocumentKey) {
            self.find(id, "document_key", format!("row {row} is not the one that the journal names"));
        }
        if content.text.as_deref().map(sha256) != named(Table::SearchText) {
            self.find(id, "search_text", format!("row {row} is not the one that the journal names"));
        }
        let stored = match &content.place {
            None => None,
            Some(Place::Inline(sealed)) => Some(sha256(sealed)),
            Some(Place::Object { name, sha256: expected }) => {
                match self.audit.object(name).map(|bytes| sha256(&bytes)) {
                    Some(digest) if digest == *expected => Some(digest),
                    _ => {
                        self.find(id, "objects", format!("the object of row {row} is not the one stored"));
                        Some(*expected)
                    }
                }
            }
        };
        if stored.is_none() || stored != named(Table::Content) {
            self.find(id, "content", format!("row {row} is not the one that the journal names"));
        }
    }

    /// The stored record, when its rows are there and open.
    fn stored(&mut self, rows: &AuditRows, keys: &DossierKeys, told: &Told) -> Option<Dossier> {
        let id = rows.dossier;
        let state =
            rows.state.as_ref().filter(|state| told.rows.get(&RowRef::State) == Some(&sha256(&state.sealed)));
        if state.is_none() {
            self.find(id, "dossier", "its row is not the one that the journal names");
        }
        let mut opened = Vec::with_capacity(rows.entries.len());
        let mut whole = rows.entries.len() == told.fold.entries.len();
        if !whole {
            self.find(id, "entry", "its rows are not those that the journal names");
        }
        for (entry, expected) in rows.entries.iter().zip(0u32..) {
            let named = told.rows.get(&RowRef::Entry(expected)) == Some(&sha256(&entry.sealed));
            let read = keys.open_row(id, expected, &entry.sealed);
            match read {
                Ok(row) if named && entry.row == i64::from(expected) => opened.push(row),
                _ => {
                    self.find(
                        id,
                        "entry",
                        format!("row {} is not the one that the journal names", entry.row),
                    );
                    whole = false;
                }
            }
        }
        let state = open_state(keys, id, &state?.sealed);
        if state.is_none() {
            self.find(id, "dossier", "its row does not open");
        }
        Some(Dossier { id, version: told.version, state: Arc::new(state?), rows: opened }).filter(|_| whole)
    }

    fn locators(
        &mut self,
        dossier: &Dossier,
        counts: &mut BTreeMap<&'static str, u64>,
    ) -> Result<(), StoreError> {
        // Of a refused opening no identity is kept: that the one locator of its INS is there is seen by counting.
        if dossier.state.life == Life::None {
            *counts.entry("locator").or_default() += 1;
            return Ok(());
        }
        let of_patient = dossier.identity().into_iter().flat_map(|identity| {
            std::iter::once(&identity.ins).chain(identity.ins_history.iter().map(|(ins, _)| ins))
        });
        let mut found = 0;
        let mut missing = 0;
        let mut seen = Vec::new();
        let logins = dossier.logins().map(Locator::Login);
        let of_rows = dossier.rows.iter().flat_map(locators_of);
        for locator in of_patient.map(Locator::Ins).chain(logins).chain(of_rows) {
            // A patient may come back to a former INS: one row for both.
            if matches!(locator, Locator::Ins(_)) {
                if seen.contains(&locator) {
                    continue;
                }
                seen.push(locator.clone());
            }
            let mut here = 0;
            for key in locator_keys(self.custody, self.versions, &locator)? {
                if self.audit.located(&key)? == Some(dossier.id.0.into_bytes()) {
                    here += 1;
                }
            }
            found += here;
            missing += u64::from(here == 0);
        }
        *counts.entry("locator").or_default() += found;
        if missing > 0 {
            self.find(dossier.id, "locator", format!("{missing} identifiers do not lead to the dossier"));
        }
        Ok(())
    }

    /// Every grant and every name of the patient leads to the dossier. Rows of former names stay, and say nothing.
    fn indexes(
        &mut self,
        dossier: &Dossier,
        counts: &mut BTreeMap<&'static str, u64>,
    ) -> Result<(), StoreError> {
        if self.audit.is_unindexed(dossier.id)? {
            return Ok(());
        }
        let (mut found, mut stale) = (0, 0);
        for grant in &dossier.state.rights.grants {
            let mut current = false;
            for key in grantee_keys(self.custody, self.versions, &grant.who)? {
                let changed_at_ms = self.audit.granted(&key, dossier.id)?;
                found += u64::from(changed_at_ms.is_some());
                current |= changed_at_ms == Some(grant.last_act.millis());
            }
            stale += u64::from(!current);
        }
        *counts.entry("grant_index").or_default() += found;
        if stale > 0 {
            self.find(dossier.id, "grant_index", format!("{stale} grants are not in it as they are"));
        }
        let (mut found, mut stale) = (0, 0);
        for (structure, Reviewed { open, changed_at_ms }) in reviewed(&dossier.state.cases) {
            let mut current = false;
            for key in reviewed_keys(self.custody, self.versions, structure)? {
                let row = self.audit.reviewed(&key, dossier.id)?;
                found += u64::from(row.is_some());
                current |= row == Some((i64::from(open), changed_at_ms));
            }
            stale += u64::from(!current);
        }
        *counts.entry("case_index").or_default() += found;
        if stale > 0 {
            self.find(dossier.id, "case_index", format!("{stale} structures are not in it as they are"));
        }
        let Some(identity) = dossier.identity() else {
            return Ok(());
        };
        for keys in traits_keys(self.custody, self.versions, identity)? {
            let mut here = false;
            for key in keys {
                here |= self.audit.has_traits(&key, dossier.id)?;
            }
            if !here {
                self.find(dossier.id, "trait_index", "a name and birth do not lead to the dossier");
            }
        }
        Ok(())
    }
}

fn link(entry: &AuditJournal, dossier: &[u8; 16], previous: &Digest) -> Option<Digest> {
    let link = Link {
        dossier,
        seq: u64::try_from(entry.seq).ok()?,
        kind: u8::try_from(entry.kind).ok()?,
        time_ms: entry.time_ms,
        previous,
        sealed_sha256: &sha256(&entry.sealed),
    };
    Some(link.digest())
}

fn open_state(keys: &DossierKeys, id: DossierId, sealed: &[u8]) -> Option<State> {
    let opened = keys.content.open(aad(Table::Dossier, id, &[]), sealed).ok()?;
    schema::decode_state(opened.schema, &opened.plaintext).ok()
}

/// Whether a fact can follow those before it.
fn is_possible(fold: &Fold, fact: &Fact) -> bool {
    let next = fold.entries.len();
    match fact {
        Fact::Opened { .. } => fold.life == Life::None,
        Fact::Reactivated => matches!(fold.life, Life::Closed { .. }),
        Fact::Closed { .. } => matches!(fold.life, Life::Active { .. }),
        Fact::RepresentativeAdded { index } => *index as usize == fold.representatives_ended.len(),
        Fact::RepresentativeEnded { index } => {
            fold.representatives_ended.get(*index as usize) == Some(&false)
        }
        Fact::DocumentRegistered { row, .. } | Fact::SetRegistered { row, .. } => *row as usize == next,
        Fact::StatusChanged { row, entry_uuid, .. } => fold
            .entries
            .get(*row as usize)
            .is_some_and(|e| e.entry_uuid == *entry_uuid && e.document.is_some()),
        Fact::Rights(_)
        | Fact::WebAccessOpened
        | Fact::WebAccessRenewed
        | Fact::OtpChannelChanged { .. }
        | Fact::CopyRequested
        | Fact::DestructionRequested
        | Fact::IdentityUpdated
        | Fact::InsChanged
        | Fact::Visited { .. }
        | Fact::CaseOpened { .. }
        | Fact::CaseAnswered { .. }
        | Fact::ChoicesRecorded
        | Fact::NoticesSet(_) => fold.life != Life::None,
        Fact::OpeningRefused { .. } => fold.life == Life::None,
    }
}

/// Adds the rows of a dossier to the counts of the tables, locators apart.
fn count(rows: &AuditRows, counts: &mut BTreeMap<&'static str, u64>) {
    let contents = || rows.entries.iter().filter_map(|entry| entry.content.as_ref());
    let mut add = |table, more: usize| *counts.entry(table).or_default() += more as u64;
    add("dossier", usize::from(rows.state.is_some()));
    add("dossier_key", usize::from(rows.keys.is_some()));
    add("entry", rows.entries.len());
    add("content", contents().filter(|content| content.place.is_some()).count());
    add("document_key", contents().filter(|content| content.wrapped_key.is_some()).count());
    add("search_text", contents().filter(|content| content.text.is_some()).count());
    add("journal", rows.journal.len());
    add("note", rows.notes.len());
}
