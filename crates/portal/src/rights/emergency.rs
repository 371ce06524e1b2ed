//! `/dossier/{reference}/droits/urgence`: the three emergency switches, what they change, then the act.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Command, Emergency};
use std::sync::Arc;

use super::form::{Fields, Posted, Wrong};
use super::{Shown, known, overview, own, receipt, settle};
use crate::Portal;
use crate::answer;
use crate::open::{Open, Part, SignedIn};
use crate::shell::Shell;

/// Fields of the form, in the order of [`overview::settings`], with what each means.
const SWITCHES: [(&str, &str); 3] = [
    ("samu", "Le médecin du 15 lit votre dossier pendant l'appel."),
    ("soignant", "Il écrit pourquoi, et vous en êtes averti. L'accès se ferme après une heure."),
    ("masques", "Seulement dans ces urgences. Sinon, ils restent masqués."),
];

#[derive(Template)]
#[template(path = "rights/urgence.html")]
struct Page {
    shell: Shell,
    address: String,
    csrf: String,
    switches: Vec<Switch>,
    errors: Vec<Wrong>,
    /// What changes, once it was chosen; empty while it is asked.
    changes: Vec<String>,
    is_asked: bool,
}

struct Switch {
    field: &'static str,
    says: &'static str,
    means: &'static str,
    answer: Option<bool>,
    is_wrong: bool,
}

/// `GET`: the switches as they are.
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let now = known::rights(&open).await?.emergency;
        let answers = overview::settings(now).map(|(_, yes)| Some(yes));
        Ok(page(open, answers, Vec::new(), Vec::new()))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST`: says what changes, then does it.
pub(super) async fn set(
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
    let answers = SWITCHES.map(|(field, _)| match fields.get(field) {
        "oui" => Some(true),
        "non" => Some(false),
        _ => None,
    });
    let [Some(samu), Some(bris_de_glace), Some(masked_readable)] = answers else {
        let missing = SWITCHES.iter().zip(answers).filter(|(_, answer)| answer.is_none());
        let errors = missing.map(|((field, _), _)| (*field, "Choisissez oui ou non.")).collect();
        return Ok(page(open, answers, errors, Vec::new()));
    };
    let wanted = Emergency { bris_de_glace_opposed: !bris_de_glace, samu_opposed: !samu, masked_readable };
    if fields.get("confirme") == "oui" {
        open.step_up(&format!("{}/droits/urgence", open.address), fields.repeated())?;
        return receipt::execute(&open, Command::SetEmergency(wanted), "/droits?deja=1").await;
    }
    let now = overview::settings(known::rights(&open).await?.emergency);
    let then = overview::settings(wanted);
    let changes: Vec<String> = now
        .iter()
        .zip(then)
        .filter(|((_, before), (_, after))| before != after)
        .map(|(_, (says, after))| format!("{says} : {}, dès maintenant.", if after { "oui" } else { "non" }))
        .collect();
    if changes.is_empty() {
        return Ok(answer::see_other(&format!("{}/droits?deja=1", open.address)));
    }
    Ok(page(open, answers, Vec::new(), changes))
}

fn page(open: Open, answers: [Option<bool>; 3], errors: Vec<Wrong>, changes: Vec<String>) -> Response<Body> {
    let says = overview::settings(Emergency::default()).map(|(says, _)| says);
    let switches = SWITCHES.iter().zip(answers).zip(says).map(|(((field, means), answer), says)| Switch {
        is_wrong: errors.iter().any(|(f, _)| f == field),
        field,
        says,
        means,
        answer,
    });
    let title = if errors.is_empty() { "En cas d'urgence" } else { "Erreur : en cas d'urgence" };
    let page = Page {
        shell: open.shell(title, Part::Rights),
        csrf: open.viewer.csrf.clone(),
        switches: switches.collect(),
        is_asked: changes.is_empty(),
        address: open.address,
        errors,
        changes,
    };
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    answer::page(status, &page)
}
