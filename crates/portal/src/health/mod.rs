//! What the patient writes and takes away: health profile, directives, emergency card, export, copy, closing.

use axum::Router;
use std::sync::Arc;

use crate::Portal;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
}
