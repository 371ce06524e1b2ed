//! `/` and `POST /dossier`: a patient goes to the dossier, a professional opens one, the others are told what they can
//! do so far.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{Response, StatusCode};
use dmp_dossier::{Actor, InsError, InsOid, Mode, Realm};
use serde::Deserialize;
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::SignedIn;
use crate::reference::{Reference, Way};
use crate::shell::Shell;
use crate::viewer::Viewer;

#[derive(Template)]
#[template(path = "open.html")]
struct OpenDossier {
    shell: Shell,
    csrf: String,
    /// What was typed, given back with the error.
    typed: String,
    error: Option<&'static str>,
    wants_emergency: bool,
    is_regulation: bool,
    patients: Vec<Listed>,
}

struct Listed {
    address: String,
    name: String,
    born: String,
    note: String,
}

#[derive(Template)]
#[template(path = "staff.html")]
struct Staff {
    shell: Shell,
    role: StaffRole,
}

/// Who has no dossier to open here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StaffRole {
    Agent,
    Employee,
    Pilot,
    Other,
}

/// `GET /`
pub(crate) async fn show(State(portal): State<Arc<Portal>>, SignedIn(viewer): SignedIn) -> Response<Body> {
    let Some(viewer) = viewer else {
        return Failure::SignIn.page(&portal, None);
    };
    if let Some(ins) = viewer.home() {
        let reference = Reference { ins: ins.clone(), way: Way::Session };
        return answer::see_other(&format!("/dossier/{}", portal.references.seal(&viewer, &reference)));
    }
    let role = match &viewer.actor {
        Actor::Professional(_) => return form(&portal, &viewer, String::new(), None, false),
        Actor::ReceptionAgent(_) => StaffRole::Agent,
        Actor::Employee(_) | Actor::Structure(_) => StaffRole::Employee,
        Actor::Pilot => StaffRole::Pilot,
        _ => StaffRole::Other,
    };
    answer::page(StatusCode::OK, &Staff { shell: Shell::new(&portal, Some(&viewer), "Accueil"), role })
}

fn form(
    portal: &Portal,
    viewer: &Viewer,
    typed: String,
    error: Option<&'static str>,
    wants_emergency: bool,
) -> Response<Body> {
    let listed = portal.demo.as_ref().map(|demo| demo.patients(viewer)).unwrap_or_default();
    let patients = listed
        .into_iter()
        .map(|p| Listed {
            address: format!(
                "/dossier/{}",
                portal.references.seal(viewer, &Reference { ins: p.ins, way: Way::Session })
            ),
            name: p.name,
            born: french::birth_date(&p.birth_date),
            note: p.note,
        })
        .collect();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = if error.is_some() { "Erreur : ouvrir un dossier" } else { "Ouvrir un dossier" };
    let page = OpenDossier {
        shell: Shell::new(portal, Some(viewer), title),
        csrf: viewer.csrf.clone(),
        typed,
        error,
        wants_emergency,
        is_regulation: *viewer.actor.mode() == Mode::Centre15,
        patients,
    };
    answer::page(status, &page)
}

/// The form of a professional.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    csrf: String,
    #[serde(default)]
    ins: String,
    #[serde(default)]
    acces: String,
}

/// `POST /dossier`: to the dossier of a number, or to the page that asks for the reason of an emergency.
pub(crate) async fn find(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Response<Body> {
    let Some(viewer) = viewer else {
        return Failure::SignIn.page(&portal, None);
    };
    let Ok(Form(wanted)) = wanted else {
        return Failure::Form.page(&portal, Some(&viewer));
    };
    if !is_token(&wanted.csrf, &viewer) {
        return Failure::Form.page(&portal, Some(&viewer));
    }
    if !viewer.is_professional() {
        return answer::see_other("/");
    }
    let emergency = wanted.acces == "urgence";
    let number: String =
        wanted.ins.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    let realm = portal.store.parameters().realm;
    let oid = match realm.realm {
        Realm::Test => InsOid::Test,
        Realm::Production => InsOid::Nir,
    };
    match realm.read(&number, oid.as_str()) {
        Ok(ins) => {
            let reference = portal.references.seal(&viewer, &Reference { ins, way: Way::Session });
            let part = if emergency { "/urgence" } else { "" };
            answer::see_other(&format!("/dossier/{reference}{part}"))
        }
        Err(error) => {
            let says = match error {
                _ if number.is_empty() => "Tapez le numéro de santé (INS) du patient.",
                InsError::Key => "La clé ne correspond pas : vérifiez chaque chiffre du numéro.",
                _ => "Le numéro de santé a 15 caractères : 13, puis une clé de 2 chiffres.",
            };
            let typed = wanted.ins.chars().take(40).collect();
            form(&portal, &viewer, typed, Some(says), emergency)
        }
    }
}

/// True when a form carries the token of its session; compared in one time whatever differs.
pub(crate) fn is_token(given: &str, viewer: &Viewer) -> bool {
    let (given, own) = (given.as_bytes(), viewer.csrf.as_bytes());
    given.len() == own.len() && aws_lc_rs::constant_time::verify_slices_are_equal(given, own).is_ok()
}
