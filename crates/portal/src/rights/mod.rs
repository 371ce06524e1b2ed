//! *Qui peut voir quoi*: authorisations, blocks, médecin traitant, care teams, emergency switches, *voir comme*, and the
//! journal of accesses.
//!
//! Every act has a page that says what changes, for whom and until when, then asks once; a proof of identity younger than
//! five minutes is wanted before it is done ([`Open::step_up`]); a receipt follows, read back from the journal.

pub(crate) mod csv;
pub(crate) mod form;
pub(crate) mod known;
pub(crate) mod receipt;
pub(crate) mod report;

mod categories;
mod choose;
mod confirm;
mod emergency;
mod overview;
mod person;
mod see_as;
mod team;

use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::routing::get;
use std::sync::Arc;

use crate::Portal;
use crate::failure::Failure;
use crate::open::{Open, SignedIn};
use crate::viewer::Viewer;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/dossier/{reference}/droits", get(overview::show))
        .route("/dossier/{reference}/droits/personne", get(person::show))
        .route("/dossier/{reference}/droits/autoriser", get(choose::authorise).post(choose::authorise_chosen))
        .route("/dossier/{reference}/droits/bloquer", get(choose::block).post(choose::block_chosen))
        .route("/dossier/{reference}/droits/traitant", get(choose::name).post(choose::name_chosen))
        .route("/dossier/{reference}/droits/confirmer", get(confirm::ask).post(confirm::act))
        .route("/dossier/{reference}/droits/urgence", get(emergency::show).post(emergency::set))
        .route("/dossier/{reference}/droits/equipe", get(team::show).post(team::record))
        .route("/dossier/{reference}/droits/equipe/retrait", get(team::ask).post(team::withdraw))
        .route("/dossier/{reference}/droits/voir-comme", get(see_as::show))
        .route("/dossier/{reference}/recu/{number}", get(receipt::show))
        .route("/dossier/{reference}/acces/telecharger", get(csv::download))
        .route("/dossier/{reference}/acces/signaler", get(report::ask).post(report::send))
}

/// A page, or why there is none.
pub(crate) type Shown = Result<Response<Body>, Failure>;

/// The page, or the page that says why there is none.
pub(crate) fn settle(shown: Shown, portal: &Portal, viewer: Option<&Viewer>) -> Response<Body> {
    shown.unwrap_or_else(|failure| failure.page(portal, viewer))
}

/// A dossier in the hands of the patient or of who acts for them; for anybody else these pages are not there.
pub(crate) fn own(portal: &Arc<Portal>, signed_in: SignedIn, reference: &str) -> Result<Open, Failure> {
    let open = Open::new(portal, signed_in, reference)?;
    if open.is_own() { Ok(open) } else { Err(Failure::UnknownAddress) }
}
