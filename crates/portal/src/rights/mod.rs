//! *Qui peut voir quoi*: authorisations, blocks, médecin traitant, care teams, emergency switches, *voir comme*, and the journal of accesses.

use axum::Router;
use std::sync::Arc;

use crate::Portal;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
}
