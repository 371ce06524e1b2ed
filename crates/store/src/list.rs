//! TD0.4: the list of authorised dossiers, from the index of grantees. Every line is decided and traced on the dossier
//! itself; the last access comes from its journal, opened against the permit of that trace.
//!
//! No directory tells who works where: a professional is of the asker's structure, for a dossier, when its journal has
//! him act there for that structure (LST-2).

use crate::api::{ListedDossier, StoreError};
use crate::engine::Cursor;
use crate::examine::{AT_ONCE, Examination, Shown, refused};
use crate::permit::ReadPermit;
use crate::store::Inner;
use dmp_dossier::listing::{self, grantees};
use dmp_dossier::{
    Act, Actor, Decision, Dossier, DossierId, JournalEntry, ListAsked, ListBy, ListEntry, Moment, Time,
};
use futures_util::future::join_all;
use uuid::Uuid;

/// Dossiers of an answer.
const LISTED_MAX: usize = 1_000;
/// Dossiers looked at for an answer, the last authorised first.
const EXAMINED_MAX: u32 = 5_000;
/// Journal lines looked at for the last access to one dossier.
const LINES_MAX: usize = 400;
/// And read at a time.
const PAGE_LINES: usize = 100;

pub(crate) async fn authorised(
    store: &Inner,
    actor: &Actor,
    asked: &ListAsked,
    request: Uuid,
) -> Result<Vec<ListedDossier>, StoreError> {
    let at = store.ambient.now();
    listing::check(actor, asked, &store.moment(at, &[])).map_err(|refusal| refused(refusal, None))?;
    let keys = store.indexes.of_grantees(&grantees(actor, asked))?;
    // What was authorised since was changed since; a document may have come at any time.
    let since_ms = match asked.by {
        ListBy::LastAuthorisation => asked.since.map(Time::millis),
        ListBy::LastDocument => None,
    };
    let found = store.engine.granted(&keys, since_ms, EXAMINED_MAX).await?;
    let examination = Examination { store, actor, act: Act::ListAuthorised, request, traces_refusals: false };
    let decide = |dossier: &Dossier, moment: &Moment<'_>| {
        let decided = listing::entry(dossier, actor, asked, moment)?;
        Ok(decided.map(|entry| {
            let rows = entry.rows.clone();
            (entry, rows)
        }))
    };
    let mut kept: Vec<(Option<Time>, DossierId)> = Vec::new();
    for dossier in found {
        if let Ok(Some((entry, _))) = examination.look(dossier, &decide).await? {
            kept.push((ordered_by(asked, entry.authorised_at, entry.last_document), dossier));
        }
    }
    kept.sort_unstable_by(|a, b| b.cmp(a));
    kept.truncate(LISTED_MAX);
    let theirs = Theirs::of(actor, asked);
    let mut listed = Vec::with_capacity(kept.len());
    for some in kept.chunks(AT_ONCE) {
        let shown = join_all(some.iter().map(|(_, dossier)| examination.show(*dossier, &decide))).await;
        for one in shown {
            let Some(shown) = one? else { continue };
            listed.extend(line(store, shown, &theirs).await?);
        }
    }
    listed.sort_by_key(|line| std::cmp::Reverse(ordered_by(asked, line.authorised_at, line.last_document)));
    Ok(listed)
}

fn ordered_by(asked: &ListAsked, authorised_at: Time, last_document: Option<Time>) -> Option<Time> {
    match asked.by {
        ListBy::LastAuthorisation => Some(authorised_at),
        ListBy::LastDocument => last_document,
    }
}

/// Whose acts are the last access.
struct Theirs {
    /// Identifier of the person.
    person: Option<String>,
    /// Identifier of the structure.
    structure: Option<String>,
    /// Without such an act the dossier is not shown.
    required: bool,
}

impl Theirs {
    fn of(actor: &Actor, asked: &ListAsked) -> Self {
        let structure = actor.structure().map(|id| id.as_str().to_owned());
        let own = actor.professional().map(|p| p.id.as_str().to_owned());
        match (&asked.owner, own) {
            (_, Some(own)) => Theirs { person: Some(own), structure: None, required: false },
            (Some(owner), None) => {
                Theirs { person: Some(owner.as_str().to_owned()), structure, required: true }
            }
            (None, None) => Theirs { person: None, structure, required: false },
        }
    }

    fn did(&self, entry: &JournalEntry) -> bool {
        let person = self.person.as_ref().is_none_or(|id| entry.actor.id == *id);
        let structure = self.structure.is_none() || entry.actor.structure == self.structure;
        person && structure && entry.act != Act::ListAuthorised && entry.decision == Decision::Permitted
    }
}

async fn line(
    store: &Inner,
    shown: Shown<ListEntry>,
    theirs: &Theirs,
) -> Result<Option<ListedDossier>, StoreError> {
    let Shown { value: entry, loaded, committed } = shown;
    let permit = ReadPermit::after(committed, Vec::new());
    let id = loaded.dossier().id;
    let mut last_access = None;
    let mut from: Option<Cursor> = None;
    let mut read = 0;
    'journal: while read < LINES_MAX {
        let page = store.engine.journal(id, from, PAGE_LINES).await?;
        for stored in &page.entries {
            if let Some((_, line)) = permit.open_line(&loaded.keys, stored)?
                && theirs.did(&line)
            {
                last_access = Some(line.at);
                break 'journal;
            }
        }
        read += page.entries.len();
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    if theirs.required && last_access.is_none() {
        return Ok(None);
    }
    Ok(Some(ListedDossier {
        identity: entry.identity,
        medecin_traitant: entry.medecin_traitant,
        authorised_at: entry.authorised_at,
        last_access,
        last_update: entry.last_update,
        last_document: entry.last_document,
    }))
}
