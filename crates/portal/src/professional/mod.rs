//! A professional's pages: finding a patient, the synthesis, deposits, changes of a document, contextual addresses (TD0.9).

use axum::Router;
use std::sync::Arc;

use crate::Portal;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
}
