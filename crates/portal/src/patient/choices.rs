//! `/dossier/{reference}/choix`: receipts of what was chosen; `/choix/revoir`: the questions asked again, with the people
//! authorised, each kept or stopped, at majority.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{
    Authorisation, ChoicesView, Command, ConsentProof, Grantee, Query, RightsView, Time, View,
};
use std::sync::Arc;

use super::done::{self, After};
use super::home::whose;
use super::opening::done::ALONE;
use super::opening::own::FIELDS_MAX;
use super::questions::{self, Fields, QUESTIONS, Question, Wrong};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::home::is_token;
use crate::open::{Open, Part, SignedIn};
use crate::people::{self, Reader};
use crate::shell::Shell;

/// What was chosen in one go, and how it was collected.
pub(crate) struct Receipt {
    /// Subject and answer.
    pub(crate) answers: Vec<(&'static str, String)>,
    pub(crate) day: String,
    pub(crate) collected_by: String,
    pub(crate) means: String,
    pub(crate) text: Option<String>,
}

/// Receipts, latest first.
pub(crate) fn receipts(view: &ChoicesView, reader: Reader) -> Vec<Receipt> {
    let mut told: Vec<(&ConsentProof, Receipt)> = Vec::new();
    let receipt = |proof: &ConsentProof| Receipt {
        answers: Vec::new(),
        day: french::day_and_hour(proof.at),
        collected_by: match (proof.collected_by.as_str(), reader) {
            (ALONE, Reader::Patient) => "vous-même".to_owned(),
            (ALONE, _) => "le patient lui-même".to_owned(),
            (other, _) => dmp_cda::visible::visible(other).into_owned(),
        },
        means: dmp_cda::visible::visible(&proof.means).into_owned(),
        text: proof.information.as_deref().map(|t| dmp_cda::visible::visible(t).into_owned()),
    };
    for choice in &view.choices {
        let answer = (questions::subject(choice.subject), choice.answer.clone());
        match told.iter_mut().find(|(proof, _)| **proof == choice.proof) {
            Some((_, known)) => known.answers.push(answer),
            None => told.push((&choice.proof, Receipt { answers: vec![answer], ..receipt(&choice.proof) })),
        }
    }
    for proof in &view.proofs {
        if !told.iter().any(|(known, _)| *known == proof) {
            let answers = vec![("Ouvrir un dossier", "Oui".to_owned())];
            told.push((proof, Receipt { answers, ..receipt(proof) }));
        }
    }
    told.sort_by_key(|(proof, _)| std::cmp::Reverse(proof.at));
    told.into_iter().map(|(_, receipt)| receipt).collect()
}

#[derive(Template)]
#[template(path = "patient/choices.html")]
struct Choices {
    shell: Shell,
    address: String,
    of: Option<String>,
    done: Option<&'static str>,
    due: bool,
    receipts: Vec<Receipt>,
}

/// `GET …/choix`
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    after: Result<Parameters<After>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let after = after.map(|Parameters(after)| after).unwrap_or_default();
    let page = async {
        let open = own(&portal, signed_in, &reference)?;
        let view = chosen(&open).await?;
        Ok(Choices {
            shell: open.shell("Mes choix", Part::Rights),
            of: whose(&open),
            done: done::sentence(after.fait.as_deref()),
            due: view.due,
            receipts: receipts(&view, open.reader),
            address: open.address,
        })
    };
    match page.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => Failure::page(failure, &portal, viewer.as_ref()),
    }
}

fn own(portal: &Arc<Portal>, signed_in: SignedIn, reference: &str) -> Result<Open, Failure> {
    let open = Open::new(portal, signed_in, reference)?;
    if open.is_own() { Ok(open) } else { Err(Failure::UnknownAddress) }
}

async fn chosen(open: &Open) -> Result<Box<ChoicesView>, Failure> {
    match open.consult(Query::Choices).await?.view {
        View::Choices(view) => Ok(view),
        _ => Err(Failure::Ours),
    }
}

async fn rights(open: &Open) -> Result<Box<RightsView>, Failure> {
    match open.consult(Query::Rights).await?.view {
        View::Rights(view) => Ok(view),
        _ => Err(Failure::Ours),
    }
}

#[derive(Template)]
#[template(path = "patient/ask_again.html")]
struct AskAgain {
    shell: Shell,
    address: String,
    csrf: String,
    due: bool,
    asked: Vec<&'static Question>,
    people: Vec<Authorised>,
    fields: Fields,
    errors: Vec<(String, &'static str)>,
}

impl AskAgain {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(f, _)| f == field).map(|(_, says)| *says)
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.fields.get(field) == value
    }
}

/// Somebody authorised, to be kept or stopped.
struct Authorised {
    who: Grantee,
    /// Name of the field.
    field: String,
    name: String,
    role: String,
    until: String,
}

