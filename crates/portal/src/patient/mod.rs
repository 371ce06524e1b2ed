//! A patient's own pages: home, documents, one document, adding one, opening one's dossier alone, choices.

mod add;
mod choices;
mod delete;
pub(crate) mod deposit;
mod document;
mod documents;
mod done;
pub(crate) mod groups;
mod home;
mod mistake;
mod opening;
mod photo;
pub(crate) mod questions;
mod setting;
mod todo;
mod upload;
mod visibility;
mod who;

pub(crate) use document::{OwnPart, own_part};
pub(crate) use done::After;
pub(crate) use home::home;
pub(crate) use questions::INFORMATION;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use std::sync::Arc;

use crate::Portal;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/dossier/{reference}/documents", get(documents::show))
        .route("/dossier/{reference}/documents/reglage", get(setting::ask).post(setting::set))
        .route(
            "/dossier/{reference}/ajouter",
            get(add::ask).post(add::add).layer(DefaultBodyLimit::max(upload::FORM_BYTES_MAX)),
        )
        .route("/dossier/{reference}/document/{lid}/visibilite", axum::routing::post(visibility::set))
        .route("/dossier/{reference}/document/{lid}/qui", get(who::show))
        .route("/dossier/{reference}/document/{lid}/supprimer", get(delete::ask).post(delete::delete))
        .route("/dossier/{reference}/document/{lid}/erreur", get(mistake::show))
        .route("/dossier/{reference}/choix", get(choices::show))
        .route("/dossier/{reference}/choix/revoir", get(choices::ask).post(choices::answer))
        .route("/ouvrir", get(opening::own::show).post(opening::own::go))
        .route("/ouvrir/enfant", get(opening::child::show).post(opening::child::go))
        .route("/ouvrir/fait/{reference}", get(opening::done::show))
        .route("/ouvrir/depliant", get(opening::done::leaflet))
}
