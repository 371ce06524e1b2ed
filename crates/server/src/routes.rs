//! The server's own routes: health, figures, explanation, and the doors of the demo.

use crate::explain;
use crate::export;
use crate::http::{Face, Fault, Figures, Peer, problem};
use crate::people::People;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use dmp_dossier::{DossierId, Ins, InsError, InsOid, Realm, RealmPolicy, Refusal};
use dmp_store::{Engine, Store, StoreError};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use uuid::Uuid;

/// Where somebody who is not signed in is sent.
pub use crate::sign_in::DOORS as SIGN_IN;

/// The same in a demo: whom to be today.
pub const DEMO: &str = "/demo";

/// What the routes stand on.
pub(crate) struct Own {
    pub(crate) store: Store,
    pub(crate) engine: Arc<dyn Engine>,
    /// Directory of the database.
    pub(crate) data: PathBuf,
    pub(crate) people: Option<Arc<dyn People>>,
}

/// The routes.
pub(crate) fn own(own: Own) -> Router {
    let demo = own.people.is_some();
    let mut routes = Router::new()
        .route("/health", get(health))
        .route("/metrics", get(figures))
        .route("/api/explain", post(explain::explain))
        .route("/api/export", post(export::export));
    if demo {
        routes = routes.route("/demo/personas.json", get(personas)).route("/demo/persona", post(sign_in));
    }
    routes.with_state(Arc::new(own))
}

/// Whose dossier a question of `/api` is about.
#[derive(Deserialize)]
pub(crate) struct Asked {
    ins: String,
    /// Of the realm when absent.
    oid: Option<String>,
}

impl Asked {
    pub(crate) fn ins(&self, realm: RealmPolicy) -> Result<Ins, InsError> {
        let own = match realm.realm {
            Realm::Test => InsOid::Test,
            Realm::Production => InsOid::Nir,
        };
        realm.read(&self.ins, self.oid.as_deref().unwrap_or(own.as_str()))
    }
}

/// How `/api` says a refusal of the record.
pub(crate) fn refused(refusal: &Refusal, retry_after_seconds: Option<u32>) -> Response {
    let answer = refusal.reason.answer();
    let status = StatusCode::from_u16(answer.http).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = problem(status, refusal.reason.as_str(), answer.french);
    if let Some(seconds) = retry_after_seconds {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// How `/api` says a failure of ours.
pub(crate) fn failed(request: Uuid, error: &StoreError) -> Response {
    tracing::error!(request = %request, error = crate::open::one_line(error), "a question failed");
    Fault::PANIC.for_face(Face::Api)
}

/// Ready when the store answers.
async fn health(State(own): State<Arc<Own>>) -> Response {
    // A dossier that is not there costs one read of the database.
    match own.engine.load(DossierId(Uuid::new_v4())).await {
        Ok(_) => Json(json!({ "status": "pass" })).into_response(),
        Err(error) => {
            tracing::error!(error = crate::open::one_line(&error), "the store does not answer");
            Fault::UNAVAILABLE.for_face(Face::Api)
        }
    }
}

/// To the machine itself only: figures say little, but nobody outside needs them.
async fn figures(State(own): State<Arc<Own>>, Extension(peer): Extension<Peer>) -> Response {
    if !peer.address.ip().is_loopback() || peer.proxied {
        return Fault::NOT_FOUND.for_face(Face::Api);
    }
    let text = Figures::render(&own.data);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

async fn personas(State(own): State<Arc<Own>>) -> Json<Value> {
    Json(own.people.as_ref().map_or(Value::Null, |people| people.listing()))
}

/// Not a form, or one without its fields.
fn unreadable(rejection: &FormRejection, without_fields: Fault) -> Response {
    let fault = match rejection.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Fault::MEDIA_TYPE,
        _ => without_fields,
    };
    fault.for_face(Face::Pages)
}

#[derive(Deserialize)]
struct Chosen {
    persona: String,
    #[serde(default)]
    next: String,
}

/// Signs in by the demonstration's provider, which is told who was chosen.
async fn sign_in(State(own): State<Arc<Own>>, chosen: Result<Form<Chosen>, FormRejection>) -> Response {
    let chosen = match chosen {
        Ok(Form(chosen)) => chosen,
        Err(rejection) => return unreadable(&rejection, Fault::SYNTAX),
    };
    let Some(people) = &own.people else { return Fault::NOT_FOUND.for_face(Face::Pages) };
    if people.actor(&chosen.persona).is_none() {
        return Fault::NOT_FOUND.for_face(Face::Pages);
    }
    let next = Some(("next", &*chosen.next)).filter(|(_, next)| crate::sign_in::local(next));
    let whom: Vec<_> = [("qui", &*chosen.persona)].into_iter().chain(next).collect();
    let whom = dmp_openid::encoded(&whom);
    let way = crate::demo::openid::CARDS;
    Redirect::to(&format!("{SIGN_IN}/depart/{way}?{whom}")).into_response()
}
