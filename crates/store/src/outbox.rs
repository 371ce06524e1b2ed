//! Notices to send to the patient: written in the commit of what they tell, sealed under the dossier's key, taken away
//! once sent. They say what kind of thing happened and when; who, where and why stay in the journal.
//!
//! An emergency is always told (CHX-2): a bris de glace by the case it opens, a reading by the regulation centre by
//! itself. Readings that leave no fact give a notice of one actor in an hour at most, remembered in memory: after a restart
//! one may come twice, none is lost.

use crate::api::StoreError;
use crate::engine::NoticeRow;
use crate::error::{failed, failed_because};
use crate::load::Loaded;
use crate::schema;
use crate::sealing::{DossierKeys, aad};
use crate::store::Inner;
use crate::watch::NoticeKind;
use dmp_dossier::{
    Act, ActorKind, CaseKind, Decision, Dossier, DossierId, Fact, JournalEntry, ModeKind, Row, Time,
};
use dmp_keys::Table;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Newest schema of a notice: kind, then 1 when it is of a secret session.
const SCHEMA: u16 = 1;

const HOUR_MS: i64 = 3_600_000;
/// Above this many, those of more than an hour ago are forgotten.
const TOLD_MAX: usize = 10_000;

/// Whose readings of which dossier were told of late, and when.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<HashMap<(DossierId, String), Time>>);

impl Told {
    fn lately(&self, dossier: DossierId, who: &str, at: Time) -> bool {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(&(dossier, who.to_owned())).is_some_and(|last| at.millis() - last.millis() < HOUR_MS)
    }

    fn keep(&self, dossier: DossierId, who: String, at: Time) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= TOLD_MAX {
            told.retain(|_, last| at.millis() - last.millis() < HOUR_MS);
        }
        told.insert((dossier, who), at);
    }
}

impl Inner {
    /// The notice that an entry gives, with what it writes.
    pub(crate) fn notices(&self, loaded: &Loaded, entry: &JournalEntry) -> Vec<NoticeRow> {
        let Some((kind, secret)) = self.notice(loaded, entry) else {
            return Vec::new();
        };
        let (id, at_ms) = (self.ambient.fresh().into_bytes(), entry.at.millis());
        let dossier = loaded.dossier().id;
        let plaintext = [kind as u8, u8::from(secret)];
        let place = place(&id, at_ms);
        let sealed = loaded.keys.content.seal(aad(Table::Outbox, dossier, &place), 0, SCHEMA, &plaintext);
        vec![NoticeRow { dossier, id, at_ms, sealed }]
    }

    /// One notice of an entry at most, the gravest; and whether it is of a secret session.
    fn notice(&self, loaded: &Loaded, entry: &JournalEntry) -> Option<(NoticeKind, bool)> {
        let state = &loaded.dossier().state;
        let mut first = false;
        for fact in &entry.facts {
            match fact {
                Fact::CaseOpened { kind: CaseKind::BrisDeGlace, .. } => {
                    return Some((NoticeKind::Emergency, entry.actor.secret));
                }
                Fact::CaseAnswered { id, .. } => {
                    // Of the access that was looked at, not of the one who answers.
                    let secret = state.cases.iter().any(|case| case.id == *id && case.who.secret);
                    return Some((NoticeKind::CaseAnswered, secret));
                }
                Fact::Visited { .. } => first = true,
                _ => {}
            }
        }
        let regulates = entry.actor.mode == ModeKind::Centre15;
        let kind = match first {
            _ if regulates && (first || self.is_new_reading(loaded, entry)) => NoticeKind::Emergency,
            true => NoticeKind::FirstAccess,
            false if state.notices.every_access && self.is_new_reading(loaded, entry) => NoticeKind::Access,
            false => return None,
        };
        Some((kind, entry.actor.secret))
    }

    /// True for a permitted reading of which the patient may know, by somebody at work who was not told of for an hour.
    fn is_new_reading(&self, loaded: &Loaded, entry: &JournalEntry) -> bool {
        let works =
            matches!(entry.actor.kind, ActorKind::Professional | ActorKind::Employee | ActorKind::Structure);
        matches!(entry.act, Act::Search | Act::Read)
            && entry.decision == Decision::Permitted
            && works
            && may_be_told(loaded.dossier(), entry)
            && !self.told.lately(loaded.dossier().id, who(entry), entry.at)
    }

    /// An entry was written, with its notices: the next readings of that actor say nothing for an hour.
    pub(crate) fn told(&self, dossier: DossierId, entry: &JournalEntry) {
        self.told.keep(dossier, who(entry).to_owned(), entry.at);
    }
}

/// False for the reading of documents of which the patient, or a representative, may know none: they read no line of it,
/// and a notice may not stand in its place.
fn may_be_told(dossier: &Dossier, entry: &JournalEntry) -> bool {
    let shown = |row: &u32| match dossier.rows.get(*row as usize) {
        Some(Row::Document(document)) => {
            let current = dossier.latest(document.lid).map_or(document, |(_, latest)| latest);
            !current.is_hidden_from_patient(entry.at) && !current.visibility.hidden_from_representatives
        }
        _ => false,
    };
    entry.act != Act::Read || entry.documents.is_empty() || entry.documents.iter().any(shown)
}

/// The person, or the structure of who has no name.
fn who(entry: &JournalEntry) -> &str {
    let structure = entry.actor.structure.as_deref().unwrap_or_default();
    if entry.actor.id.is_empty() { structure } else { &entry.actor.id }
}

fn place(id: &[u8; 16], at_ms: i64) -> Vec<u8> {
    [&id[..], &at_ms.to_le_bytes()].concat()
}

/// What a notice says, and whether it is of a secret session.
pub(crate) fn open(keys: &DossierKeys, row: &NoticeRow) -> Result<(NoticeKind, bool), StoreError> {
    let place = place(&row.id, row.at_ms);
    let opened =
        keys.content.open(aad(Table::Outbox, row.dossier, &place), &row.sealed).map_err(failed("outbox"))?;
    schema::check(opened.schema, SCHEMA).map_err(failed("outbox"))?;
    match opened.plaintext[..] {
        [kind, secret] if secret <= 1 => match NoticeKind::from_number(kind) {
            Some(kind) => Ok((kind, secret == 1)),
            None => Err(failed_because("outbox", "a notice of a later release")),
        },
        _ => Err(failed_because("outbox", "it is not a notice")),
    }
}
