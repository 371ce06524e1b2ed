//! `/patients`: the dossiers one is authorised on (TD0.4); `/patients/carte`: a *carte Vitale* that was read.
//!
//! A card holds several people: none is ever chosen beforehand (EX_GEN-1230).

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Actor, Ins, ListAsked, ListBy, Sex, Time, Traits};
use dmp_store::{ListedDossier, StoreError};
use serde::Deserialize;
use std::cmp::Reverse;
use std::sync::Arc;
use uuid::Uuid;

use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::home::is_token;
use crate::open::SignedIn;
use crate::reference::{Reference, Way};
use crate::services::VitaleCard;
use crate::shell::Shell;
use crate::viewer::Viewer;

/// Ways to order the list: value in the address, and words.
const ORDERS: [(&str, &str); 3] =
    [("document", "Dernier document"), ("acces", "Dernier accès"), ("nom", "Nom du patient")];

#[derive(Template)]
#[template(path = "professional/patients.html")]
struct Patients {
    shell: Shell,
    rows: Vec<Row>,
    count: String,
    order: &'static str,
    is_employee: bool,
}

impl Patients {
    fn orders(&self) -> &'static [(&'static str, &'static str)] {
        &ORDERS
    }
}

struct Row {
    address: String,
    name: String,
    born: String,
    medecin_traitant: bool,
    last_document: String,
    last_access: String,
    authorised: String,
    /// A document came since the last access.
    is_new: bool,
}

/// What the address asks for.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    tri: Option<String>,
}

/// `GET /patients`
pub(super) async fn list(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let Some(viewer) = viewer else { return Failure::SignIn.page(&portal, None) };
    if !works(&viewer) {
        return answer::see_other("/");
    }
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let known = ORDERS.iter().find(|(value, _)| Some(*value) == wanted.tri.as_deref());
    let order = known.map_or(ORDERS[0].0, |(value, _)| *value);
    let asked = ListAsked { since: None, by: ListBy::LastDocument, owner: None };
    let listed = match portal.store.authorised_dossiers(&viewer.actor, asked, Uuid::new_v4()).await {
        Ok(listed) => listed,
        Err(error) => return failure(error).page(&portal, Some(&viewer)),
    };
    let page = Patients {
        shell: Shell::new(&portal, Some(&viewer), "Mes patients").at("/patients"),
        count: french::count(listed.len(), "patient", "patients"),
        rows: ordered(listed, order).iter().map(|one| row(&portal, &viewer, one)).collect(),
        order,
        is_employee: matches!(viewer.actor, Actor::Employee(_)),
    };
    answer::page(StatusCode::OK, &page)
}

/// True for those who have patients.
fn works(viewer: &Viewer) -> bool {
    matches!(viewer.actor, Actor::Professional(_) | Actor::Employee(_))
}

fn failure(error: StoreError) -> Failure {
    match error {
        StoreError::Refused { refusal, retry_after_seconds } => {
            Failure::Refused { refusal, retry_after_seconds, emergency: None }
        }
        error @ StoreError::Failed { .. } => {
            tracing::error!(%error, "a list of patients cannot be read");
            Failure::Ours
        }
    }
}

fn ordered(mut listed: Vec<ListedDossier>, order: &str) -> Vec<ListedDossier> {
    match order {
        "acces" => listed.sort_by_key(|one| Reverse(one.last_access)),
        "nom" => listed.sort_by_cached_key(|one| {
            let traits = &one.identity.traits;
            (dmp_dossier::search::folded(&traits.birth_name), traits.given_names.clone())
        }),
        _ => listed.sort_by_key(|one| Reverse(one.last_document)),
    }
    listed
}

fn row(portal: &Portal, viewer: &Viewer, one: &ListedDossier) -> Row {
    let day = |at: Option<Time>| at.map_or("Aucun".to_owned(), french::day);
    let traits = &one.identity.traits;
    Row {
        address: address_of(portal, viewer, one.identity.ins.clone()),
        name: format!("{} {}", traits.birth_name.to_uppercase(), traits.first_given()),
        born: french::birth_date(&traits.birth_date),
        medecin_traitant: one.medecin_traitant,
        last_document: day(one.last_document),
        last_access: day(one.last_access),
        authorised: french::day(one.authorised_at),
        is_new: one.last_document.is_some_and(|came| one.last_access.is_some_and(|seen| came > seen)),
    }
}

