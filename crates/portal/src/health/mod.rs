//! What the patient writes and takes away: health profile, directives, emergency card, export, copy, closing.

mod card;
mod closing;
mod edit;
mod export;
mod hub;
mod items;
mod measures;
mod notices;
pub(crate) mod own;
mod wishes;

use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

use crate::Portal;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/dossier/{reference}/sante", get(hub::show))
        .route("/dossier/{reference}/sante/ajouter/{kind}", get(edit::ask).post(edit::add))
        .route("/dossier/{reference}/sante/retirer", post(edit::remove))
        .route("/dossier/{reference}/sante/mesures", get(measures::show))
        .route("/dossier/{reference}/volontes", get(wishes::show).post(wishes::set))
        .route("/dossier/{reference}/carte", get(card::show))
        .route("/dossier/{reference}/carte/pdf", get(card::pdf))
        .route("/dossier/{reference}/fermer", get(closing::ask_close).post(closing::close))
        .route("/dossier/{reference}/rouvrir", get(closing::ask_reopen).post(closing::reopen))
        .route("/dossier/{reference}/copie", get(closing::ask_copy).post(closing::copy))
        .route("/dossier/{reference}/destruction", get(closing::ask_destruction).post(closing::destruction))
        .route("/dossier/{reference}/avis", get(notices::show).post(notices::set))
        .route("/dossier/{reference}/export", get(export::ask).post(export::take))
}
