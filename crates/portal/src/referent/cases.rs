//! `/referent`: what waits for an answer, the most pressing first, and what was answered; `/referent/{case}`: one of them.
//!
//! No document is ever read here. Each list is decided and journalled on every dossier it names.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Actor, AnswerCase, CaseKind, CaseOutcome, Command, Reason, Referent, Time};
use dmp_store::{ReferredCase, StoreError, Target};
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
use crate::rights::settle;
use crate::shell::Shell;
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
    /// Somebody answered before: theirs stays.
    too_late: bool,
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
pub(super) struct Posted {
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
    done: Result<Query<Done>, QueryRejection>,
) -> Response<Body> {
    let shown = async {
        let (viewer, referent) = referent(viewer.as_ref())?;
        let cases = portal.store.cases(&viewer.actor, Uuid::new_v4()).await.map_err(failure)?;
        let now = portal.store.now();
        let (answered, waiting): (Vec<Row>, Vec<Row>) =
            cases.iter().map(|case| row(case, now)).partition(|row| row.answer.is_some());
        let page = List {
            shell: shell(&portal, viewer, "Accès à examiner"),
            structure: referent.structure_name.clone().unwrap_or_default(),
            waiting,
            answered,
            done: done.is_ok_and(|Query(done)| done.fait.is_some()),
        };
        Ok(answer::page(StatusCode::OK, &page))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `GET /referent/{case}`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(case): Path<String>,
) -> Response<Body> {
    let shown = async {
        let (viewer, _) = referent(viewer.as_ref())?;
        let found = find(&portal, viewer, &case).await?;
        Ok(one(&portal, viewer, &found, Typed::default()))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST /referent/{case}`
pub(super) async fn answer(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(case): Path<String>,
    form: Result<Form<Posted>, FormRejection>,
) -> Response<Body> {
    let shown = async {
        let (viewer, _) = referent(viewer.as_ref())?;
        let Form(form) = form.map_err(|_| Failure::Form)?;
        if !is_token(&form.csrf, viewer) {
            return Err(Failure::Form);
        }
        let found = find(&portal, viewer, &case).await?;
        let (outcome, text) = match read(form) {
            Ok(read) => read,
            Err(typed) => return Ok(one(&portal, viewer, &found, typed)),
        };
        let command = Command::AnswerCase(Box::new(AnswerCase { id: found.case.id, outcome, text }));
        let target = Target::Dossier(found.dossier);
        match portal.store.execute(&viewer.actor, target, command, Vec::new(), Uuid::new_v4()).await {
            Ok(_) => Ok(answer::see_other("/referent?fait=1")),
            Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::CaseAnswered => {
                let found = find(&portal, viewer, &case).await?;
                Ok(one(&portal, viewer, &found, Typed { too_late: true, ..Typed::default() }))
            }
            Err(error) => Err(failure(error)),
        }
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// The conclusion and the text, or what is wrong with them.
fn read(form: Posted) -> Result<(CaseOutcome, String), Typed> {
    let text = form.reponse.split_whitespace().collect::<Vec<_>>().join(" ");
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
    } else if text.chars().any(char::is_control) {
        errors.push(("reponse", "Ce texte contient des caractères que l'on ne peut pas garder."));
    }
    match outcome.filter(|_| errors.is_empty()) {
        Some(outcome) => Ok((outcome, text)),
        None => {
            let typed = text.chars().take(2 * ANSWER_CHARS.end()).collect();
            Err(Typed { errors, outcome: form.conclusion, typed, too_late: false })
        }
    }
}

/// The référent who is signed in; for anybody else these pages are not there.
fn referent(viewer: Option<&Viewer>) -> Result<(&Viewer, &Referent), Failure> {
    let viewer = viewer.ok_or(Failure::SignIn)?;
    match &viewer.actor {
        Actor::Referent(referent) => Ok((viewer, referent)),
        _ => Err(Failure::UnknownAddress),
    }
}

async fn find(portal: &Portal, viewer: &Viewer, case: &str) -> Result<ReferredCase, Failure> {
    let id = Uuid::parse_str(case).map_err(|_| Failure::UnknownAddress)?;
    let cases = portal.store.cases(&viewer.actor, Uuid::new_v4()).await.map_err(failure)?;
    cases.into_iter().find(|found| found.case.id == id).ok_or(Failure::UnknownAddress)
}

/// What was posted, and what is wrong with it; nothing when the page is first shown.
#[derive(Default)]
struct Typed {
    errors: Vec<(&'static str, &'static str)>,
    outcome: String,
    typed: String,
    too_late: bool,
}

fn one(portal: &Portal, viewer: &Viewer, found: &ReferredCase, typed: Typed) -> Response<Body> {
    let Typed { errors, outcome, typed, too_late } = typed;
    let wrong = !errors.is_empty();
    let title = if wrong { "Erreur : examiner un accès" } else { "Examiner un accès" };
    let status = match (wrong, too_late) {
        (true, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (_, true) => StatusCode::CONFLICT,
        _ => StatusCode::OK,
    };
    let page = One {
        shell: shell(portal, viewer, title),
        csrf: viewer.csrf.clone(),
        row: row(found, portal.store.now()),
        errors,
        outcome,
        typed,
        too_late,
    };
    answer::page(status, &page)
}

fn shell(portal: &Portal, viewer: &Viewer, title: &str) -> Shell {
    Shell::new(portal, Some(viewer), title).at("/referent")
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
        1..72 => count(hours, "heure", "heures"),
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
            (71, "encore 71 heures"),
            (-30, "en retard de 30 heures"),
            (-72, "en retard de 3 jours"),
        ] {
            assert_eq!(left(hours * HOUR_MS + i64::from(hours == 0)), words);
        }
    }
}
