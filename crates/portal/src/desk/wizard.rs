//! The opening, in two pages: who is there, with the document seen; then one page for all the rest.
//!
//! Actions of the agent, from `/guichet` to *Dossier ouvert*: 1 the card is read, 2 who it is and the document seen (one
//! button says both), 3 the leaflet is given and explained, 4 the agreement, 5 the emergency, 6 the mobile or mail is typed
//! and sent, 7 the opening, once the patient has typed the code. A minor's agreement names who gives it: no action more.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::search::folded;
use dmp_dossier::{Query, Reason, Sex, Traits, View};
use dmp_store::{StoreError, Target};
use std::sync::Arc;
use uuid::Uuid;

use super::draft::{Draft, Outcome, Person, Piece, Reach};
use super::home::posted;
use super::{Desk, contact, failure, opening};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::SignedIn;
use crate::patient::questions::{Fields, QUESTIONS, Question, Wrong};
use crate::services::{CodeError, CodePurpose};
use crate::shell::Shell;

/// Fields of the second page that come back with it.
pub(super) const FIELDS: [&str; 11] = [
    "information",
    "accord",
    "rep_nom",
    "rep_prenom",
    "rep_lien",
    "urgence_choix",
    "remboursements",
    "avis",
    "joindre",
    "sans",
    "code",
];

/// Value and words of the one question about emergencies: SAMU, any other professional.
pub(super) const EMERGENCY: [(&str, &str); 4] = [
    ("tous", "Le Samu et les soignants peuvent lire"),
    ("samu", "Le Samu seulement"),
    ("soignants", "Les soignants, sans le Samu"),
    ("personne", "Personne : opposition complète"),
];

/// Questions that may be left for later.
const LATER: [&str; 2] = ["remboursements", "avis"];

#[derive(Template)]
#[template(path = "desk/personne.html")]
struct Choosing {
    shell: Shell,
    csrf: String,
    action: String,
    from_card: bool,
    people: Vec<Shown>,
    elapsed: u32,
}

/// A person, as compared with the document.
struct Shown {
    index: usize,
    name: String,
    given: String,
    birth_name: String,
    born: String,
    age: String,
    sex: &'static str,
    ins: String,
    pieces: Vec<Piece>,
}

#[derive(Template)]
#[template(path = "desk/ouvrir.html")]
struct Answers {
    shell: Shell,
    csrf: String,
    action: String,
    person: Shown,
    piece: &'static str,
    closed: bool,
    is_minor: bool,
    /// Who of the card may agree for a minor: value and words.
    adults: Vec<(String, String)>,
    fields: Fields,
    errors: Vec<Wrong>,
    /// Where the code went.
    sent_to: String,
    elapsed: u32,
}

impl Answers {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(known, _)| *known == field).map(|(_, says)| *says)
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.fields.get(field) == value
    }

    fn later(&self) -> impl Iterator<Item = &'static Question> {
        QUESTIONS.iter().filter(|question| LATER.contains(&question.field))
    }

    /// Without an address nobody asks for letters here.
    fn offers(&self, value: &str) -> bool {
        value != "courrier"
    }
}

impl Shown {
    fn of(portal: &Portal, index: usize, person: &Person) -> Shown {
        let minor = person.is_minor(portal);
        let fits = |piece: &Piece| minor || *piece != Piece::FamilyBook;
        Shown {
            index,
            name: person.name(),
            given: person.traits.given_names.clone(),
            birth_name: person.traits.birth_name.clone(),
            born: french::birth_date(&person.traits.birth_date),
            age: french::age(&person.traits.birth_date, portal.store.now()),
            sex: match person.traits.sex {
                Sex::Female => "Féminin",
                Sex::Male => "Masculin",
                Sex::Undetermined => "Non connu",
            },
            ins: french::grouped_ins(&person.ins),
            pieces: Piece::ALL.into_iter().filter(fits).collect(),
        }
    }
}

