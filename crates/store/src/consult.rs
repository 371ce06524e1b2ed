//! `consult`: a read is decided, traced durably on the version it was decided on, then answered. What it changes by itself
//! (a first visit, the review of a bris de glace) is in the commit of its trace.

use crate::api::{Answer, Hit, Line, StoreError, Target};
use crate::engine::{Committed, Cursor};
use crate::load::Loaded;
use crate::permit::ReadPermit;
use crate::request::{Request, Stop};
use crate::store::Inner;
use crate::text_search;
use bytes::Bytes;
use dmp_dossier::consultation::whole_lots;
use dmp_dossier::lines::line_for;
use dmp_dossier::watching::{IDS_OF_READ, changes_of_read};
use dmp_dossier::{
    Actor, Decision, DocumentEntry, Dossier, DossierId, Fact, JournalEntry, JournalScope, Query, Reason,
    Refusal, Row, SeenDocument, SubmissionSet, Time, View, access, act_of_query, consult as decide_query,
    rows_of_query, rows_of_view,
};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Journal lines read at a time.
const PAGE_LINES: usize = 200;

/// A view that was traced: what may be opened for it.
struct Traced {
    loaded: Loaded,
    view: View,
    permit: ReadPermit,
    at: Time,
}

pub(crate) async fn consult(
    store: &Inner,
    actor: &Actor,
    target: &Target,
    query: &Query,
    id: Uuid,
) -> Result<Answer, StoreError> {
    let Traced { loaded, view, permit, at } = traced(store, actor, target, query, id).await?;
    let lines = match &view {
        View::Journal(scope) | View::Export(_, scope) => {
            lines(store, actor, &loaded, scope, &permit, at).await?
        }
        _ => Vec::new(),
    };
    let (contents, signatures) = match &view {
        View::Contents(seen) | View::Export(seen, _) if !seen.is_empty() => {
            let opened = open_contents(store, &loaded, permit).await?;
            let lots = signed_lots(loaded.dossier(), &view).into_iter();
            let signatures = lots.filter_map(|(row, set)| Some((set, opened.get(&row)?.clone())));
            (in_order(seen, &opened)?, signatures.collect())
        }
        _ => (Vec::new(), Vec::new()),
    };
    let patient = loaded.dossier().identity().map(|identity| identity.ins.clone());
    Ok(Answer { view, patient, contents, signatures, lines })
}

/// Lots whose signature goes with a view, by the row that may have brought it.
fn signed_lots(dossier: &Dossier, view: &View) -> Vec<(u32, Arc<SubmissionSet>)> {
    match view {
        View::Export(seen, _) => whole_lots(dossier, seen),
        _ => Vec::new(),
    }
}

pub(crate) async fn search_text(
    store: &Inner,
    actor: &Actor,
    target: &Target,
    words: &str,
    id: Uuid,
) -> Result<Vec<Hit>, StoreError> {
    let Traced { loaded, view, permit, .. } = traced(store, actor, target, &Query::SearchText, id).await?;
    let View::Contents(seen) = view else {
        return Ok(Vec::new());
    };
    let words = text_search::words(words);
    if words.is_empty() || seen.is_empty() {
        return Ok(Vec::new());
    }
    let stored = store.engine.search_texts(loaded.dossier().id, permit.rows()).await?;
    let texts: HashMap<u32, String> = permit.open_texts(&loaded.keys, stored)?.into_iter().collect();
    Ok(seen
        .into_iter()
        .filter_map(|document| {
            let sentence = text_search::find(texts.get(&document.entry.content)?, &words)?;
            Some(Hit { document: document.entry, sentence })
        })
        .collect())
}

