//! How the edge says what it refuses: an OperationOutcome on the FHIR face, a SOAP fault on the DMP interface,
//! `problem+json` on ours, a page elsewhere.
//! A stable code for machines, a French sentence for people, and nothing of the request.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{
    ALLOW, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE, X_FRAME_OPTIONS,
};
use uuid::Uuid;

/// Which face an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// `/fhir`
    Fhir,
    /// `/si-dmp-server`
    Soap,
    /// `/api`, `/health`, `/metrics`
    Api,
    /// Everything else.
    Pages,
}

impl Face {
    /// The face of a path.
    pub fn of(path: &str) -> Face {
        let first = path.strip_prefix('/').unwrap_or(path).split('/').next().unwrap_or_default();
        match first {
            "fhir" => Face::Fhir,
            "si-dmp-server" => Face::Soap,
            "api" | "health" | "metrics" => Face::Api,
            _ => Face::Pages,
        }
    }
}

/// A request that no face is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: &'static str,
    /// OperationOutcome.issue.code.
    pub issue: &'static str,
    /// For people.
    pub french: &'static str,
}

macro_rules! faults {
    ($($name:ident: $status:literal, $code:literal, $issue:literal, $french:literal;)*) => {
        impl Fault { $(#[doc = $french] pub const $name: Fault = Fault {
            status: $status, code: $code, issue: $issue, french: $french,
        };)* }
    };
}

faults! {
    SYNTAX: 400, "bad-request", "structure", "La demande est mal formée.";
    TOO_MANY_PARAMETERS: 400, "too-many-parameters", "too-costly", "La demande a trop de paramètres.";
    TOKEN_IN_QUERY: 400, "invalid_request", "security", "Un jeton ne se met pas dans une adresse.";
    SESSION: 401, "session", "login", "Votre session est terminée : identifiez-vous de nouveau.";
    CSRF: 403, "csrf", "forbidden", "Ce formulaire ne vient pas d'une page de ce site.";
    CORS: 403, "cors", "forbidden", "Les demandes d'un autre site ne sont pas acceptées.";
    NOT_FOUND: 404, "not-found", "not-found", "Cette page n'existe pas.";
    METHOD: 405, "method-not-allowed", "not-supported", "Cette méthode n'est pas acceptée.";
    SLOW: 408, "timeout", "timeout", "La demande est arrivée trop lentement.";
    TOO_LONG: 413, "too-long", "too-long", "La demande est trop longue.";
    ADDRESS_TOO_LONG: 414, "uri-too-long", "too-long", "L'adresse est trop longue.";
    MEDIA_TYPE: 415, "media-type", "not-supported", "Ce type de contenu n'est pas accepté.";
    RANGE: 416, "range", "not-supported", "Cet intervalle ne peut pas être servi.";
    HOST: 421, "host", "not-supported", "Ce nom de serveur n'est pas le nôtre.";
    HEADERS: 431, "headers-too-large", "too-long", "Les en-têtes de la demande sont trop longs.";
    PANIC: 500, "internal", "exception", "Une erreur est survenue de notre côté.";
    UNAVAILABLE: 503, "unavailable", "transient", "Le service est momentanément indisponible.";
}

impl Fault {
    /// The answer, in the way of a face.
    pub fn for_face(self, face: Face) -> Response {
        self.to(face, Uuid::new_v4())
    }

    /// The answer to the request of that identifier, in the way of a face.
    pub(super) fn to(self, face: Face, request: Uuid) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match face {
            Face::Fhir => dmp_fhir::Outcome::new(status, self.issue, self.french).into_response(),
            Face::Soap => dmp_xds::refuse(&self.as_soap(), request, None),
            Face::Api => problem(status, self.code, self.french),
            Face::Pages => page(status, self.french),
        };
        if self == Fault::METHOD {
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE"));
        }
        // What follows on the connection may be the rest of a request that was not read.
        if matches!(self.status, 400 | 408 | 413 | 414 | 431) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// As the DMP interface says it.
    fn as_soap(self) -> dmp_xds::fault::Fault {
        use dmp_xds::fault::{Code, Fault};
        let code = if self.status < 500 { Code::Sender } else { Code::Receiver };
        Fault { http: self.status, code, ..Fault::sender(self.french).in_french() }
    }
}

/// `application/problem+json` (RFC 9457).
pub fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    let body = serde_json::json!({ "status": status.as_u16(), "code": code, "detail": detail });
    (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

/// 401 of `/api`: nobody acts (RFC 6750 3).
pub fn login() -> Response {
    let mut response = problem(StatusCode::UNAUTHORIZED, "login", "Une authentification est nécessaire.");
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// A page that also reads well without its style sheet; the sentences are ours, nothing in it comes from the request.
fn page(status: StatusCode, french: &str) -> Response {
    let body = format!(
        "<!doctype html><html lang=\"fr\"><head><meta charset=\"utf-8\"><title>{code} – Dossier médical partagé\
         </title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"{style}\"></head><body class=\"for-nobody\"><header class=\"top\">\
         <div class=\"top-in\"><a class=\"brand\" href=\"/\">Dossier médical partagé</a></div></header>\
         <main><div class=\"narrow\"><div class=\"card refusal\"><h1>{french}</h1>\
         <p class=\"by\">Code {code}. En cas d'urgence, appelez le 15 ou le 112.</p>\
         <p class=\"buttons\"><a class=\"button main\" href=\"/\">Retour à l'accueil</a></p></div></div></main></body></html>",
        code = status.as_u16(),
        style = dmp_portal::style_sheet(),
    );
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
