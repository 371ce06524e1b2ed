//! Reads by id: `GET /DocumentReference/{lid}`, and what the other verbs on an id answer.
//!
//! A document that is absent, hidden or of a blocked dossier gives the same bytes: not found. Whoever may see it is
//! told that it is not changed or deleted this way; whoever may not is told nothing more.

use crate::document_reference::{self, Told};
use crate::json;
use crate::outcome::{Outcome, echo};
use crate::request::{Caller, FhirBody};
use crate::searchset::unexpected;
use crate::write::JsonWriter;
use crate::{Fhir, media, pointer};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use dmp_dossier::{Actor, DocumentEntry, DocumentRef, Ins, Lid, Query, SeenDocument, View};
use dmp_store::Target;
use http::StatusCode;
use http::header::{CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED};
use std::sync::Arc;

/// The read of a document's metadata.
pub(crate) async fn document_reference(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Outcome> {
    let seen = see(&fhir, &caller, &id).await?;
    Ok(answer(&fhir, &caller, StatusCode::OK, &seen.entry, seen.replaces.as_deref()))
}

async fn see(fhir: &Fhir, caller: &Caller, id: &str) -> Result<SeenDocument, Outcome> {
    let reference = DocumentRef::Lid(Lid(pointer::id(id)?));
    let query = Query::GetDocuments(vec![reference.clone()]);
    let answer = fhir.store.consult(&caller.actor, Target::Document(reference), query, caller.request).await?;
    match answer.view {
        View::Documents(found) => found.into_iter().next().ok_or_else(Outcome::not_found),
        _ => Err(unexpected()),
    }
}

/// A document as an answer of its own, with its version as tag.
pub(crate) fn answer(
    fhir: &Fhir,
    caller: &Caller,
    status: StatusCode,
    entry: &DocumentEntry,
    replaces: Option<&DocumentEntry>,
) -> Response {
    let told = Told { entry, replaces, patient: own(&caller.actor) };
    let mut w = JsonWriter::with_capacity(4096);
    document_reference::write(&mut w, &fhir.base, &told);
    tagged(status, entry, w.finish())
}

/// A JSON answer about a document, with its version as tag.
pub(crate) fn tagged(status: StatusCode, entry: &DocumentEntry, json: String) -> Response {
    let mut response = (status, [(CONTENT_TYPE, HeaderValue::from_static(media::FHIR_JSON))], json).into_response();
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&etag(entry.version)) {
        headers.insert(ETAG, tag);
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(entry)) {
        headers.insert(LAST_MODIFIED, date);
    }
    response
}

/// `W/"3"`.
pub(crate) fn etag(version: u32) -> String {
    format!("W/\"{version}\"")
}

/// `Sat, 21 Nov 2026 19:00:00 GMT` (RFC 9110 §5.6.7).
fn http_date(entry: &DocumentEntry) -> String {
    let at = entry.registered_at.civil();
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The patient whose record an actor acts on by definition.
pub(crate) fn own(actor: &Actor) -> Option<&Ins> {
    match actor {
        Actor::Patient { ins } | Actor::Representative { of: ins, .. } => Some(ins),
        _ => None,
    }
}

/// `PUT` on an id: documents are changed by PATCH only.
pub(crate) async fn put(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    Path(id): Path<String>,
    FhirBody(body): FhirBody,
) -> Result<Response, Outcome> {
    pointer::id(&id).or_else(|o| if o.status() == StatusCode::NOT_FOUND { Ok(uuid::Uuid::nil()) } else { Err(o) })?;
    let resource = json::read(&body, fhir.string_bytes_max())?;
    if resource.text("id") != Some(id.as_str()) {
        let what = format!("`{}` is not the id of the path", echo(resource.text("id").unwrap_or_default()));
        return Err(Outcome::invalid(what).at("id"));
    }
    see(&fhir, &caller, &id).await?;
    Err(Outcome::method_not_allowed("documents are updated by PATCH: status, securityLabel, isArchived"))
}

/// `DELETE` on an id.
pub(crate) async fn delete(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Outcome> {
    see(&fhir, &caller, &id).await?;
    Err(Outcome::method_not_allowed("documents are deleted by PATCH: status `entered-in-error`"))
}

/// `DELETE` by criteria.
pub(crate) async fn delete_several(_: Caller, uri: http::Uri) -> Outcome {
    match uri.query().unwrap_or_default() {
        "" => Outcome::new(StatusCode::PRECONDITION_FAILED, "too-costly", "a deletion needs criteria"),
        _ => Outcome::method_not_allowed("documents are deleted by PATCH: status `entered-in-error`"),
    }
}