/// Decides a query and appends its trace.
async fn traced(
    store: &Inner,
    actor: &Actor,
    target: &Target,
    query: &Query,
    id: Uuid,
) -> Result<Traced, StoreError> {
    let act = act_of_query(query);
    let mut request = Request::new(store, actor, target, id);
    loop {
        request.attempt()?;
        let Some(loaded) = request.find().await? else {
            return Err(request.nothing_there(act).await);
        };
        let at = store.ambient.now();
        let decided = match request.admit(act, Some(loaded.dossier().id), at).await {
            Err((refusal, seconds)) => Err((refusal, Some(seconds))),
            Ok(()) => judge(&request, &loaded, query, at).map_err(|refusal| (refusal, None)),
        };
        let stopped = match decided {
            Err(refusal) => {
                let documents = rows_of_query(loaded.dossier(), query);
                match request.refuse(&loaded, act, refusal, documents, at).await {
                    Ok(told) => return Err(told),
                    Err(stop) => stop,
                }
            }
            Ok(view) => {
                let lots: Vec<u32> =
                    signed_lots(loaded.dossier(), &view).into_iter().map(|(row, _)| row).collect();
                let named = [rows_of_view(&view), lots.clone()].concat();
                let entry = request.entry(&loaded, act, Decision::Permitted, named, at);
                match request.trace_read(&loaded, query, entry, at).await {
                    Ok(committed) => {
                        let permit = ReadPermit::after(committed, rows_with_bytes(&view, lots));
                        return Ok(Traced { loaded, view, permit, at });
                    }
                    Err(stop) => stop,
                }
            }
        };
        if let Stop::Ends(error) = stopped {
            return Err(error);
        }
    }
}

impl Request<'_> {
    /// Appends the trace of a permitted read, with what the read changes by itself: one commit for both.
    async fn trace_read(
        &mut self,
        loaded: &Loaded,
        query: &Query,
        entry: JournalEntry,
        at: Time,
    ) -> Result<Committed, Stop> {
        let ids = self.store.fresh(IDS_OF_READ);
        let moment = self.store.moment(at, &ids);
        let changes = changes_of_read(loaded.dossier(), self.actor, query, &moment);
        if changes.iter().any(|change| matches!(change.fact, Fact::Visited { .. }))
            && let Err((refusal, seconds)) = self.admit_first(loaded.dossier().id, at).await
        {
            let told = self.refuse(loaded, entry.act, (refusal, Some(seconds)), entry.documents, at).await?;
            return Err(Stop::Ends(told));
        }
        match changes.is_empty() {
            true => self.append(loaded, entry, None).await,
            false => Ok(self.write(loaded, entry, changes, &[], None).await?.1),
        }
    }
}

/// Decides; through a document, only what shows that document is answered.
fn judge(request: &Request<'_>, loaded: &Loaded, query: &Query, at: Time) -> Result<View, Refusal> {
    if let Some(refusal) = request.refused_at_the_door() {
        return Err(refusal);
    }
    let view = decide_query(loaded.dossier(), request.actor, query, &request.store.moment(at, &[]))?;
    match request.target_rows(loaded) {
        Some(rows) if !shows(loaded.dossier(), &view, &rows) => {
            Err(Refusal::new(Reason::UnknownDocument, &access::VIS_10))
        }
        _ => Ok(view),
    }
}

/// True when a view shows one of the versions of a document: an answer without it would tell that it is there, in this
/// dossier, and hidden.
fn shows(dossier: &Dossier, view: &View, rows: &[u32]) -> bool {
    let seen = |documents: &[SeenDocument]| documents.iter().any(|d| rows.contains(&d.row));
    match view {
        View::Documents(documents) | View::Contents(documents) => seen(documents),
        View::Sets(sets) => sets.iter().any(|set| seen(&set.members)),
        View::Associations(associations) => rows.iter().any(|row| match dossier.rows.get(*row as usize) {
            Some(Row::Document(entry)) => {
                associations.iter().any(|a| a.source == entry.entry_uuid || a.target == entry.entry_uuid)
            }
            _ => false,
        }),
        View::Status(_)
        | View::Administrative(_)
        | View::Rights(_)
        | View::Journal(_)
        | View::Explanation(_)
        | View::Export(..)
        | View::Cases(_)
        | View::Choices(_) => false,
    }
}

