//! Pieces that the smaller resources of this face share.

use crate::coding::write_coding;
use crate::media;
use crate::write::JsonWriter;
use axum::response::{IntoResponse, Response};
use dmp_dossier::{Grantee, PsId, StructureId};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};

/// A resource as an answer.
pub(crate) fn answer(status: StatusCode, json: String) -> Response {
    let content_type = HeaderValue::from_static(media::FHIR_JSON);
    (status, [(CONTENT_TYPE, content_type)], json).into_response()
}

/// The same, which can be found at that address.
pub(crate) fn answer_at(status: StatusCode, json: String, location: &str) -> Response {
    let mut response = answer(status, json);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// A CodeableConcept of one coding; the system is an OID or a URL.
pub(crate) fn write_concept(w: &mut JsonWriter, system: &str, code: &str, display: &str) {
    w.begin_object().key("coding").begin_array();
    write_coding(w, system, code, display);
    w.end_array().end_object();
}

/// A Reference by identifier and display, either of which may be missing.
pub(crate) fn write_named(w: &mut JsonWriter, oid: &str, id: &str, display: &str) {
    w.begin_object();
    if !id.is_empty() {
        w.key("identifier").begin_object();
        if !oid.is_empty() {
            w.key("system").pieces(&["urn:oid:", oid]);
        }
        w.field("value", id).end_object();
    }
    w.field_if("display", display).end_object();
}

/// OID of the identifiers of a person or a structure.
pub(crate) fn system_of(who: &Grantee) -> &'static str {
    match who {
        Grantee::Professional(_) => PsId::OID,
        Grantee::Structure(_) => StructureId::OID,
    }
}
