//! What a request brings besides its path: who acts, its correlation identifier, its body.

use crate::Fhir;
use crate::media;
use crate::outcome::Outcome;
use axum::body::HttpBody as _;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use bytes::Bytes;
use dmp_dossier::Actor;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::sync::Arc;
use uuid::Uuid;

/// Media types of a resource in JSON.
pub const JSON_TYPES: &[&str] = &["application/fhir+json", "application/json"];
/// Media type of a search by POST.
pub const FORM_TYPES: &[&str] = &["application/x-www-form-urlencoded"];

/// Correlation identifier of a request, set by the server as an extension: it goes to the journal and to the
/// `X-Request-Id` header of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// Who acts, and in which request. A request that the server's identity layer gave no [`Actor`] is refused: 401.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// Correlation identifier; nil when the server gave none.
    pub request: Uuid,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Outcome;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Outcome> {
        let actor = parts.extensions.get::<Actor>().cloned().ok_or_else(Outcome::login)?;
        let request = parts.extensions.get::<RequestId>().map_or(Uuid::nil(), |r| r.0);
        Ok(Caller { actor, request })
    }
}

/// The `{id}` of a path.
#[derive(Debug, Clone)]
pub struct Id(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Outcome;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Outcome> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Id(id)),
            Err(_) => Err(Outcome::value("the id of the path is no text")),
        }
    }
}

/// The body of a request that carries a resource in JSON, read whole within the limits of a lot.
#[derive(Debug, Clone)]
pub struct FhirBody(pub Bytes);

impl FromRequest<Arc<Fhir>> for FhirBody {
    type Rejection = Outcome;

    async fn from_request(request: Request, fhir: &Arc<Fhir>) -> Result<Self, Outcome> {
        body(request, fhir, JSON_TYPES).await.map(|(_, bytes)| FhirBody(bytes))
    }
}

/// The headers and the body of a request of one of these media types.
///
/// # Errors
/// 415 for another type, 413 `too-long` beyond the limit of a lot, 400 for a body cut short.
pub async fn body(request: Request, fhir: &Fhir, accepted: &[&str]) -> Result<(HeaderMap, Bytes), Outcome> {
    let (parts, body) = request.into_parts();
    media::check_content_type(&parts.headers, accepted)?;
    let limit = fhir.body_bytes_max();
    let too_long = || {
        Outcome::new(StatusCode::PAYLOAD_TOO_LARGE, "too-long", format!("body of more than {limit} bytes"))
    };
    // A length that is announced is refused before a byte is kept.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_long());
    }
    let bytes = match Limited::new(body, limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_long()),
        Err(_) => return Err(Outcome::structure("the body was cut short")),
    };
    Ok((parts.headers, bytes))
}