/// Rows that brought the bytes a view gives.
fn rows_with_bytes(view: &View, lots: Vec<u32>) -> Vec<u32> {
    match view {
        View::Contents(seen) | View::Export(seen, _) => {
            let mut rows = lots;
            rows.extend(seen.iter().map(|document| document.entry.content));
            rows.sort_unstable();
            rows.dedup();
            rows
        }
        _ => Vec::new(),
    }
}

/// The bytes that a permit opens, by the row that brought them.
async fn open_contents(
    store: &Inner,
    loaded: &Loaded,
    permit: ReadPermit,
) -> Result<HashMap<u32, Bytes>, StoreError> {
    let stored = store.engine.contents(loaded.dossier().id, permit.rows()).await?;
    let opened = permit.open_contents(&loaded.keys, stored, store.engine.objects()).await?;
    Ok(opened.into_iter().collect())
}

/// The bytes of the documents of a view, in its order.
fn in_order(seen: &[SeenDocument], opened: &HashMap<u32, Bytes>) -> Result<Vec<Bytes>, StoreError> {
    seen.iter()
        .map(|document| {
            opened.get(&document.entry.content).cloned().ok_or_else(|| {
                crate::error::failed_because("content", "the bytes of a document are not there")
            })
        })
        .collect()
}

/// The lines of the journal that a scope opens, latest first, up to the line of this very read.
async fn lines(
    store: &Inner,
    actor: &Actor,
    loaded: &Loaded,
    scope: &JournalScope,
    permit: &ReadPermit,
    at: Time,
) -> Result<Vec<Line>, StoreError> {
    let id = loaded.dossier().id;
    let of_reader = scope.own.as_ref().map_or(usize::MAX, |(_, _, most)| *most);
    let lines_max = scope.filter.limit.map_or(of_reader, |limit| limit.min(of_reader));
    let mut lines = Vec::new();
    let mut from: Option<Cursor> = None;
    loop {
        let page = store.engine.journal(id, from, PAGE_LINES).await?;
        for stored in &page.entries {
            if lines.len() >= lines_max {
                return Ok(lines);
            }
            if !in_period(scope, stored.time_ms) {
                continue;
            }
            let Some((line_id, entry)) = permit.open_line(&loaded.keys, stored)? else {
                continue;
            };
            let Some(line) = line_for(loaded.dossier(), actor, scope, &entry, &store.moment(at, &[])) else {
                continue;
            };
            let reason = match line.note {
                Some((note, _)) => reason(store, loaded, id, note).await?,
                None => None,
            };
            let documents = named(loaded.dossier(), &line.documents);
            lines.push(Line { id: line_id, entry: line, documents, reason });
        }
        match page.next {
            Some(next) => from = Some(next),
            None => return Ok(lines),
        }
    }
}

/// The time of a line is in clear: what is out of the period needs no opening.
fn in_period(scope: &JournalScope, time_ms: i64) -> bool {
    let filter = &scope.filter;
    filter.from.is_none_or(|from| time_ms >= from.millis())
        && filter.to.is_none_or(|to| time_ms < to.millis())
        && scope.own.as_ref().is_none_or(|(_, since, _)| time_ms >= since.millis())
}

async fn reason(
    store: &Inner,
    loaded: &Loaded,
    id: DossierId,
    note: Uuid,
) -> Result<Option<String>, StoreError> {
    match store.engine.note(id, note.into_bytes()).await? {
        // Erased alone, while the line stays.
        None => Ok(None),
        Some(sealed) => Ok(Some(loaded.keys.open_note(id, note.as_bytes(), &sealed)?)),
    }
}

/// Documents of a line as they are today, each once.
fn named(dossier: &Dossier, rows: &[u32]) -> Vec<Arc<DocumentEntry>> {
    let mut documents: Vec<Arc<DocumentEntry>> = Vec::new();
    for row in rows {
        if let Some(Row::Document(entry)) = dossier.rows.get(*row as usize) {
            let latest = dossier.latest(entry.lid).map_or(entry, |(_, latest)| latest);
            if !documents.iter().any(|known| known.lid == latest.lid) {
                documents.push(Arc::clone(latest));
            }
        }
    }
    documents
}
