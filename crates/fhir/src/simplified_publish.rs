//! ITI-105 Simplified Publish: `POST /DocumentReference`, one document with its bytes in `attachment.data`.
//!
//! It is a lot of one, whose submission set follows from the document. An id in the body is ignored. `If-None-Exist`
//! makes the create conditional (R4 3.1.0.8.1): a document found already is the answer, several are an error.

use crate::deposit::{Embedded, attachment};
use crate::document_reference::Told;
use crate::json::{self, Json};
use crate::outcome::Outcome;
use crate::provide_document_bundle::{Lot, write_success};
use crate::read;
use crate::request::{Caller, FhirBody};
use crate::search::{Params, prefers};
use crate::write::JsonWriter;
use crate::{Fhir, document_reference, find_document_references, shape, subject, submission_set};
use axum::extract::State;
use axum::response::Response;
use http::header::{HeaderValue, LOCATION};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

/// The deposit.
pub(crate) async fn publish(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    headers: HeaderMap,
    FhirBody(body): FhirBody,
) -> Result<Response, Outcome> {
    let resource = json::read(&body, fhir.string_bytes_max())?;
    shape::check(&resource, Some("DocumentReference"))?;
    if let Some(answer) = existing(&fhir, &caller, &headers).await? {
        return Ok(answer);
    }
    let embedded = embedded(&resource)?;
    let reference = resource.get("subject").ok_or_else(|| {
        let what = "the patient is missing: subject";
        Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, "required", what).at("DocumentReference")
    })?;
    let place = "DocumentReference.subject";
    let ins = subject::read(&resource, reference, &fhir.store.parameters().realm).map_err(|o| o.at(place))?;
    let lot = Lot { fhir: &fhir, caller: &caller, ins: ins.clone() };
    let deposit = match lot.read(&resource, &embedded).await {
        Ok(deposit) => deposit,
        Err(fault) => return Err(lot.refused(fault, &[]).await.at("DocumentReference")),
    };
    let deposits = vec![deposit];
    let set = submission_set::implied(&deposits, fhir.store.now());
    let (_, documents) = lot
        .publish(set, deposits, vec![ins])
        .await
        .map_err(|error| Outcome::from(error).at("DocumentReference"))?;
    let entry = documents.first().ok_or_else(crate::searchset::unexpected)?;
    let mut w = JsonWriter::with_capacity(4096);
    match prefers(&headers, "return").as_deref() {
        Some("minimal") => {}
        Some("OperationOutcome") => write_success(&mut w),
        _ => {
            let told = Told { entry, replaces: None, patient: Some(&lot.ins) };
            document_reference::write(&mut w, &fhir.base, &told);
        }
    }
    let mut response = read::tagged(StatusCode::CREATED, entry, w.finish());
    let location = format!("{}/DocumentReference/{}/_history/{}", fhir.base, entry.lid, entry.version);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// The document that a conditional create finds.
async fn existing(fhir: &Fhir, caller: &Caller, headers: &HeaderMap) -> Result<Option<Response>, Outcome> {
    let Some(condition) = headers.get("if-none-exist") else { return Ok(None) };
    let condition = condition.to_str().map_err(|_| Outcome::value("If-None-Exist is no text"))?;
    let condition = Params::read(condition.trim_start_matches('?'), &HeaderMap::new())?;
    let (found, ins) = find_document_references::matching(fhir, caller, condition).await?;
    match found.as_slice() {
        [] => Ok(None),
        [seen] => {
            let told = Told { entry: &seen.entry, replaces: seen.replaces.as_deref(), patient: Some(&ins) };
            Ok(Some(read::answer(fhir, StatusCode::OK, &told)))
        }
        _ => {
            let what = "the condition of If-None-Exist is met by several documents";
            Err(Outcome::new(StatusCode::PRECONDITION_FAILED, "multiple-matches", what))
        }
    }
}

/// The bytes in the attachment; an address is not taken (PDSm *SimplifiedPublish*: `url` 0..0).
fn embedded<'j>(resource: &'j Json<'_>) -> Result<Embedded<'j>, Outcome> {
    let place = "DocumentReference.content[0].attachment";
    let wrong = |code, what: &str| Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, code, what);
    if resource.items("content").len() != 1 {
        return Err(wrong("invariant", "a document has one content").at("DocumentReference.content"));
    }
    let attachment =
        attachment(resource).ok_or_else(|| Outcome::structure("attachment is missing").at(place))?;
    if attachment.get("url").is_some() {
        let what = "the bytes are in `data`; no address is fetched";
        return Err(wrong("value", what).at(&format!("{place}.url")));
    }
    let data =
        attachment.text("data").ok_or_else(|| wrong("required", "the bytes are missing: data").at(place))?;
    Ok(Embedded { data, content_type: attachment.text("contentType") })
}
