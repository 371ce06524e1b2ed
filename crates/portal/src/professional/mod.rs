//! A professional's pages: finding a patient, the synthesis, deposits, changes of a document, contextual addresses (TD0.9).

mod administrative;
mod announcements;
mod change;
pub(crate) mod consent;
mod day;
mod deposit;
mod direct;
mod patients;
mod secret;

pub(crate) use announcements::{Pending, pending};
pub(crate) use change::{Offered, offered};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use dmp_dossier::{Actor, AdministrativeView, Query, View};
use std::sync::Arc;

use crate::Portal;
use crate::banner::Banner;
use crate::failure::Failure;
use crate::open::{Open, SignedIn};

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    let upload =
        get(deposit::ask).post(deposit::send).layer(DefaultBodyLimit::max(deposit::UPLOAD_BYTES_MAX));
    Router::new()
        .route("/patients", get(patients::list))
        .route("/patients/carte", get(patients::card).post(patients::choose))
        .route("/dossier/{reference}/informations", get(administrative::show))
        .route("/dossier/{reference}/consentement", get(consent::ask).post(consent::declare))
        .route("/dossier/{reference}/secrete", get(secret::ask).post(secret::open))
        .route("/dossier/{reference}/depot", upload)
        .route("/dossier/{reference}/depot/{lid}", get(deposit::done))
        .route("/dossier/{reference}/depot/{lid}/{deed}", get(change::ask).post(change::carry_out))
        .route("/AccesDirect/{page}", get(direct::page))
        .route("/AccesDirect/{page}/{ins}", get(direct::patient))
        .route("/reprendre/{page}/{waiting}", get(direct::resume))
}

/// A day typed by hand or by a browser, as the traits write it: `YYYYMMDD`.
pub(crate) fn read_day(text: &str) -> Option<String> {
    day::read(text).map(|day| format!("{:04}{:02}{:02}", day.year(), day.month(), day.day()))
}

/// The dossier, for somebody who works on it; these pages do not exist for the patient and who acts for them.
///
/// # Errors
/// Those of [`Open::new`].
fn enter(portal: &Arc<Portal>, signed_in: SignedIn, reference: &str) -> Result<Open, Failure> {
    let open = Open::new(portal, signed_in, reference)?;
    match open.actor {
        Actor::Professional(_) | Actor::Employee(_) => Ok(open),
        _ => Err(Failure::UnknownAddress),
    }
}

/// Who the patient is.
///
/// # Errors
/// The refusal, or a failure of ours.
async fn administrative(open: &Open) -> Result<AdministrativeView, Failure> {
    match open.consult(Query::Administrative).await?.view {
        View::Administrative(view) => Ok(*view),
        _ => Err(Failure::Ours),
    }
}

/// The banner of a page that reads no right.
fn banner(open: &Open, view: &AdministrativeView) -> Option<Banner> {
    Some(Banner::of(view, None, &open.actor, open.now))
}

/// True for a minor, by the age of majority of the deployment.
fn is_minor(open: &Open, view: &AdministrativeView) -> bool {
    view.identity.is_minor(open.portal.store.parameters().majority_age_years, open.now)
}
