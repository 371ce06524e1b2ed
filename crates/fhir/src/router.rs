//! Every route of the face, and what all its answers have in common.

use crate::Fhir;
use crate::media;
use crate::outcome::{Outcome, echo};
use crate::request::RequestId;
use crate::{audit_event, capability, consent, definitions, operations, patient};
use crate::{
    find_document_lists, find_document_references, patch_document_reference, provide_document_bundle, read,
    retrieve_document, simplified_publish,
};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{StatusCode, Uri};
use std::sync::Arc;

/// Resource types the face knows: below them an unknown path is `not-found`, elsewhere `not-supported`.
const TYPES: &[&str] = &[
    "AuditEvent",
    "Binary",
    "Bundle",
    "CapabilityStatement",
    "Consent",
    "DocumentReference",
    "List",
    "OperationDefinition",
    "Patient",
    "SearchParameter",
    "StructureDefinition",
];

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The face as a service, under the path of its base.
pub fn router(fhir: Arc<Fhir>) -> Router {
    let prefix = fhir.path().to_owned();
    let routes = Router::new()
        .merge(documents())
        .merge(patient::routes())
        .merge(operations::routes())
        .merge(consent::routes())
        .merge(audit_event::routes())
        .merge(capability::routes())
        .merge(definitions::routes())
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
        .layer(middleware::from_fn(common));
    let routes = match prefix.as_str() {
        "" => routes,
        // Clients write the base with or without its last `/`.
        prefix => Router::new().nest(prefix, routes).route(
            &format!("{prefix}/"),
            post(provide_document_bundle::provide).layer(middleware::from_fn(common)),
        ),
    };
    routes.with_state(fhir)
}

/// ITI-65, 105, 67, 66, 68, PATCH, and reads by id.
fn documents() -> Router<Arc<Fhir>> {
    Router::new()
        .route("/", post(provide_document_bundle::provide))
        .route(
            "/DocumentReference",
            get(find_document_references::search)
                .post(simplified_publish::publish)
                .patch(patch_document_reference::conditional),
        )
        .route("/DocumentReference/_search", post(find_document_references::search))
        .route(
            "/DocumentReference/{id}",
            get(read::document_reference).patch(patch_document_reference::by_id),
        )
        .route("/List", get(find_document_lists::search))
        .route("/List/_search", post(find_document_lists::search))
        .route("/List/{id}", get(find_document_lists::read))
        .route("/Binary/{id}", get(retrieve_document::retrieve))
}

/// What every answer says: never kept by a cache, never guessed at, and by which identifier to ask about it.
async fn common(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().copied();
    let negotiated = if request.uri().path().starts_with("/Binary/") {
        Ok(())
    } else {
        media::check_accepts_json(request.headers())
    };
    let mut response = match negotiated {
        Ok(()) => next.run(request).await,
        Err(outcome) => outcome.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(RequestId(id)) = id
        && let Ok(value) = HeaderValue::from_str(&id.to_string())
    {
        headers.insert(X_REQUEST_ID, value);
    }
    response
}

async fn unknown(uri: Uri) -> Outcome {
    let kind = uri.path().split('/').nth(1).unwrap_or_default();
    if TYPES.contains(&kind) {
        return Outcome::not_found();
    }
    Outcome::new(StatusCode::NOT_FOUND, "not-supported", format!("no resource type `{}` here", echo(kind)))
}

async fn not_allowed() -> Outcome {
    Outcome::method_not_allowed("this interaction is not supported on this resource")
}
