//! ITI-68 Retrieve Document (TD3.2): `GET /Binary/{lid}`, the bytes as deposited, or a Binary in JSON.
//!
//! The bytes are another person's: they are sent as an attachment of their own type, never sniffed, never kept, and
//! with nothing they could run.

use crate::media;
use crate::outcome::Outcome;
use crate::request::{Caller, Id};
use crate::searchset::unexpected;
use crate::write::JsonWriter;
use crate::{Fhir, pointer};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use dmp_dossier::{DocumentEntry, DocumentRef, Lid, Query, View};
use dmp_store::Target;
use http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, HeaderValue,
};
use http::{HeaderMap, StatusCode};
use std::fmt::Write as _;
use std::sync::Arc;

/// Names under which a CDA is asked for besides its own.
const CDA_ALIASES: &[&str] =
    &["application/xml", "text/xml", "application/hl7-cda+xml", "application/hl7-v3+xml"];

/// How a document is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Raw,
    Json,
}

/// The read.
pub(crate) async fn retrieve(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Outcome> {
    let accepted = media::accepted(&headers)?;
    let reference = DocumentRef::Lid(Lid(pointer::id(&id)?));
    let query = Query::Retrieve(vec![reference.clone()]);
    let answer =
        fhir.store.consult(&caller.actor, Target::Document(reference), query, caller.request).await?;
    let View::Contents(seen) = answer.view else { return Err(unexpected()) };
    let (Some(seen), Some(bytes)) = (seen.into_iter().next(), answer.contents.into_iter().next()) else {
        return Err(unexpected());
    };
    let entry = &seen.entry;
    let tag = HeaderValue::from_str(&etag(&entry.metadata.hash)).map_err(|_| unexpected())?;
    match form(&accepted, &entry.metadata.mime_type) {
        Some(Form::Raw) => Ok((raw_headers(entry, tag)?, bytes).into_response()),
        Some(Form::Json) => {
            let json_type = HeaderValue::from_static(media::FHIR_JSON);
            let json = binary(entry, &bytes);
            Ok(([(CONTENT_TYPE, json_type), (ETAG, tag)], json).into_response())
        }
        None => Err(Outcome::new(
            StatusCode::NOT_ACCEPTABLE,
            "not-supported",
            "this document is answered in its own media type, or as application/fhir+json",
        )),
    }
}

fn raw_headers(entry: &DocumentEntry, tag: HeaderValue) -> Result<[(HeaderName, HeaderValue); 4], Outcome> {
    let mime = &entry.metadata.mime_type;
    let extension = if is_xml(mime) { "xml" } else { "bin" };
    let name = format!("attachment; filename=\"{}.{extension}\"", entry.lid);
    Ok([
        (CONTENT_TYPE, HeaderValue::from_str(mime).map_err(|_| unexpected())?),
        (CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(|_| unexpected())?),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (ETAG, tag),
    ])
}

fn is_xml(mime: &str) -> bool {
    matches!(media::bare(mime).as_str(), "text/xml" | "application/xslt+xml")
}

/// The bytes never change: their hash is their tag.
fn etag(hash: &[u8]) -> String {
    let mut tag = String::from("\"");
    for byte in hash {
        write!(tag, "{byte:02x}").expect("writing to a string never fails");
    }
    tag.push('"');
    tag
}

fn binary(entry: &DocumentEntry, bytes: &[u8]) -> String {
    let mut w = JsonWriter::with_capacity(bytes.len() * 4 / 3 + 256);
    w.begin_object().field("resourceType", "Binary").field("id", &entry.lid.to_string());
    w.field("contentType", &entry.metadata.mime_type);
    w.key("securityContext").begin_object();
    w.key("reference").pieces(&["DocumentReference/", &entry.lid.to_string()]).end_object();
    w.key("data").base64(bytes).end_object();
    w.finish()
}

/// The best form the client accepts: its own type, or JSON where that is asked for by name. `None` for neither.
fn form(accepted: &[(String, u16)], mime: &str) -> Option<Form> {
    let own = media::bare(mime);
    let kind = own.split('/').next().unwrap_or_default();
    let quality = |fits: &dyn Fn(&str) -> bool| {
        accepted.iter().filter(|(name, _)| fits(name)).map(|(_, q)| *q).max().unwrap_or(0)
    };
    let by_name = quality(&|n| n == own || (is_xml(mime) && CDA_ALIASES.contains(&n)));
    let by_range = quality(&|n| n == "*/*" || n.strip_suffix("/*") == Some(kind));
    let raw = if accepted.is_empty() { 1000 } else { by_name.max(by_range) };
    let json = quality(&|n| matches!(n, "application/fhir+json" | "application/json"));
    match (raw, json) {
        (0, 0) => None,
        (raw, json) if json > raw || (json == raw && by_name < json) => Some(Form::Json),
        _ => Some(Form::Raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::ACCEPT;

    #[test]
    fn a_document_is_sent_in_the_form_asked_for() {
        for (accept, form_of_cda) in [
            ("", Some(Form::Raw)),
            ("*/*", Some(Form::Raw)),
            ("text/xml", Some(Form::Raw)),
            ("application/xml", Some(Form::Raw)),
            ("text/*;q=0.5", Some(Form::Raw)),
            ("application/fhir+json", Some(Form::Json)),
            ("application/json", Some(Form::Json)),
            ("application/fhir+json, */*", Some(Form::Json)),
            ("application/fhir+json;q=0.5, */*", Some(Form::Raw)),
            ("application/fhir+json, text/xml", Some(Form::Raw)),
            ("application/pdf", None),
            ("text/turtle", None),
            ("text/xml;q=0", None),
        ] {
            let mut headers = HeaderMap::new();
            if !accept.is_empty() {
                headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
            }
            assert_eq!(form(&media::accepted(&headers).unwrap(), "text/xml"), form_of_cda, "{accept}");
        }
        let pdf = [("application/pdf".to_owned(), 1000)];
        assert_eq!(form(&pdf, "application/pdf"), Some(Form::Raw));
    }

    #[test]
    fn the_tag_is_the_hash() {
        assert_eq!(etag(&[0, 255, 16]), "\"00ff10\"");
    }
}
