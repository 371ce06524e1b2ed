//! The server's own routes: health, figures, explanation, and the doors of the demo.

use crate::explain;
use crate::http::{Face, Fault, Figures, Peer};
use crate::people::People;
use crate::sessions::{Cookie, Sessions};
use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use dmp_portal::Viewer;
use dmp_dossier::DossierId;
use dmp_store::{Engine, Store};
use http::header::{CONTENT_TYPE, HeaderMap, SET_COOKIE};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// Where somebody who is not signed in is sent.
pub const SIGN_IN: &str = "/demo";

/// What the routes stand on.
pub(crate) struct Own {
    pub(crate) store: Store,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) people: Option<Arc<dyn People>>,
}

/// The routes.
pub(crate) fn own(own: Own) -> Router {
    let demo = own.people.is_some();
    let mut routes = Router::new()
        .route("/health", get(health))
        .route("/metrics", get(figures))
        .route("/api/explain", post(explain::explain))
        .route("/api/{*rest}", get(not_found))
        .route("/deconnexion", post(sign_out));
    if demo {
        routes = routes.route("/demo/personas.json", get(personas)).route("/demo/persona", post(sign_in));
    }
    routes.with_state(Arc::new(own))
}

async fn not_found() -> Response {
    Fault::NOT_FOUND.for_face(Face::Api)
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
async fn figures(Extension(peer): Extension<Peer>) -> Response {
    if !peer.address.ip().is_loopback() || peer.proxied {
        return Fault::NOT_FOUND.for_face(Face::Api);
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], Figures::new().render()).into_response()
}

async fn personas(State(own): State<Arc<Own>>) -> Json<Value> {
    Json(own.people.as_ref().map_or(Value::Null, |people| people.listing()))
}

#[derive(Deserialize)]
struct Chosen {
    persona: String,
}

/// A new session at each choice, whatever cookie came with it.
async fn sign_in(State(own): State<Arc<Own>>, headers: HeaderMap, Form(chosen): Form<Chosen>) -> Response {
    let Some(people) = &own.people else { return Fault::NOT_FOUND.for_face(Face::Pages) };
    if people.actor(&chosen.persona).is_none() {
        return Fault::NOT_FOUND.for_face(Face::Pages);
    }
    if let Cookie::One(id) = Cookie::of(&headers) {
        own.sessions.close(&id);
    }
    let cookie = own.sessions.open(|csrf| people.viewer(&chosen.persona, csrf));
    match cookie {
        Some(cookie) => ([(SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        None => Fault::NOT_FOUND.for_face(Face::Pages),
    }
}

#[derive(Deserialize)]
struct SignOut {
    csrf: String,
}

async fn sign_out(
    State(own): State<Arc<Own>>,
    Extension(viewer): Extension<Option<Viewer>>,
    headers: HeaderMap,
    Form(form): Form<SignOut>,
) -> Response {
    if viewer.is_none_or(|viewer| viewer.csrf != form.csrf) {
        return Fault::CSRF.for_face(Face::Pages);
    }
    if let Cookie::One(id) = Cookie::of(&headers) {
        own.sessions.close(&id);
    }
    ([(SET_COOKIE, own.sessions.cleared())], Redirect::to(SIGN_IN)).into_response()
}
