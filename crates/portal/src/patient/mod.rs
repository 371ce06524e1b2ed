//! A patient's own pages: home, documents, one document, adding one, opening one's dossier alone, choices.

use axum::Router;
use std::sync::Arc;

use crate::Portal;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
}

/// `GET /dossier/{reference}`, for the patient and who acts for them.
pub(crate) async fn home(open: crate::open::Open) -> axum::http::Response<axum::body::Body> {
    let viewer = open.viewer.clone();
    let portal = Arc::clone(&open.portal);
    match crate::record::build(open, &crate::record::Wanted::default()).await {
        Ok(page) => crate::answer::page(axum::http::StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, Some(&viewer)),
    }
}
