//! `/dossier/{reference}/urgence`: *bris de glace*, on a page of its own (ux.md 3.7): what will happen, a motive, a
//! typed reason, one button. It closes by itself after an hour.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use serde::Deserialize;
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::home::is_token;
use crate::open::SignedIn;
use crate::reference::{EMERGENCY_MINUTES, Reference, Way};
use crate::shell::Shell;
use crate::viewer::Viewer;

/// Fewest and most characters of the typed reason.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=200;

/// Motives: value posted, and words, which are journalled with what is typed.
const MOTIVES: [(&str, &str); 4] = [
    ("inconscient", "Le patient ne peut pas s'exprimer"),
    ("vital", "Sa vie est en danger"),
    ("grave", "Risque grave et immédiat pour sa santé"),
    ("autre", "Autre urgence"),
];

#[derive(Template)]
#[template(path = "emergency.html")]
struct Emergency {
    shell: Shell,
    address: String,
    csrf: String,
    motive: String,
    typed: String,
    errors: Vec<(&'static str, &'static str)>,
    minutes: u32,
}

impl Emergency {
    fn motives(&self) -> &'static [(&'static str, &'static str)] {
        &MOTIVES
    }

    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, says)| *says)
    }
}

/// The reference in normal mode of a professional; anybody else has no emergency to declare.
fn entry(
    portal: &Portal,
    viewer: Option<Viewer>,
    reference: &str,
) -> Result<(Viewer, Reference), Box<Response<Body>>> {
    let Some(viewer) = viewer else {
        return Err(Box::new(Failure::SignIn.page(portal, None)));
    };
    match portal.references.open(&viewer, reference) {
        Some(found) if viewer.is_professional() => Ok((viewer, found)),
        _ => Err(Box::new(Failure::UnknownAddress.page(portal, Some(&viewer)))),
    }
}

fn page(
    portal: &Portal,
    viewer: &Viewer,
    reference: &str,
    form: Declared,
    errors: Vec<(&'static str, &'static str)>,
) -> Response<Body> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = if errors.is_empty() { "Accès d'urgence" } else { "Erreur : accès d'urgence" };
    let page = Emergency {
        shell: Shell::new(portal, Some(viewer), title),
        address: format!("/dossier/{reference}"),
        csrf: viewer.csrf.clone(),
        motive: form.motif,
        typed: form.raison,
        errors,
        minutes: EMERGENCY_MINUTES,
    };
    answer::page(status, &page)
}

/// `GET`: asks for the reason.
pub(crate) async fn ask(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    match entry(&portal, viewer, &reference) {
        Ok((viewer, _)) => page(&portal, &viewer, &reference, Declared::default(), Vec::new()),
        Err(response) => *response,
    }
}

/// What is declared.
#[derive(Deserialize, Default)]
pub(crate) struct Declared {
    csrf: String,
    #[serde(default)]
    motif: String,
    #[serde(default)]
    raison: String,
}

/// `POST`: to the dossier, in *bris de glace*. The rules decide there; a refusal is journalled with its reason too.
pub(crate) async fn enter(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(reference): Path<String>,
    form: Result<Form<Declared>, FormRejection>,
) -> Response<Body> {
    let (viewer, found) = match entry(&portal, viewer, &reference) {
        Ok(entry) => entry,
        Err(response) => return *response,
    };
    let Ok(Form(form)) = form else {
        return Failure::Form.page(&portal, Some(&viewer));
    };
    if !is_token(&form.csrf, &viewer) {
        return Failure::Form.page(&portal, Some(&viewer));
    }
    let motive = MOTIVES.iter().find(|(value, _)| *value == form.motif);
    let typed = form.raison.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut errors = Vec::new();
    if motive.is_none() {
        errors.push(("motif", "Choisissez un motif."));
    }
    if typed.chars().count() < *REASON_CHARS.start() {
        errors.push(("raison", "Écrivez la raison en 10 caractères au moins."));
    } else if typed.chars().count() > *REASON_CHARS.end() {
        errors.push(("raison", "Écrivez la raison en 200 caractères au plus."));
    }
    let Some((_, motive)) = motive.filter(|_| errors.is_empty()) else {
        return page(&portal, &viewer, &reference, form, errors);
    };
    let way = Way::BrisDeGlace {
        reason: format!("{motive} : {typed}"),
        until: portal.store.now().plus_minutes(EMERGENCY_MINUTES),
    };
    let reference = portal.references.seal(&viewer, &Reference { ins: found.ins, way });
    answer::see_other(&format!("/dossier/{reference}"))
}