#[derive(Template)]
#[template(path = "professional/card.html")]
struct Card {
    shell: Shell,
    csrf: String,
    key: String,
    label: String,
    people: Vec<Person>,
    error: Option<&'static str>,
}

/// Somebody on a card.
struct Person {
    name: String,
    detail: String,
}

impl Person {
    fn of(traits: &Traits) -> Person {
        let (born, sex) = match traits.sex {
            Sex::Female => ("née le", "sexe F"),
            Sex::Male => ("né le", "sexe M"),
            Sex::Undetermined => ("né(e) le", "sexe indéterminé"),
        };
        Person {
            name: format!("{} {}", traits.birth_name.to_uppercase(), traits.first_given()),
            detail: format!("{born} {}, {sex}", french::birth_date(&traits.birth_date)),
        }
    }
}

fn card_page(
    portal: &Portal,
    viewer: &Viewer,
    card: VitaleCard,
    error: Option<&'static str>,
) -> Response<Body> {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = if error.is_some() { "Erreur : qui est le patient ?" } else { "Qui est le patient ?" };
    let page = Card {
        shell: Shell::new(portal, Some(viewer), title).at("/"),
        csrf: viewer.csrf.clone(),
        people: card.beneficiaries.iter().map(|one| Person::of(&one.traits)).collect(),
        key: card.key,
        label: card.label,
        error,
    };
    answer::page(status, &page)
}

/// Which card is in the reader.
#[derive(Deserialize, Default)]
pub(super) struct Inserted {
    #[serde(default)]
    carte: String,
}

/// `GET /patients/carte`: who is on the card.
pub(super) async fn card(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    wanted: Result<Parameters<Inserted>, QueryRejection>,
) -> Response<Body> {
    let Some(viewer) = viewer else { return Failure::SignIn.page(&portal, None) };
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    match portal.services.card(&wanted.carte).filter(|_| works(&viewer)) {
        Some(card) => card_page(&portal, &viewer, card, None),
        None => answer::see_other("/"),
    }
}

/// Who was chosen.
#[derive(Deserialize)]
pub(super) struct Chosen {
    csrf: String,
    #[serde(default)]
    carte: String,
    #[serde(default)]
    patient: String,
}

/// `POST /patients/carte`: to the dossier of the person chosen, who is here.
pub(super) async fn choose(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    form: Result<Form<Chosen>, FormRejection>,
) -> Response<Body> {
    let Some(viewer) = viewer else { return Failure::SignIn.page(&portal, None) };
    let Ok(Form(form)) = form else { return Failure::Form.page(&portal, Some(&viewer)) };
    if !is_token(&form.csrf, &viewer) {
        return Failure::Form.page(&portal, Some(&viewer));
    }
    let Some(card) = portal.services.card(&form.carte).filter(|_| works(&viewer)) else {
        return answer::see_other("/");
    };
    let chosen = form.patient.parse::<usize>().ok().and_then(|at| card.beneficiaries.get(at));
    let Some(ins) = chosen.map(|one| one.ins.clone()) else {
        return card_page(&portal, &viewer, card, Some("Choisissez le patient qui est devant vous."));
    };
    // The card proves that the patient is here (ux.md C13).
    if let Err(error) = portal.store.present(&viewer.actor, &ins).await {
        return failure(error).page(&portal, Some(&viewer));
    }
    answer::see_other(&address_of(&portal, &viewer, ins))
}

/// Where the dossier of a patient opens for this person.
fn address_of(portal: &Portal, viewer: &Viewer, ins: Ins) -> String {
    let reference = portal.references.seal(viewer, &Reference { ins, way: Way::Session });
    let part = if viewer.is_professional() { "" } else { "/informations" };
    format!("/dossier/{reference}{part}")
}
