//! `/` and `POST /dossier`: a patient goes to the dossier; a professional, or an employee, finds one by the number, with the
//! birth date to check it, or by the card.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{Response, StatusCode};
use dmp_dossier::{Actor, Ins, InsError, InsOid, Mode, Query, Realm, View};
use dmp_store::Target;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::SignedIn;
use crate::professional;
use crate::reference::{Reference, Way};
use crate::shell::Shell;
use crate::viewer::Viewer;

#[derive(Template)]
#[template(path = "open.html")]
struct OpenDossier {
    shell: Shell,
    csrf: String,
    typed: Typed,
    errors: Vec<(&'static str, &'static str)>,
    is_regulation: bool,
    is_employee: bool,
    /// Cards of the reader: key and label.
    cards: Vec<(String, String)>,
    patients: Vec<Listed>,
}

impl OpenDossier {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, says)| *says)
    }
}

/// What was typed.
#[derive(Default)]
struct Typed {
    ins: String,
    born: String,
    wants_emergency: bool,
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
        Actor::Professional(_) | Actor::Employee(_) => {
            return form(&portal, &viewer, Typed::default(), Vec::new());
        }
        Actor::ReceptionAgent(_) => return answer::see_other("/guichet"),
        Actor::Referent(_) => return answer::see_other("/referent"),
        Actor::Pilot => StaffRole::Pilot,
        _ => StaffRole::Other,
    };
    answer::page(StatusCode::OK, &Staff { shell: Shell::new(&portal, Some(&viewer), "Accueil"), role })
}

fn form(
    portal: &Portal,
    viewer: &Viewer,
    typed: Typed,
    errors: Vec<(&'static str, &'static str)>,
) -> Response<Body> {
    let listed = portal.demo.as_ref().map(|demo| demo.patients(viewer)).unwrap_or_default();
    let patients = listed
        .into_iter()
        .map(|p| Listed {
            address: address_of(portal, viewer, p.ins, ""),
            name: p.name,
            born: french::birth_date(&p.birth_date),
            note: p.note,
        })
        .collect();
    let is_wrong = !errors.is_empty();
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = if is_wrong { "Erreur : trouver un dossier" } else { "Trouver un dossier" };
    let page = OpenDossier {
        shell: Shell::new(portal, Some(viewer), title).at("/"),
        csrf: viewer.csrf.clone(),
        typed,
        errors,
        is_regulation: *viewer.actor.mode() == Mode::Centre15,
        is_employee: matches!(viewer.actor, Actor::Employee(_)),
        cards: portal.services.cards().into_iter().map(|card| (card.key, card.label)).collect(),
        patients,
    };
    answer::page(status, &page)
}

/// Where a dossier opens for this person: an employee sees its administrative data only.
fn address_of(portal: &Portal, viewer: &Viewer, ins: Ins, part: &str) -> String {
    let reference = portal.references.seal(viewer, &Reference { ins, way: Way::Session });
    let part = if viewer.is_professional() { part } else { "/informations" };
    format!("/dossier/{reference}{part}")
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    csrf: String,
    #[serde(default)]
    ins: String,
    /// Birth date of the patient, as they say it: compared with the dossier's when it is given.
    #[serde(default)]
    naissance: String,
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
    if !matches!(viewer.actor, Actor::Professional(_) | Actor::Employee(_)) {
        return answer::see_other("/");
    }
    let typed = Typed {
        ins: wanted.ins.chars().take(40).collect(),
        born: wanted.naissance.chars().take(20).collect(),
        wants_emergency: wanted.acces == "urgence",
    };
    let number: String =
        wanted.ins.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    let realm = portal.store.parameters().realm;
    let oid = match realm.realm {
        Realm::Test => InsOid::Test,
        Realm::Production => InsOid::Nir,
    };
    let ins = match realm.read(&number, oid.as_str()) {
        Ok(ins) => ins,
        Err(error) => {
            let says = match error {
                _ if number.is_empty() => "Tapez le numéro de santé (INS) du patient.",
                InsError::Key => "La clé ne correspond pas : vérifiez chaque chiffre du numéro.",
                _ => "Le numéro de santé a 15 caractères : 13, puis une clé de 2 chiffres.",
            };
            return form(&portal, &viewer, typed, vec![("ins", says)]);
        }
    };
    // A secret visit is secret from its first look: nothing is read in the open before it.
    let secret =
        wanted.acces == "secrete" && viewer.is_professional() && *viewer.actor.mode() == Mode::Normal;
    let way = if secret { Way::Secret } else { Way::Session };
    if !wanted.naissance.trim().is_empty() {
        let Some(born) = professional::read_day(&wanted.naissance) else {
            let says = "Écrivez la date de naissance comme 04/07/1962.";
            return form(&portal, &viewer, typed, vec![("naissance", says)]);
        };
        let reference = Reference { ins: ins.clone(), way: way.clone() };
        if !is_born(&portal, &reference.actor(&viewer), &ins, &born).await {
            let says = "Cette date n'est pas celle du patient de ce numéro. Vérifiez les deux.";
            return form(&portal, &viewer, typed, vec![("naissance", says)]);
        }
    }
    if secret {
        let reference = portal.references.seal(&viewer, &Reference { ins, way });
        return answer::see_other(&format!("/dossier/{reference}"));
    }
    let part = if typed.wants_emergency { "/urgence" } else { "" };
    answer::see_other(&address_of(&portal, &viewer, ins, part))
}

/// False when the dossier of this number is somebody's of another birth date (EX_GEN-1230). What cannot be read is left to
/// the page of the dossier to say; an incomplete or lunar date compares what it holds.
async fn is_born(portal: &Portal, actor: &Actor, ins: &Ins, typed: &str) -> bool {
    let target = Target::Patient(ins.clone());
    let read = portal.store.consult(actor, target, Query::Administrative, Uuid::new_v4()).await;
    let Ok(View::Administrative(view)) = read.map(|answer| answer.view) else { return true };
    let known = view.identity.traits.birth_date.as_bytes();
    let same = |from: usize, to: usize| match known.get(from..to) {
        None | Some(b"00") => true,
        Some(part) => typed.as_bytes().get(from..to) == Some(part),
    };
    same(0, 4) && same(4, 6) && same(6, 8)
}

/// True when a form carries the token of its session; compared in one time whatever differs.
pub(crate) fn is_token(given: &str, viewer: &Viewer) -> bool {
    let (given, own) = (given.as_bytes(), viewer.csrf.as_bytes());
    given.len() == own.len() && aws_lc_rs::constant_time::verify_slices_are_equal(given, own).is_ok()
}
