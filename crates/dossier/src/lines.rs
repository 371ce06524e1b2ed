//! Which lines of the journal a reader sees, and how much of each.
//!
//! A line about a document its reader may not see is absent until he may; a line about several documents keeps
//! those he may see. What would be there without the hidden document stays: a search, whatever it found, and a
//! refusal that an absent document would have met too. Two dossiers that differ only in a document hidden from a
//! reader give him the same lines, row numbers aside (they are ours and shown to nobody).

use crate::Moment;
use crate::access;
use crate::act::Act;
use crate::actor::Actor;
use crate::change::{Fact, RowRef};
use crate::document::DocumentEntry;
use crate::functional;
use crate::journal::{Decision, JournalEntry};
use crate::query::JournalScope;
use crate::reason::Reason;
use crate::record::{Dossier, Row};
use crate::watching;
use std::sync::Arc;

/// The line as its reader sees it; `None` when it is not his to read.
pub fn line_for(
    dossier: &Dossier,
    actor: &Actor,
    scope: &JournalScope,
    entry: &JournalEntry,
    moment: &Moment<'_>,
) -> Option<JournalEntry> {
    let filter = &scope.filter;
    if filter.from.is_some_and(|from| entry.at < from) || filter.to.is_some_and(|to| entry.at >= to) {
        return None;
    }
    let is_agent = |id: &String| entry.actor.id == *id || entry.actor.structure.as_ref() == Some(id);
    if !filter.agent.as_ref().is_none_or(is_agent) {
        return None;
    }
    if let Some((own, since, _)) = &scope.own
        && (entry.actor.id != *own || entry.at < *since)
    {
        return None;
    }
    if scope.hide_secret && (entry.actor.secret || watching::tells_of_secret_case(dossier, entry)) {
        return None;
    }
    let seat = functional::seat(dossier, actor, moment).ok()?;
    let shows = |row: u32| {
        document(dossier, row).is_some_and(|document| {
            let current = dossier.latest(document.lid).map_or(document, |(_, latest)| latest);
            access::sees(dossier, actor, seat, current, false, moment).permitted
        })
    };
    let replaces = entry.act == Act::Replace && entry.decision == Decision::Permitted;
    let registered: Vec<u32> = entry.facts.iter().filter_map(registered_row).collect();
    // A deposit that replaces names the new document and the old one: where the new one is not shown, the old one
    // would tell of it.
    let replaced_by_shown = |old: u32| {
        registered.iter().any(|new| {
            let replaced = document(dossier, *new).and_then(|n| n.replaces);
            shows(*new) && replaced.is_some() && replaced == document(dossier, old).map(|o| o.entry_uuid)
        })
    };
    let tells = |row: u32| shows(row) && (!replaces || registered.contains(&row) || replaced_by_shown(row));
    let about: Vec<u32> =
        entry.documents.iter().copied().chain(entry.facts.iter().filter_map(document_row)).collect();
    let told: Vec<u32> = about.iter().copied().filter(|row| tells(*row)).collect();
    let silent = told.is_empty() && !about.is_empty();
    // An access in emergency is always told: one that only read what may not be told of is told as a search.
    let opens_review = entry.facts.iter().any(watching::opens_review);
    if silent && !opens_review && !says_nothing_of_documents(entry) {
        return None;
    }
    let mut line = entry.clone();
    if silent && opens_review {
        line.act = Act::Search;
    }
    line.documents.retain(|row| told.contains(row));
    line.facts.retain(|fact| document_row(fact).is_none_or(|row| told.contains(&row)));
    line.digests.retain(|(row, _)| match row {
        RowRef::State => true,
        RowRef::Entry(row) => told.contains(row),
    });
    line.contents.retain(|(row, _, _)| told.contains(row));
    if replaces && told.iter().all(|row| registered.contains(row)) {
        line.act = Act::Feed;
    }
    if told.is_empty() && changes_visibility(line.act) {
        // Which of the four acts it was depends on a document that is not shown.
        line.act = Act::MakeVisible;
    }
    Some(line)
}

fn document(dossier: &Dossier, row: u32) -> Option<&Arc<DocumentEntry>> {
    match dossier.rows.get(row as usize) {
        Some(Row::Document(entry)) => Some(entry),
        _ => None,
    }
}

fn registered_row(fact: &Fact) -> Option<u32> {
    match fact {
        Fact::DocumentRegistered { row, .. } => Some(*row),
        _ => None,
    }
}

fn document_row(fact: &Fact) -> Option<u32> {
    match fact {
        Fact::StatusChanged { row, .. } => Some(*row),
        other => registered_row(other),
    }
}

fn changes_visibility(act: Act) -> bool {
    matches!(act, Act::Mask | Act::Unmask | Act::MakeVisible | Act::Hide)
}

/// True when the line would be there, and say the same, if its documents did not exist.
fn says_nothing_of_documents(entry: &JournalEntry) -> bool {
    match &entry.decision {
        Decision::Permitted => {
            matches!(entry.act, Act::Search | Act::ReadJournal | Act::Explain | Act::Export)
        }
        Decision::Refused { reason, .. } => matches!(
            reason,
            Reason::AccessDenied
                | Reason::NotAuthorised
                | Reason::AuthorisationExpired
                | Reason::Blocked
                | Reason::EmergencyOpposed
                | Reason::EmergencyReasonMissing
                | Reason::UnknownPatient
                | Reason::DossierClos
                | Reason::UnknownDocument
                | Reason::ReplaceFailed
                | Reason::Quota
        ),
    }
}
