//! What makes the site installable: a manifest, and a service worker that keeps the shell alone (style sheet, script, icon,
//! and the page said when there is no network). No page of a dossier is ever kept (ux.md 3.14).

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, header};
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::assets::ADDRESSES;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "everywhere/hors-ligne.html")]
struct Offline {
    shell: Shell,
}

/// `GET /hors-ligne`: the same bytes for everybody, whoever is signed in.
pub(super) async fn offline(State(portal): State<Arc<Portal>>) -> Response<Body> {
    answer::page(StatusCode::OK, &Offline { shell: Shell::new(&portal, None, "Pas de réseau") })
}

fn text(content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// `GET /manifest.webmanifest`
pub(super) async fn manifest() -> Response<Body> {
    let manifest = serde_json::json!({
        "name": "Dossier médical partagé",
        "short_name": "Mon dossier",
        "lang": "fr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f6f8",
        "theme_color": "#12344d",
        "icons": [{ "src": ADDRESSES.icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any" }],
    });
    text("application/manifest+json; charset=utf-8", manifest.to_string())
}

/// `GET /service-worker.js`: the name of its cache changes with what is in it.
pub(super) async fn service_worker() -> Response<Body> {
    let shell = [ADDRESSES.page_css, ADDRESSES.script, ADDRESSES.icon, "/hors-ligne"];
    let list = serde_json::json!(shell).to_string();
    let worker = include_str!("../../assets/service-worker.js").replace("/* SHELL */ []", &list);
    text("text/javascript; charset=utf-8", worker)
}
