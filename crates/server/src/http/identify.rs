//! Who acts: a bearer token on the FHIR face and on `/api`, a session on the pages. Never both: a token is not read on
//! a page, and a cookie gives no right on the FHIR face, so that no other site can act through a browser.

use super::Edge;
use super::answer::{Face, Fault, problem};
use crate::identity::TokenError;
use crate::routes::SIGN_IN;
use crate::sessions::{Cookie, Sessions};
use axum::response::{IntoResponse as _, Response};
use dmp_dossier::Actor;
use dmp_portal::Viewer;
use http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue, ORIGIN, SET_COOKIE, WWW_AUTHENTICATE};
use http::{Method, Request, StatusCode};

/// Where servers post, which have no page: a token proves what they say, and no cookie is read. And where a provider could
/// post instead of redirecting: nobody answers that.
const TOLD_BY_SERVERS: [&str; 3] = ["/connexion/sortie/", "/demo/openid/token", "/connexion/retour"];

/// Pages of somebody who has no session yet, besides the ways in.
const BEFORE_A_SESSION: [&str; 5] =
    ["/connexion/depart/", "/connexion/retour", "/connexion/ou", "/connexion/numero", "/connexion/fin"];

/// A request whose actor cannot be known.
pub(super) enum Unidentified {
    /// The token is refused.
    Token(TokenError),
    /// Not one bearer token.
    Scheme,
    /// The session is over, or there are two.
    Session,
    /// The form comes from elsewhere.
    Csrf,
}

/// Puts the actor (or the viewer) among the extensions. Without credentials nobody acts, and the face says what that
/// gives.
pub(super) fn identify<B>(edge: &Edge, face: Face, request: &mut Request<B>) -> Result<(), Unidentified> {
    match face {
        Face::Fhir | Face::Api => {
            if let Some(token) = bearer(request.headers())? {
                let actor = edge.identities.actor(token, edge.store.now()).map_err(Unidentified::Token)?;
                request.extensions_mut().insert(Actor::clone(&actor));
            }
        }
        Face::Pages => {
            let path = request.uri().path();
            let viewer = match edge.sessions.cookie_of(request.headers()) {
                Cookie::None => None,
                Cookie::One(id) => match edge.sessions.viewer(&id) {
                    // Who comes to sign in, or is back from their provider, may bring a session that is over.
                    None if path == SIGN_IN
                        || BEFORE_A_SESSION.iter().any(|start| path.starts_with(start)) =>
                    {
                        None
                    }
                    None => return Err(Unidentified::Session),
                    known => known,
                },
                Cookie::Several => return Err(Unidentified::Session),
            };
            let safe = matches!(*request.method(), Method::GET | Method::HEAD);
            if !safe && !TOLD_BY_SERVERS.iter().any(|start| path.starts_with(start)) {
                check_same_origin(request.headers())?;
            }
            request.extensions_mut().insert::<Option<Viewer>>(viewer);
        }
        // The message itself says who acts, and signs it.
        Face::Soap => {}
    }
    Ok(())
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Unidentified> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| Unidentified::Scheme)?;
    match (text.split_once(' '), values.next()) {
        (Some((scheme, token)), None) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Unidentified::Scheme),
    }
}

/// A form is posted from one of our pages: browsers say so, and what does not say so is not a browser's form.
fn check_same_origin(headers: &HeaderMap) -> Result<(), Unidentified> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let own = match (text(ORIGIN.as_str()), text("sec-fetch-site")) {
        // Our pages send no referrer, and a form of theirs then names no origin: the browser says the rest.
        (Some("null"), Some(site)) => site == "same-origin",
        (Some(origin), _) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(HOST.as_str())
        }
        (None, Some(site)) => matches!(site, "same-origin" | "none"),
        (None, None) => false,
    };
    if own { Ok(()) } else { Err(Unidentified::Csrf) }
}

impl Unidentified {
    /// The answer, in the way of a face.
    pub(super) fn answer(self, face: Face, sessions: &Sessions) -> Response {
        match self {
            Unidentified::Csrf => Fault::CSRF.for_face(face),
            Unidentified::Session => {
                let mut response = Fault::SESSION.for_face(face);
                response.headers_mut().insert(SET_COOKIE, sessions.cleared());
                response
            }
            Unidentified::Scheme => refused(
                face,
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "un seul en-tête Authorization, de forme « Bearer jeton », est attendu".to_owned(),
            ),
            Unidentified::Token(error) => {
                let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::UNAUTHORIZED);
                refused(face, status, error.bearer_error(), error.to_string())
            }
        }
    }
}

fn refused(face: Face, status: StatusCode, error: &'static str, detail: String) -> Response {
    let mut response = match face {
        Face::Fhir => {
            let issue = if status == StatusCode::FORBIDDEN { "forbidden" } else { "login" };
            dmp_fhir::Outcome::new(status, issue, detail).into_response()
        }
        Face::Api | Face::Pages | Face::Soap => problem(status, error, &detail),
    };
    let challenge = format!("Bearer error=\"{error}\"");
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}
