//! The référent of a structure: reviews of emergency accesses and cases the patients reported; and quotas that a colleague
//! lifts for an hour.

mod cases;
mod quotas;

use axum::Router;
use axum::routing::get;
use dmp_store::StoreError;
use std::sync::Arc;

use crate::Portal;
use crate::failure::Failure;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/referent", get(cases::list))
        .route("/referent/{case}", get(cases::show).post(cases::answer))
        .route("/quotas", get(quotas::show).post(quotas::lift))
}

/// What a store's error is, on a page of no dossier.
fn failure(error: StoreError) -> Failure {
    match error {
        StoreError::Refused { refusal, retry_after_seconds } => {
            Failure::Refused { refusal, retry_after_seconds, emergency: None }
        }
        error @ StoreError::Failed { .. } => {
            tracing::error!(%error, "a page cannot be read");
            Failure::Ours
        }
    }
}
