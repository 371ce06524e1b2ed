//! `/dossier/{reference}/droits/equipe`: the initial consent to a care team, and its withdrawal (Conseil d'État 15/10/2025).

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Basis, Command, ConsentProof, Grantee, RightsView};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

use super::form::{Fields, Posted, Wrong};
use super::known::{self, Known, Standing};
use super::{Shown, own, receipt, settle};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::people::{self, Reader};
use crate::shell::Shell;

/// Version of the text that is read on the page, kept with the consent.
const TEXT: &str = "Accord à une équipe de soins, texte de novembre 2026";

#[derive(Template)]
#[template(path = "rights/equipe.html")]
struct Page {
    shell: Shell,
    address: String,
    csrf: String,
    candidates: Vec<Candidate>,
    /// Those chosen, while it is confirmed.
    team: Vec<Candidate>,
    errors: Vec<Wrong>,
    text: &'static str,
}

struct Candidate {
    key: String,
    name: String,
    detail: String,
    is_chosen: bool,
}

fn candidate(known: &Known, chosen: &[&str]) -> Candidate {
    let key = known.key();
    Candidate {
        name: known.name.clone(),
        detail: people::joined(&[known.role(), known.how.clone()]),
        is_chosen: chosen.contains(&key.as_str()),
        key,
    }
}

/// `GET`: who is of the team.
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let known = known::everybody(&open).await?;
        Ok(page(open, &known, &[], Vec::new(), false))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST`: says what the consent opens, then keeps it.
pub(super) async fn record(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        chosen(open, &fields).await
    };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn chosen(open: Open, fields: &Fields) -> Shown {
    let keys: Vec<&str> = fields.all("membre").collect();
    if fields.get("confirme") == "oui" {
        open.step_up(&format!("{}/droits/equipe", open.address), fields.repeated())?;
    }
    let known = known::everybody(&open).await?;
    let team: Vec<Grantee> = known
        .iter()
        .filter(|k| may_join(k, &open) && keys.contains(&k.key().as_str()))
        .map(|k| k.who.clone())
        .collect();
    if team.is_empty() {
        let errors = vec![("membre", "Choisissez au moins une personne.")];
        return Ok(page(open, &known, &keys, errors, false));
    }
    if fields.get("confirme") != "oui" {
        return Ok(page(open, &known, &keys, Vec::new(), true));
    }
    let by = match open.reader {
        Reader::Representative => "Le représentant légal, par internet",
        _ => "Le patient, par internet",
    };
    let proof = ConsentProof {
        collected_by: by.to_owned(),
        means: "Formulaire de la page « Qui peut voir mon dossier »".to_owned(),
        at: open.now,
        information: Some(TEXT.to_owned()),
    };
    receipt::execute(&open, Command::RecordInitialConsent { team, proof }, "/droits?deja=1").await
}

fn may_join(known: &Known, open: &Open) -> bool {
    !matches!(known.standing(open.now), Standing::Blocked { .. })
}

fn page(
    open: Open,
    known: &[Known],
    keys: &[&str],
    errors: Vec<Wrong>,
    is_confirmed: bool,
) -> Response<Body> {
    let candidates: Vec<Candidate> =
        known.iter().filter(|k| may_join(k, &open)).map(|k| candidate(k, keys)).collect();
    let (team, candidates) = match is_confirmed {
        true => (candidates.into_iter().filter(|c| c.is_chosen).collect(), Vec::new()),
        false => (Vec::new(), candidates),
    };
    let heading = "Donner mon accord à une équipe";
    let title = if errors.is_empty() { heading.to_owned() } else { format!("Erreur : {heading}") };
    let page = Page {
        shell: open.shell(&title, Part::Rights),
        csrf: open.viewer.csrf.clone(),
        address: open.address,
        text: TEXT,
        candidates,
        team,
        errors,
    };
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    answer::page(status, &page)
}

#[derive(Template)]
#[template(path = "rights/retrait.html")]
struct Withdraw {
    shell: Shell,
    address: String,
    csrf: String,
    id: String,
    since: String,
    team: String,
    /// Whose authorisation rests on it.
    ending: Vec<String>,
}

/// Which consent.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    #[serde(default)]
    id: String,
}

/// `GET`: what withdrawing changes.
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
        let rights = known::rights(&open).await?;
        let known = known::everybody(&open).await?;
        ask_about(open, &rights, &known, &wanted.id)
    };
    settle(shown.await, &portal, viewer.as_ref())
}

fn ask_about(open: Open, rights: &RightsView, known: &[Known], id: &str) -> Shown {
    let consent = Uuid::try_parse(id)
        .ok()
        .and_then(|id| rights.initial_consents.iter().find(|c| c.id == id && c.withdrawn.is_none()))
        .ok_or(Failure::UnknownAddress)?;
    let rests = |k: &&Known| matches!(k.standing(open.now), Standing::Authorised { basis: Basis::InitialConsent(on), .. } if on == consent.id);
    let name = |who: &Grantee| {
        known.iter().find(|k| k.who == *who).map_or_else(|| people::grantee(who, None), |k| k.name.clone())
    };
    let page = Withdraw {
        shell: open.shell("Arrêter cet accord", Part::Rights),
        csrf: open.viewer.csrf.clone(),
        id: consent.id.to_string(),
        since: french::day(consent.since),
        team: consent.team.iter().map(name).collect::<Vec<_>>().join(", "),
        ending: known.iter().filter(rests).map(|k| k.name.clone()).collect(),
        address: open.address,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// `POST`: withdraws.
pub(super) async fn withdraw(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        let id = Uuid::try_parse(fields.get("id")).map_err(|_| Failure::Form)?;
        open.step_up(&format!("{}/droits/equipe/retrait", open.address), fields.repeated())?;
        receipt::execute(&open, Command::WithdrawInitialConsent { id }, "/droits?deja=1").await
    };
    settle(shown.await, &portal, viewer.as_ref())
}
