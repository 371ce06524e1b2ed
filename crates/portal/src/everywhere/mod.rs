//! Pages for everybody: help, legal notice, accessibility, state of the service, manifest and service worker.

use axum::Router;
use std::sync::Arc;

use crate::Portal;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
}
