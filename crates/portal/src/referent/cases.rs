//! `/referent`: what waits for an answer, the most pressing first, and what was answered; `/referent/{case}`: one of them.
//!
//! No document is ever read here. Each list is decided and journalled on every dossier it names.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Actor, AnswerCase, CaseKind, CaseOutcome, Command, Time};
use dmp_store::{ReferredCase, Target};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

use super::failure;
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::home::is_token;
use crate::open::SignedIn;
use crate::people::{self, Reader};
use crate::shell::{Place, Shell};
use crate::viewer::Viewer;

const HOUR_MS: i64 = 3_600_000;
/// Shortest and longest answer, in characters, as the rule wants them.
const ANSWER_CHARS: std::ops::RangeInclusive<usize> = 10..=2000;

#[derive(Template)]
#[template(path = "referent/liste.html")]
struct List {
    shell: Shell,
    structure: String,
    waiting: Vec<Row>,
    answered: Vec<Row>,
    done: bool,
}

#[derive(Template)]
#[template(path = "referent/examen.html")]
struct One {
    shell: Shell,
    csrf: String,
    row: Row,
    errors: Vec<(&'static str, &'static str)>,
    outcome: String,
    typed: String,
}

impl One {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(name, _)| *name == field).map(|(_, says)| *says)
    }
}

/// A case, in words.
struct Row {
    id: Uuid,
    is_emergency: bool,
    who: String,
    role: String,
    patient: String,
    born: String,
    occurred: String,
    reason: Option<String>,
    report: Option<String>,
    due: String,
    left: String,
    is_late: bool,
    answer: Option<Answered>,
}

struct Answered {
    by: String,
    on: String,
    is_justified: bool,
    text: String,
}

/// `?fait`: an answer was just written.
#[derive(Deserialize, Default)]
pub(super) struct Done {
    fait: Option<String>,
}

/// What a référent posts.
#[derive(Deserialize)]
pub(super) struct Form_ {
    csrf: String,
    #[serde(default)]
    conclusion: String,
    #[serde(default)]
    reponse: String,
}

/// `GET /referent`
pub(super) async fn list(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    done: Result<axum::extract::Query<Done>, axum::extract::rejection::QueryRejection>,
) -> Response<Body> {
    let viewer = match referent(viewer) {
        Ok(viewer) => viewer,
        Err((failure, viewer)) => return failure.page(&portal, viewer.as_ref()),
    };
    let cases = match portal.store.cases(&viewer.actor, Uuid::new_v4()).await {
        Ok(cases) => cases,
        Err(error) => return failure(error).page(&portal, Some(&viewer)),
    };
    let now = portal.store.now();
    let (answered, waiting): (Vec<Row>, Vec<Row>) =
        cases.iter().map(|case| row(case, now)).partition(|row| row.answer.is_some());
    let structure = match &viewer.actor {
        Actor::Referent(referent) => referent.structure_name.clone().unwrap_or_default(),
        _ => String::new(),
    };
    let done = done.is_ok_and(|axum::extract::Query(done)| done.fait.is_some());
    let page =
        List { shell: shell(&portal, &viewer, "Accès à examiner"), structure, waiting, answered, done };
    answer::page(StatusCode::OK, &page)
}

/// `GET /referent/{case}`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(case): Path<String>,
) -> Response<Body> {
    let viewer = match referent(viewer) {
        Ok(viewer) => viewer,
        Err((failure, viewer)) => return failure.page(&portal, viewer.as_ref()),
    };
    match find(&portal, &viewer, &case).await {
        Ok(found) => one(&portal, &viewer, &found, Vec::new(), String::new(), String::new()),
        Err(failure) => failure.page(&portal, Some(&viewer)),
    }
}

/// `POST /referent/{case}`
pub(super) async fn answer(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(case): Path<String>,
    form: Result<Form<Form_>, FormRejection>,
) -> Response<Body> {
    let viewer = match referent(viewer) {
        Ok(viewer) => viewer,
        Err((failure, viewer)) => return failure.page(&portal, viewer.as_ref()),
    };
    let Ok(Form(form)) = form else { return Failure::Form.page(&portal, Some(&viewer)) };
    if !is_token(&form.csrf, &viewer) {
        return Failure::Form.page(&portal, Some(&viewer));
    }
    let found = match find(&portal, &viewer, &case).await {
        Ok(found) => found,
        Err(failure) => return failure.page(&portal, Some(&viewer)),
    };
    let text: String = form.reponse.split_whitespace().collect::<Vec<_>>().join(" ");
    let outcome = match form.conclusion.as_str() {
        "justifie" => Some(CaseOutcome::Justified),
        "non-justifie" => Some(CaseOutcome::NotJustified),
        _ => None,
    };
    let mut errors = Vec::new();
    if outcome.is_none() {
        errors.push(("conclusion", "Dites si l'accès était justifié."));
    }
    if !ANSWER_CHARS.contains(&text.chars().count()) {
        errors.push(("reponse", "Écrivez une réponse au patient, de 10 à 2 000 caractères."));
    }
    let Some(outcome) = outcome.filter(|_| errors.is_empty()) else {
        return one(&portal, &viewer, &found, errors, form.conclusion, text);
    };
    let command = Command::AnswerCase(Box::new(AnswerCase { id: found.case.id, outcome, text }));
    let target = Target::Dossier(found.dossier);
    match portal.store.execute(&viewer.actor, target, command, Vec::new(), Uuid::new_v4()).await {
        Ok(_) => answer::see_other("/referent?fait=1"),
        Err(error) => failure(error).page(&portal, Some(&viewer)),
    }
}