/// `GET /guichet/ouvrir/{draft}`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(text): Path<String>,
) -> Response<Body> {
    match entered(&portal, viewer.clone(), &text) {
        Ok((_, draft)) if draft.outcome.is_some() => {
            answer::see_other(&format!("/guichet/ouvrir/{text}/fait"))
        }
        Ok((desk, draft)) => page(&portal, &desk, &draft, draft.fields(), Vec::new()),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

/// The desk and its draft.
pub(super) fn entered(
    portal: &Portal,
    viewer: Option<crate::Viewer>,
    text: &str,
) -> Result<(Desk, Draft), Failure> {
    let desk = Desk::of(portal, viewer)?;
    let draft = Draft::open(portal, &desk, text)?;
    Ok((desk, draft))
}

fn page(portal: &Portal, desk: &Desk, draft: &Draft, fields: Fields, errors: Vec<Wrong>) -> Response<Body> {
    let elapsed = draft.elapsed(portal.store.now());
    let action = draft.address(portal, desk);
    let Some((person, piece)) = draft.patient() else {
        let shown = |(index, person)| Shown::of(portal, index, person);
        let page = Choosing {
            shell: desk.shell(portal, "Qui est là ?", "/guichet"),
            csrf: desk.viewer.csrf.clone(),
            action,
            from_card: draft.from_card,
            people: draft.people.iter().enumerate().map(shown).collect(),
            elapsed,
        };
        return answer::page(StatusCode::OK, &page);
    };
    let wrong = !errors.is_empty();
    let title = if wrong { "Erreur : ouvrir un dossier" } else { "Ouvrir un dossier" };
    let index = draft.chosen.map_or(0, |(index, _)| index);
    let page = Answers {
        shell: desk.shell(portal, title, "/guichet"),
        csrf: desk.viewer.csrf.clone(),
        action,
        person: Shown::of(portal, index, person),
        piece: piece.label(),
        closed: draft.closed,
        is_minor: person.is_minor(portal),
        adults: opening::adults(portal, draft),
        fields,
        errors,
        sent_to: draft.ticket.as_ref().map(|(_, reach)| contact::hidden(reach)).unwrap_or_default(),
        elapsed,
    };
    answer::page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// `POST /guichet/ouvrir/{draft}/personne`: who it is (`qui`), and the document seen, in one word (`0 cni`). The status of
/// that one dossier is asked, and the question is in its journal.
pub(super) async fn choose(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(text): Path<String>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response<Body> {
    let chosen = async {
        let (desk, mut draft) = entered(&portal, viewer.clone(), &text)?;
        let fields = posted(form, &desk).ok_or(Failure::Form)?;
        if draft.outcome.is_some() {
            return Ok(draft.address(&portal, &desk));
        }
        let chosen = fields.get("qui").split_once(' ').and_then(|(index, piece)| {
            Some((index.parse::<usize>().ok().filter(|i| *i < draft.people.len())?, Piece::parse(piece)?))
        });
        draft.choose(chosen.ok_or(Failure::Form)?);
        let Some((person, _)) = draft.patient() else { return Err(Failure::Form) };
        let target = Target::Patient(person.ins.clone());
        match portal.store.consult(&desk.viewer.actor, target, Query::Status, Uuid::new_v4()).await {
            Ok(answer) => match answer.view {
                View::Status(status) if status.active => draft.outcome = Some(Outcome::Exists),
                // Somebody else's number, or a slip in it: their dossier is not reopened by it.
                View::Status(_) if !is_theirs(&portal, person).await? => {
                    draft.outcome = Some(Outcome::Exists)
                }
                View::Status(_) => draft.closed = true,
                _ => return Err(Failure::Ours),
            },
            Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::UnknownPatient => {}
            Err(error) => return Err(failure(error)),
        }
        Ok(draft.address(&portal, &desk))
    };
    match chosen.await {
        Ok(address) => answer::see_other(&address),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

/// True when the dossier of this number is somebody's of that name, birth date and sex.
async fn is_theirs(portal: &Portal, person: &Person) -> Result<bool, Failure> {
    let known = portal.store.known_traits(&person.ins).await.map_err(failure)?;
    let (name, own) = (|traits: &Traits| folded(&traits.birth_name), &person.traits);
    Ok(known.is_some_and(|known| {
        name(&known) == name(own) && known.birth_date == own.birth_date && known.sex == own.sex
    }))
}

/// `POST /guichet/ouvrir/{draft}`: refuses, sends the code, or opens.
pub(super) async fn answer(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(text): Path<String>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response<Body> {
    match answered(&portal, viewer.clone(), &text, form).await {
        Ok(response) => response,
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

async fn answered(
    portal: &Portal,
    viewer: Option<crate::Viewer>,
    text: &str,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response<Body>, Failure> {
    let (desk, mut draft) = entered(portal, viewer, text)?;
    let fields = posted(form, &desk).ok_or(Failure::Form)?;
    if draft.outcome.is_some() || draft.patient().is_none() {
        return Ok(answer::see_other(&draft.address(portal, &desk)));
    }
    if fields.get("accord") == "non" {
        opening::refuse(portal, &desk, &mut draft).await?;
        return Ok(answer::see_other(&draft.address(portal, &desk)));
    }
    let mut errors = opening::wrong(portal, &draft, &fields);
    let reach = contact::read(fields.get("joindre"));
    if !errors.is_empty() {
        // The code that was typed is for later: it is not lost by a mistake elsewhere.
        return Ok(page(portal, &desk, &draft, fields, errors));
    }
    draft.answered(&fields, &FIELDS[..FIELDS.len() - 1]);
    match reach.filter(|_| !draft.closed) {
        None => draft.proved = None,
        Some(reach) => match draft.ticket.clone().filter(|(_, to)| *to == reach) {
            Some((ticket, _)) if !fields.get("code").is_empty() => {
                let typed: String = fields.get("code").chars().filter(|c| !c.is_whitespace()).collect();
                match portal.services.check_code(&ticket, &typed).await {
                    Ok(channel) if channel == reach.channel() => draft.proved = Some(reach),
                    Ok(_) => return Err(Failure::Form),
                    Err(error) => {
                        if error == CodeError::Over {
                            draft.ticket = None;
                        }
                        errors.push(("code", says(error)));
                        return Ok(page(portal, &desk, &draft, fields, errors));
                    }
                }
            }
            Some(_) => {
                errors.push(("code", "Le patient tape le code à 6 chiffres reçu."));
                return Ok(page(portal, &desk, &draft, fields, errors));
            }
            None => return send(portal, &desk, draft, reach, fields).await,
        },
    }
    opening::open(portal, &desk, &mut draft, &fields).await?;
    Ok(answer::see_other(&draft.address(portal, &desk)))
}

/// Sends the code, then the same page waits for it.
async fn send(
    portal: &Portal,
    desk: &Desk,
    mut draft: Draft,
    reach: Reach,
    fields: Fields,
) -> Result<Response<Body>, Failure> {
    match portal.services.send_code(reach.channel(), CodePurpose::Contact).await {
        Ok(ticket) => {
            draft.ticket = Some((ticket, reach));
            Ok(answer::see_other(&format!("{}#code", draft.address(portal, desk))))
        }
        Err(error) => Ok(page(portal, desk, &draft, fields, vec![("joindre", says(error))])),
    }
}

fn says(error: CodeError) -> &'static str {
    match error {
        CodeError::Wrong { tries_left: 1 } => "Ce n'est pas ce code. Il reste un essai.",
        CodeError::Wrong { .. } => "Ce n'est pas ce code. Le patient le tape de nouveau.",
        CodeError::Over => "Ce code ne sert plus. Validez pour en envoyer un autre.",
        CodeError::Wait { .. } => "Trop de codes demandés. Attendez une minute.",
        CodeError::NotSent => "Le message n'est pas parti. Vérifiez le numéro ou l'adresse.",
    }
}