/// What this page asks: at majority the people too; the médecin traitant only when there is none.
fn to_ask(view: &ChoicesView, rights: &RightsView, now: Time) -> (Vec<&'static Question>, Vec<Authorised>) {
    let has_doctor = rights.grants.iter().any(|(grant, _)| grant.medecin_traitant.is_some());
    let asked = QUESTIONS.iter().filter(|q| q.field != "medecin" || !has_doctor).collect();
    if !view.due {
        return (asked, Vec::new());
    }
    let valid = rights.grants.iter().filter(|(grant, _)| grant.at(now) == Authorisation::Valide);
    let people = valid.map(|(grant, label)| Authorised {
        who: grant.who.clone(),
        field: format!("p.{}", grant.who.id()),
        name: people::grantee(&grant.who, label.as_ref()),
        role: people::grantee_role(&grant.who, label.as_ref()),
        until: match (grant.medecin_traitant, grant.authorised) {
            (Some(_), _) => "médecin traitant".to_owned(),
            (None, Some((_, Some(until), _))) => format!("jusqu'au {}", french::day(until)),
            _ => String::new(),
        },
    });
    (asked, people.collect())
}

fn page(
    open: &Open,
    due: bool,
    asked: Vec<&'static Question>,
    people: Vec<Authorised>,
    fields: Fields,
    errors: Vec<(String, &'static str)>,
) -> Response<Body> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = if errors.is_empty() { "Refaire mes choix" } else { "Erreur : refaire mes choix" };
    let page = AskAgain {
        shell: open.shell(title, Part::Rights),
        address: open.address.clone(),
        csrf: open.viewer.csrf.clone(),
        due,
        asked,
        people,
        fields,
        errors,
    };
    answer::page(status, &page)
}

/// `GET …/choix/revoir`
pub(crate) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let (view, rights) = (chosen(&open).await?, rights(&open).await?);
        let (asked, people) = to_ask(&view, &rights, open.now);
        Ok(page(&open, view.due, asked, people, Fields::default(), Vec::new()))
    };
    match shown.await {
        Ok(response) => response,
        Err(failure) => Failure::page(failure, &portal, viewer.as_ref()),
    }
}

/// `POST …/choix/revoir`
pub(crate) async fn answer(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let done = async {
        let open = own(&portal, signed_in, &reference)?;
        let Form(fields) = form.map_err(|_| Failure::Form)?;
        let fields = Fields(fields);
        if fields.0.len() > FIELDS_MAX + 200 || !is_token(fields.get("csrf"), &open.viewer) {
            return Err(Failure::Form);
        }
        let (view, rights) = (chosen(&open).await?, rights(&open).await?);
        let (asked, people) = to_ask(&view, &rights, open.now);
        let wrong: Vec<Wrong> = questions::wrong(&fields, &asked);
        let mut errors: Vec<(String, &'static str)> =
            wrong.into_iter().map(|(field, says)| (field.to_owned(), says)).collect();
        for person in &people {
            if !matches!(fields.get(&person.field), "garder" | "arreter") {
                errors.push((person.field.clone(), "Choisissez pour chaque soignant."));
            }
        }
        if !errors.is_empty() {
            return Ok(page(&open, view.due, asked, people, fields, errors));
        }
        let replayed = fields.0.iter().filter(|(name, _)| name != "csrf").cloned().collect();
        open.step_up(&format!("{}/choix/revoir", open.address), replayed)?;
        keep(&open, &fields, &asked, &people).await?;
        Ok(answer::see_other(&format!("{}/choix?fait=choix", open.address)))
    };
    match done.await {
        Ok(response) => response,
        Err(failure) => Failure::page(failure, &portal, viewer.as_ref()),
    }
}

/// Sets what the answers say, and keeps them last: until then they are asked again.
async fn keep(
    open: &Open,
    fields: &Fields,
    asked: &[&'static Question],
    people: &[Authorised],
) -> Result<(), Failure> {
    for person in people.iter().filter(|p| fields.get(&p.field) == "arreter") {
        open.execute(Command::EndAuthorisation { who: person.who.clone() }, Vec::new()).await?;
    }
    open.execute(Command::SetEmergency(questions::emergency(fields)), Vec::new()).await?;
    open.execute(Command::SetNotices(questions::notices(fields)), Vec::new()).await?;
    if let Some(authorise) = questions::medecin_traitant(fields, asked) {
        open.execute(Command::Authorise(Box::new(authorise)), Vec::new()).await?;
    }
    let collected_by = match open.reader {
        Reader::Patient => ALONE.to_owned(),
        _ => format!("{}, représentant légal", open.viewer.name),
    };
    let choices = questions::choices(fields, asked, &questions::proof(collected_by, open.now));
    open.execute(Command::RecordChoices(choices), Vec::new()).await?;
    Ok(())
}
