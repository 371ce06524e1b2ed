//! `/dossier/{reference}/acces/signaler`: *ce n'est pas normal*, about a line of the journal; the référent of the place
//! answers (ux.md C14).

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{
    ActorKind, ActorTrace, Case, CaseKind, CaseOutcome, Command, JournalFilter, Query, ReportAccess, Time,
};
use dmp_store::Line;
use serde::Deserialize;
use std::sync::Arc;

use super::form::{Fields, Posted};
use super::known::trace_key;
use super::{own, receipt, settle};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::people::{self, Reader};
use crate::shell::Shell;
use crate::visits;

/// Longest report (the rule's own limit).
const TEXT_CHARS_MAX: usize = 1000;

#[derive(Template)]
#[template(path = "rights/signaler.html")]
struct Page {
    shell: Shell,
    address: String,
    csrf: String,
    when: i64,
    key: String,
    facts: Vec<(&'static str, String)>,
    typed: String,
    error: Option<&'static str>,
}

/// Which line.
#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    #[serde(default)]
    quand: i64,
    #[serde(default)]
    qui: String,
}

/// Where a line is reported: a time and a word for who, nothing that tells how many lines there are.
pub(crate) fn address(dossier: &str, trace: &ActorTrace, at: Time) -> String {
    format!("{dossier}/acces/signaler?quand={}&qui={}", at.millis(), trace_key(trace))
}

/// True for whom somebody may report: not oneself, not the patient, not a machine of ours.
pub(crate) fn may_report(trace: &ActorTrace, reader: Reader) -> bool {
    match trace.kind {
        ActorKind::Professional | ActorKind::Employee | ActorKind::Structure | ActorKind::ReceptionAgent => {
            true
        }
        ActorKind::Representative => reader == Reader::Patient,
        _ => false,
    }
}

/// `GET`: what is reported, and to whom.
pub(super) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let line = line(&open, wanted.quand, &wanted.qui).await?;
        Ok(page(open, &line, &wanted.qui, String::new(), None))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST`: reports.
pub(super) async fn send(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        let when = fields.get("quand").parse().map_err(|_| Failure::Form)?;
        let key = fields.get("qui").to_owned();
        let line = line(&open, when, &key).await?;
        let text = fields.get("texte").replace("\r\n", "\n");
        let error = match () {
            () if text.chars().count() > TEXT_CHARS_MAX => Some("Écrivez 1 000 caractères au plus."),
            () if text.chars().any(|c| c.is_control() && c != '\n') => {
                Some("Ce texte contient des caractères que l'on ne peut pas garder.")
            }
            () => None,
        };
        if error.is_some() {
            let typed = text.chars().take(2 * TEXT_CHARS_MAX).collect();
            return Ok(page(open, &line, &key, typed, error));
        }
        let report = ReportAccess { who: line.entry.actor.clone(), occurred: line.entry.at, text };
        let done = open.execute(Command::ReportAccess(Box::new(report)), Vec::new()).await?;
        let next = match done {
            dmp_dossier::Receipt::AlreadyDone => format!("{}/acces", open.address),
            _ => receipt::address(&open),
        };
        Ok(answer::see_other(&next))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// The line of that time and person, when the reader has it.
async fn line(open: &Open, when: i64, key: &str) -> Result<Line, Failure> {
    if !(0..i64::MAX / 2).contains(&when) {
        return Err(Failure::UnknownAddress);
    }
    let filter = JournalFilter {
        from: Some(Time::from_millis(when)),
        to: Some(Time::from_millis(when + 1)),
        ..JournalFilter::default()
    };
    let answer = open.consult(Query::Journal(filter)).await?;
    let is_it = |l: &Line| trace_key(&l.entry.actor) == key && may_report(&l.entry.actor, open.reader);
    answer.lines.into_iter().find(is_it).ok_or(Failure::UnknownAddress)
}

fn page(open: Open, line: &Line, key: &str, typed: String, error: Option<&'static str>) -> Response<Body> {
    let (who, role) = people::actor(&line.entry.actor, open.reader);
    let mut facts = vec![
        ("Qui", people::joined(&[who, role])),
        ("Quand", french::day_and_hour(line.entry.at)),
        ("Action", visits::said(line.entry.act, &line.entry.actor, open.reader)),
    ];
    facts.extend(line.reason.clone().map(|reason| ("Motif écrit", reason)));
    let title = if error.is_some() { "Erreur : ce n'est pas normal" } else { "Ce n'est pas normal" };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page {
        shell: open.shell(title, Part::Journal),
        csrf: open.viewer.csrf.clone(),
        when: line.entry.at.millis(),
        key: key.to_owned(),
        address: open.address,
        facts,
        typed,
        error,
    };
    answer::page(status, &page)
}

/// The state of the case of an access, in words.
pub(crate) struct Followed {
    pub(crate) says: String,
    /// What the référent concluded, and wrote.
    pub(crate) answer: Option<(&'static str, String)>,
}

/// The cases of the lines of one visit.
pub(crate) fn followed(cases: &[Case], lines: &[&Line]) -> Vec<Followed> {
    let is_of = |case: &&Case| {
        lines.iter().any(|l| {
            let (who, about) = (&l.entry.actor, &case.who);
            (who.kind, &who.id, who.mode) == (about.kind, &about.id, about.mode)
                && l.entry.at == case.occurred
        })
    };
    let told = |case: &Case| {
        let opened = match case.kind {
            CaseKind::Reported => format!("Signalé le {}", french::day(case.opened)),
            CaseKind::BrisDeGlace => "Accès d'urgence examiné par l'établissement".to_owned(),
        };
        match &case.answer {
            None => Followed {
                says: format!("{opened}, réponse attendue le {} au plus tard", french::day(case.due)),
                answer: None,
            },
            Some(answer) => {
                let concluded = match answer.outcome {
                    CaseOutcome::Justified => "Accès justifié, selon l'établissement",
                    CaseOutcome::NotJustified => "Accès non justifié, selon l'établissement",
                };
                Followed {
                    says: format!("{opened}, réponse le {}", french::day(answer.at)),
                    answer: Some((concluded, answer.text.clone())),
                }
            }
        }
    };
    cases.iter().filter(is_of).map(told).collect()
}

/// The cases that the reader may know; none where they cannot be read.
pub(crate) async fn cases(open: &Open) -> Vec<Case> {
    match open.consult_part(Query::Cases).await.map(|answer| answer.view) {
        Some(dmp_dossier::View::Cases(cases)) => cases,
        _ => Vec::new(),
    }
}
