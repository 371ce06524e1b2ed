//! Reads by id: `GET /DocumentReference/{lid}`, and the form of an answer about one document.
//!
//! A document that is absent, hidden or of a blocked dossier gives the same bytes: not found.

use crate::document_reference::{self, Told};
use crate::outcome::Outcome;
use crate::request::{Caller, Id};
use crate::searchset::unexpected;
use crate::write::JsonWriter;
use crate::{Fhir, media, pointer};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use dmp_dossier::{DocumentEntry, DocumentRef, Lid, Query, View};
use dmp_store::Target;
use http::StatusCode;
use http::header::{CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED};
use std::sync::Arc;

/// The read of a document's metadata.
pub(crate) async fn document_reference(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Response, Outcome> {
    let reference = DocumentRef::Lid(Lid(pointer::id(&id)?));
    let query = Query::GetDocuments(vec![reference.clone()]);
    let target = Target::Document(reference);
    let found = fhir.store.consult(&caller.actor, target, query, caller.request).await?;
    let View::Documents(seen) = found.view else { return Err(unexpected()) };
    let seen = seen.first().ok_or_else(Outcome::not_found)?;
    let told =
        Told { entry: &seen.entry, replaces: seen.replaces.as_deref(), patient: found.patient.as_ref() };
    Ok(answer(&fhir, StatusCode::OK, &told))
}

/// A document as an answer of its own, with its version as tag.
pub(crate) fn answer(fhir: &Fhir, status: StatusCode, told: &Told<'_>) -> Response {
    let mut w = JsonWriter::with_capacity(4096);
    document_reference::write(&mut w, &fhir.base, told);
    tagged(status, told.entry, w.finish())
}

/// A JSON answer about a document, with its version as tag.
pub(crate) fn tagged(status: StatusCode, entry: &DocumentEntry, json: String) -> Response {
    let mut response =
        (status, [(CONTENT_TYPE, HeaderValue::from_static(media::FHIR_JSON))], json).into_response();
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
