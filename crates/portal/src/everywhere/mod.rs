//! Pages for everybody, signed in or not: help, legal notice, data, accessibility, state of the service, and what makes the
//! site installable.

mod help;
mod install;
mod notices;
mod state;
mod tasks;

use axum::Router;
use axum::routing::get;
use std::sync::Arc;

use crate::Portal;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/aide", get(help::index))
        .route("/aide/{task}", get(help::task))
        .route("/mentions-legales", get(notices::legal))
        .route("/donnees", get(notices::data))
        .route("/accessibilite", get(notices::accessibility))
        .route("/etat", get(state::show))
        .route("/hors-ligne", get(install::offline))
        .route("/manifest.webmanifest", get(install::manifest))
        .route("/service-worker.js", get(install::service_worker))
}
