//! `/dossier/{reference}/fermer`, `…/rouvrir`, `…/copie`, `…/destruction`: the end of a dossier, and what an account still
//! offers once it is closed (CSP L.1111-18: ten years).

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{ClosureReason, Command, ConsentProof, Contact, Query, StatusView, View};
use serde::Deserialize;
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::people::Reader;
use crate::rights::form::{Fields, Posted};
use crate::rights::{Shown, own, receipt, settle};
use crate::services::MessageKind;
use crate::shell::Shell;

/// Longest reason of a closing.
const REASON_CHARS_MAX: usize = 500;
/// Version of the text that is read before reopening, kept with the consent.
const REOPENING_TEXT: &str = "Réouverture du dossier, texte de novembre 2026";

#[derive(Template)]
#[template(path = "health/fermer.html")]
struct Close {
    shell: Shell,
    address: String,
    csrf: String,
    typed: String,
    error: Option<&'static str>,
    is_own: bool,
}

#[derive(Template)]
#[template(path = "health/rouvrir.html")]
struct Reopen {
    shell: Shell,
    address: String,
    csrf: String,
    closed: String,
    reason: Option<String>,
    done: Option<&'static str>,
    error: Option<&'static str>,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "health/demande.html")]
struct Request {
    shell: Shell,
    address: String,
    csrf: String,
    is_copy: bool,
    is_active: bool,
}

/// What was just done, for a closed dossier: its journal is read by nobody any more.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    #[serde(default)]
    fait: String,
}

async fn status(open: &Open) -> Result<StatusView, Failure> {
    match open.consult(Query::Status).await?.view {
        View::Status(view) => Ok(*view),
        _ => Err(Failure::Ours),
    }
}

/// Around a page; a closed dossier has no other.
fn shell(open: &Open, title: &str, is_active: bool) -> Shell {
    let mut shell = open.shell(title, Part::Health);
    if !is_active {
        shell.places.clear();
    }
    shell
}

fn reopening(open: &Open) -> Response<Body> {
    answer::see_other(&format!("{}/rouvrir", open.address))
}

/// `GET …/fermer`: what closing changes.
pub(super) async fn ask_close(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        match status(&open).await?.active {
            true => Ok(close_page(open, String::new(), None)),
            false => Ok(reopening(&open)),
        }
    };
    settle(shown.await, &portal, viewer.as_ref())
}

fn close_page(open: Open, typed: String, error: Option<&'static str>) -> Response<Body> {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = if error.is_some() { "Erreur : fermer le dossier" } else { "Fermer le dossier" };
    let page = Close {
        shell: shell(&open, title, true),
        csrf: open.viewer.csrf.clone(),
        is_own: open.reader == Reader::Patient,
        address: open.address,
        typed,
        error,
    };
    answer::page(status, &page)
}

