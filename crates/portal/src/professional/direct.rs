//! `/AccesDirect/…`: contextual addresses by which a software opens the right page in one click (TD0.9). The number stands
//! in this address only, as the interface wants it: the answer leads at once to an address without it.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use dmp_dossier::{Actor, Ins, InsOid, Realm};
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::open::SignedIn;
use crate::reference::{Reference, Way};
use crate::viewer::Viewer;

/// A page that may be asked for: its name (SEL-MP-037, PDT-INF-527), and what follows the address of the dossier.
const PAGES: [(&str, &str); 9] = [
    ("TableauDeBord", ""),
    ("DossierPatient", ""),
    ("GestionDMPPatient", "/informations"),
    ("Documents", "#documents"),
    ("ParcoursDeSoins", "#documents"),
    ("HistoriqueAcces", "/acces"),
    ("Parametrages", ""),
    ("VolontesEtDroits", "#s-directives"),
    ("CarnetVaccination", "#s-vaccins"),
];

fn known(page: &str) -> Option<(&'static str, &'static str)> {
    PAGES.into_iter().find(|(name, _)| *name == page)
}

/// `GET /AccesDirect/{page}`: a page of no patient.
pub(super) async fn page(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(page): Path<String>,
) -> Response<Body> {
    match (viewer, known(&page)) {
        (viewer, None) => Failure::UnknownAddress.page(&portal, viewer.as_ref()),
        (None, Some((name, _))) => answer::see_other(&sign_in(&portal, &format!("/AccesDirect/{name}"))),
        (Some(_), Some(("Parametrages", _))) => answer::see_other("/#reglages"),
        (Some(_), Some(("TableauDeBord", _))) => answer::see_other("/"),
        // The others are about a patient, who is not named: the person chooses one.
        (Some(_), Some(_)) => answer::see_other("/patients"),
    }
}

/// `GET /AccesDirect/{page}/{ins}`
pub(super) async fn patient(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path((page, number)): Path<(String, String)>,
) -> Response<Body> {
    let Some((name, _)) = known(&page) else {
        return Failure::UnknownAddress.page(&portal, viewer.as_ref());
    };
    let realm = portal.store.parameters().realm;
    let oid = match realm.realm {
        Realm::Test => InsOid::Test,
        Realm::Production => InsOid::Nir,
    };
    let number: String = number.chars().take(40).filter(|c| !c.is_whitespace()).collect();
    match (realm.read(&number, oid.as_str()), viewer) {
        (Ok(ins), Some(viewer)) => answer::see_other(&there(&portal, &viewer, name, ins)),
        (Ok(ins), None) => {
            let waiting = portal.references.seal_waiting(&ins);
            answer::see_other(&sign_in(&portal, &format!("/reprendre/{name}/{waiting}")))
        }
        (Err(_), viewer) => Failure::UnknownAddress.page(&portal, viewer.as_ref()),
    }
}

/// `GET /reprendre/{page}/{waiting}`: where one was going, once signed in.
pub(super) async fn resume(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path((page, waiting)): Path<(String, String)>,
) -> Response<Body> {
    match (known(&page), portal.references.open_waiting(&waiting), viewer) {
        (Some((name, _)), Some(ins), Some(viewer)) => answer::see_other(&there(&portal, &viewer, name, ins)),
        (Some((name, _)), Some(_), None) => {
            answer::see_other(&sign_in(&portal, &format!("/reprendre/{name}/{waiting}")))
        }
        (_, _, viewer) => Failure::UnknownAddress.page(&portal, viewer.as_ref()),
    }
}

/// The page of this patient for this person. The page itself says when the dossier is unknown, closed or refused.
fn there(portal: &Portal, viewer: &Viewer, name: &str, ins: Ins) -> String {
    let reference = portal.references.seal(viewer, &Reference { ins, way: Way::Session });
    let part = match &viewer.actor {
        // A CPE card opens the administrative data and the emergency switches, whatever the page.
        Actor::Employee(_) => "/informations",
        Actor::Professional(_) => known(name).map_or("", |(_, part)| part),
        _ => return "/".to_owned(),
    };
    format!("/dossier/{reference}{part}")
}

/// The door, which leads on to where one was going.
fn sign_in(portal: &Portal, next: &str) -> String {
    let join = if portal.sign_in.contains('?') { '&' } else { '?' };
    format!("{}{join}next={next}", portal.sign_in)
}