/// The référent who is signed in.
fn referent(viewer: Option<Viewer>) -> Result<Viewer, (Failure, Option<Viewer>)> {
    match viewer {
        None => Err((Failure::SignIn, None)),
        Some(viewer) if matches!(viewer.actor, Actor::Referent(_)) => Ok(viewer),
        Some(viewer) => Err((Failure::UnknownAddress, Some(viewer))),
    }
}

async fn find(portal: &Portal, viewer: &Viewer, case: &str) -> Result<ReferredCase, Failure> {
    let id = Uuid::parse_str(case).map_err(|_| Failure::UnknownAddress)?;
    let cases = portal.store.cases(&viewer.actor, Uuid::new_v4()).await.map_err(failure)?;
    cases.into_iter().find(|found| found.case.id == id).ok_or(Failure::UnknownAddress)
}

fn one(
    portal: &Portal,
    viewer: &Viewer,
    found: &ReferredCase,
    errors: Vec<(&'static str, &'static str)>,
    outcome: String,
    typed: String,
) -> Response<Body> {
    let wrong = !errors.is_empty();
    let title = if wrong { "Erreur : examiner un accès" } else { "Examiner un accès" };
    let page = One {
        shell: shell(portal, viewer, title),
        csrf: viewer.csrf.clone(),
        row: row(found, portal.store.now()),
        errors,
        outcome,
        typed,
    };
    answer::page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

fn shell(portal: &Portal, viewer: &Viewer, title: &str) -> Shell {
    let mut shell = Shell::new(portal, Some(viewer), title);
    let place = |href: &str, label, icon, current| Place { href: href.to_owned(), label, icon, current };
    shell.places =
        vec![place("/referent", "Accès à examiner", "eye", true), place("/quotas", "Quotas", "clock", false)];
    shell
}

fn row(found: &ReferredCase, now: Time) -> Row {
    let case = &found.case;
    let (who, role) = people::actor(&case.who, Reader::Other);
    let traits = &found.identity.traits;
    let left_ms = case.due.millis() - now.millis();
    Row {
        id: case.id,
        is_emergency: case.kind == CaseKind::BrisDeGlace,
        who,
        role,
        patient: format!("{} {}", traits.birth_name.to_uppercase(), traits.first_given()),
        born: french::birth_date(&traits.birth_date),
        occurred: french::day_and_hour(case.occurred),
        reason: case.reason.clone(),
        report: case.report.clone().filter(|text| !text.is_empty()),
        due: french::day_and_hour(case.due),
        left: left(left_ms),
        is_late: left_ms < 0,
        answer: case.answer.as_ref().map(|answer| Answered {
            by: people::actor(&answer.by, Reader::Other).0,
            on: french::day(answer.at),
            is_justified: answer.outcome == CaseOutcome::Justified,
            text: answer.text.clone(),
        }),
    }
}

/// `encore 3 jours`, `encore 5 heures`, `en retard de 2 jours`.
fn left(left_ms: i64) -> String {
    let hours = left_ms.abs() / HOUR_MS;
    let count = |n: i64, one, many| french::count(usize::try_from(n).unwrap_or(0), one, many);
    let words = match hours {
        0 => "moins d'une heure".to_owned(),
        1..48 => count(hours, "heure", "heures"),
        _ => count(hours / 24, "jour", "jours"),
    };
    if left_ms < 0 { format!("en retard de {words}") } else { format!("encore {words}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_in_words() {
        for (hours, words) in [
            (72, "encore 3 jours"),
            (47, "encore 47 heures"),
            (1, "encore 1 heure"),
            (0, "encore moins d'une heure"),
            (-30, "en retard de 30 heures"),
            (-72, "en retard de 3 jours"),
        ] {
            assert_eq!(left(hours * HOUR_MS + i64::from(hours == 0)), words);
        }
    }
}
