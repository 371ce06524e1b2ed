//! What the patient writes and takes away: health profile, directives, emergency card, export, copy, closing.

mod closing;
mod export;
mod notices;

use axum::Router;
use axum::routing::get;
use std::sync::Arc;

use crate::Portal;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/dossier/{reference}/fermer", get(closing::ask_close).post(closing::close))
        .route("/dossier/{reference}/rouvrir", get(closing::ask_reopen).post(closing::reopen))
        .route("/dossier/{reference}/copie", get(closing::ask_copy).post(closing::copy))
        .route("/dossier/{reference}/destruction", get(closing::ask_destruction).post(closing::destruction))
        .route("/dossier/{reference}/avis", get(notices::show).post(notices::set))
        .route("/dossier/{reference}/export", get(export::ask).post(export::take))
}