/// `POST …/fermer`: closes.
pub(super) async fn close(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        let reason = fields.get("raison").replace("\r\n", "\n");
        let reason = reason.trim();
        let error = match () {
            () if reason.chars().count() > REASON_CHARS_MAX => Some("Écrivez 500 caractères au plus."),
            () if reason.chars().any(|c| c.is_control() && c != '\n') => {
                Some("Ce texte contient des caractères que l'on ne peut pas garder.")
            }
            () => None,
        };
        if error.is_some() {
            let typed = reason.chars().take(2 * REASON_CHARS_MAX).collect();
            return Ok(close_page(open, typed, error));
        }
        open.step_up(&format!("{}/fermer", open.address), fields.repeated())?;
        let contact = contact(&open).await;
        let command = Command::Close {
            reason: ClosureReason::PatientRequest,
            text: (!reason.is_empty()).then(|| reason.to_owned()),
            deceased: None,
        };
        open.execute(command, Vec::new()).await?;
        if let Some(contact) = contact {
            open.portal.services.tell(&contact, MessageKind::Closed).await;
        }
        Ok(answer::see_other(&format!("{}/rouvrir?fait=fermeture", open.address)))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn contact(open: &Open) -> Option<Contact> {
    match open.consult_part(Query::Administrative).await?.view {
        View::Administrative(view) => Some(view.contact),
        _ => None,
    }
}

/// `GET …/rouvrir`: all that a closed dossier offers.
pub(super) async fn ask_reopen(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let done = match wanted.fait.as_str() {
            "fermeture" => Some("Votre dossier est fermé."),
            "copie" => Some("Votre demande de copie est notée."),
            "destruction" => Some("Votre demande de destruction est notée."),
            _ => None,
        };
        reopen_page(open, done, None).await
    };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn reopen_page(open: Open, done: Option<&'static str>, error: Option<&'static str>) -> Shown {
    let Some((at, _, reason)) = status(&open).await?.closed else {
        return Ok(answer::see_other(&open.address));
    };
    let title = if error.is_some() { "Erreur : dossier fermé" } else { "Votre dossier est fermé" };
    let page = Reopen {
        shell: shell(&open, title, false),
        csrf: open.viewer.csrf.clone(),
        address: open.address,
        closed: french::day_and_hour(at),
        text: REOPENING_TEXT,
        reason,
        done,
        error,
    };
    let status = if page.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(answer::page(status, &page))
}

/// `POST …/rouvrir`: reopens, with the consent that is asked again.
pub(super) async fn reopen(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        if fields.get("accord") != "oui" {
            return reopen_page(open, None, Some("Cochez la case pour rouvrir votre dossier.")).await;
        }
        open.step_up(&format!("{}/rouvrir", open.address), fields.repeated())?;
        let by = match open.reader {
            Reader::Representative => "Le représentant légal, par internet",
            _ => "Le patient, par internet",
        };
        let consent = ConsentProof {
            collected_by: by.to_owned(),
            means: "Formulaire de la page « Votre dossier est fermé »".to_owned(),
            at: open.now,
            information: Some(REOPENING_TEXT.to_owned()),
        };
        match open.execute(Command::Reactivate { consent: Some(consent) }, Vec::new()).await? {
            dmp_dossier::Receipt::AlreadyDone => Ok(answer::see_other(&open.address)),
            _ => Ok(answer::see_other(&receipt::address(&open))),
        }
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `GET …/copie`
pub(super) async fn ask_copy(
    state: State<Arc<Portal>>,
    signed_in: SignedIn,
    reference: Path<String>,
) -> Response<Body> {
    ask(state, signed_in, reference, true).await
}

/// `GET …/destruction`
pub(super) async fn ask_destruction(
    state: State<Arc<Portal>>,
    signed_in: SignedIn,
    reference: Path<String>,
) -> Response<Body> {
    ask(state, signed_in, reference, false).await
}

async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    is_copy: bool,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let is_active = status(&open).await?.active;
        let title = if is_copy { "Demander une copie" } else { "Demander la destruction" };
        let page = Request {
            shell: shell(&open, title, is_active),
            csrf: open.viewer.csrf.clone(),
            address: open.address,
            is_copy,
            is_active,
        };
        Ok(answer::page(StatusCode::OK, &page))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST …/copie`
pub(super) async fn copy(
    state: State<Arc<Portal>>,
    signed_in: SignedIn,
    reference: Path<String>,
    posted: Posted,
) -> Response<Body> {
    request(state, signed_in, reference, posted, true).await
}

/// `POST …/destruction`
pub(super) async fn destruction(
    state: State<Arc<Portal>>,
    signed_in: SignedIn,
    reference: Path<String>,
    posted: Posted,
) -> Response<Body> {
    request(state, signed_in, reference, posted, false).await
}

async fn request(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
    is_copy: bool,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        let word = if is_copy { "copie" } else { "destruction" };
        open.step_up(&format!("{}/{word}", open.address), fields.repeated())?;
        let command = if is_copy { Command::RequestCopy } else { Command::RequestDestruction };
        let is_active = status(&open).await?.active;
        open.execute(command, Vec::new()).await?;
        Ok(match is_active {
            true => answer::see_other(&receipt::address(&open)),
            false => answer::see_other(&format!("{}/rouvrir?fait={word}", open.address)),
        })
    };
    settle(shown.await, &portal, viewer.as_ref())
}
