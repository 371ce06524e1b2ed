//! After an opening: the page that says so, the leaflet, the *accusé de création*, the sealed credentials.
//!
//! Credentials are drawn when they leave, on paper or in a message, and kept nowhere: a second sheet voids the first one.
//! They reach a patient with a channel of their own only; those of a child would make whoever holds them the child.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use dmp_dossier::{Command, ConsentProof, Reason, WebAccessDraft};
use dmp_paper::{Acknowledgement, PaperError, SealedCredentials};
use dmp_store::{StoreError, Target};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

use super::draft::{Draft, Outcome};
use super::home::posted;
use super::wizard::entered;
use super::{Desk, contact, failure, opening};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::SignedIn;
use crate::patient::questions;
use crate::services::Credentials;
use crate::shell::Shell;

const PDF: &str = "application/pdf";

#[derive(Template)]
#[template(path = "desk/fait.html")]
struct Done {
    shell: Shell,
    csrf: String,
    address: String,
    outcome: Outcome,
    name: String,
    duration: String,
    /// Where a code proved that the patient is reached; nothing when there is no access by internet to give.
    reached: Option<String>,
    is_minor: bool,
    sent: bool,
    not_sent: bool,
}

/// What the address may say after a message.
#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    codes: String,
}

/// `GET /guichet/ouvrir/{draft}/fait`
pub(super) async fn done(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(text): Path<String>,
    Query(after): Query<After>,
) -> Response<Body> {
    match entered(&portal, viewer.clone(), &text) {
        Ok((desk, draft)) => page(&portal, &desk, &draft, &after.codes),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

fn page(portal: &Portal, desk: &Desk, draft: &Draft, codes: &str) -> Response<Body> {
    let (Some(outcome), Some((person, _))) = (draft.outcome, draft.patient()) else {
        return answer::see_other(&draft.address(portal, desk));
    };
    let title = match outcome {
        Outcome::Opened => "Dossier ouvert",
        Outcome::Reopened => "Dossier rouvert",
        Outcome::Refused => "Refus enregistré",
        Outcome::Exists => "Un dossier existe déjà",
    };
    let is_minor = person.is_minor(portal);
    let page = Done {
        shell: desk.shell(portal, title, "/guichet"),
        csrf: desk.viewer.csrf.clone(),
        address: draft.address(portal, desk),
        outcome,
        name: person.name(),
        duration: duration(draft.seconds),
        reached: draft.proved.as_ref().filter(|_| !is_minor).map(contact::hidden),
        is_minor,
        sent: codes == "envoyes",
        not_sent: codes == "non",
    };
    answer::page(StatusCode::OK, &page)
}

/// `1 min 04 s`, `45 s`.
pub(super) fn duration(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (0, s) => format!("{s} s"),
        (m, s) => format!("{m} min {s:02} s"),
    }
}

/// `GET /guichet/depliant`
pub(super) async fn leaflet(State(portal): State<Arc<Portal>>, SignedIn(viewer): SignedIn) -> Response<Body> {
    match Desk::of(&portal, viewer.clone()) {
        Ok(desk) => print(&portal, &desk, dmp_paper::leaflet(), "depliant.pdf"),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

fn print(portal: &Portal, desk: &Desk, pdf: Result<Vec<u8>, PaperError>, name: &str) -> Response<Body> {
    match pdf {
        Ok(bytes) => answer::file(bytes, PDF, name),
        Err(error) => {
            tracing::error!(%error, "a paper of the desk is not printed");
            Failure::Ours.page(portal, Some(&desk.viewer))
        }
    }
}

/// `GET /guichet/ouvrir/{draft}/accuse`
pub(super) async fn acknowledgement(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(text): Path<String>,
) -> Response<Body> {
    let (desk, draft) = match entered(&portal, viewer.clone(), &text) {
        Ok(entered) => entered,
        Err(failure) => return failure.page(&portal, viewer.as_ref()),
    };
    let (Some(Outcome::Opened | Outcome::Reopened), Some((person, _))) = (draft.outcome, draft.patient())
    else {
        return answer::see_other(&draft.address(&portal, &desk));
    };
    let fields = draft.fields();
    let proof = ConsentProof {
        collected_by: desk.collected_by(),
        means: String::new(),
        at: draft.done_at(),
        information: None,
    };
    let done = Acknowledgement {
        patient: person.name(),
        born: french::birth_date(&person.traits.birth_date),
        at: french::day_and_hour(draft.done_at()),
        by: desk.collected_by(),
        channel: desk.place().to_owned(),
        representative: opening::agreed_by(&portal, &draft, &fields),
        choices: opening::told(&fields, draft.closed, &proof),
        text_version: questions::INFORMATION.to_owned(),
    };
    print(&portal, &desk, dmp_paper::acknowledgement(&done), "accuse-de-creation.pdf")
}

/// `POST /guichet/ouvrir/{draft}/codes`: new codes, on a sheet that the agent prints unread (`par` = `papier`), or to the
/// channel that the patient just proved (`message`).
pub(super) async fn credentials(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(text): Path<String>,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response<Body> {
    let leaving = async {
        let (desk, draft) = entered(&portal, viewer.clone(), &text)?;
        let fields = posted(form, &desk).ok_or(Failure::Form)?;
        let (Some(Outcome::Opened), Some((person, _)), Some(reach)) =
            (draft.outcome, draft.patient(), &draft.proved)
        else {
            return Err(Failure::Form);
        };
        if person.is_minor(&portal) {
            return Err(Failure::Form);
        }
        let credentials = draw(&portal, &desk, &draft).await?;
        if fields.get("par") == "message" {
            let sent = portal.services.send_credentials(&reach.channel(), &credentials).await;
            let codes = if sent.is_ok() { "envoyes" } else { "non" };
            return Ok(answer::see_other(&format!("{}/fait?codes={codes}", draft.address(&portal, &desk))));
        }
        let sealed = SealedCredentials {
            patient: person.name(),
            login: credentials.login,
            secret: credentials.secret,
            address: format!("{}/compte/activation", site(&headers)),
            date: french::day(portal.store.now()),
        };
        Ok(print(&portal, &desk, dmp_paper::sealed_credentials(&sealed), "a-ouvrir-par-le-patient.pdf"))
    };
    match leaving.await {
        Ok(response) => response,
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

/// Draws codes that open the access of the patient, or renew it.
async fn draw(portal: &Portal, desk: &Desk, draft: &Draft) -> Result<Credentials, Failure> {
    let ((person, _), reach) = draft.patient().zip(draft.proved.as_ref()).ok_or(Failure::Form)?;
    let target = || Target::Patient(person.ins.clone());
    let actor = &desk.viewer.actor;
    // A login that was somebody's is drawn again; three times in a row is a fault of ours.
    for _ in 0..3 {
        let credentials = portal.services.draw_credentials().await;
        let opening = Command::OpenWebAccess(Box::new(WebAccessDraft {
            login: credentials.login.clone(),
            secret_hash: credentials.secret_hash.clone(),
            channel: reach.channel(),
        }));
        let renewing = Command::RenewWebAccess {
            login: credentials.login.clone(),
            secret_hash: credentials.secret_hash.clone(),
        };
        let mut last = None;
        for command in [opening, renewing] {
            match portal.store.execute(actor, target(), command, Vec::new(), Uuid::new_v4()).await {
                Ok(_) => return Ok(credentials),
                Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::WebAccessExists => {}
                Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::LoginTaken => break,
                Err(error) => {
                    last = Some(error);
                    break;
                }
            }
        }
        if let Some(error) = last {
            return Err(failure(error));
        }
    }
    tracing::error!("three logins in a row were taken");
    Err(Failure::Ours)
}

/// `https://dmp.example.org`: the site as the agent's browser reaches it (the server refuses hosts that are not its own).
fn site(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = text(header::HOST);
    let origin = text(header::ORIGIN);
    match origin.split_once("://") {
        Some(("http" | "https", authority)) if authority == host && !host.is_empty() => origin.to_owned(),
        _ => format!("https://{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_the_host_that_was_reached_and_no_other() {
        for (origin, host, expected) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://dmp.example.org", "dmp.example.org", "https://dmp.example.org"),
            ("https://evil.example", "dmp.example.org", "https://dmp.example.org"),
            ("", "dmp.example.org", "https://dmp.example.org"),
            ("null", "dmp.example.org", "https://dmp.example.org"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            headers.insert(header::ORIGIN, origin.parse().unwrap());
            assert_eq!(site(&headers), expected, "{origin}");
        }
    }

    #[test]
    fn durations_are_short() {
        assert_eq!((duration(45), duration(64)), ("45 s".into(), "1 min 04 s".into()));
    }
}
