//! Placeholder until written.
use crate::Fhir;
use axum::Router;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Fhir>> {
    Router::new()
}
