//! `/quotas`: colleagues whose quota is reached, and the hour that another person of the same structure gives them.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{Response, StatusCode};
use dmp_dossier::Actor;
use serde::Deserialize;
use std::sync::Arc;

use super::failure;
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::home::is_token;
use crate::open::SignedIn;
use crate::shell::{Place, Shell};
use crate::viewer::Viewer;

/// Shortest and longest reason, in characters.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=200;

#[derive(Template)]
#[template(path = "referent/quotas.html")]
struct Quotas {
    shell: Shell,
    csrf: String,
    colleagues: Vec<Colleague>,
    error: Option<&'static str>,
    typed: String,
    chosen: String,
    lifted_until: Option<String>,
}

struct Colleague {
    id: String,
    name: String,
    since: String,
}

/// What a colleague posts.
#[derive(Deserialize)]
pub(super) struct Lift {
    csrf: String,
    #[serde(default)]
    personne: String,
    #[serde(default)]
    raison: String,
}

/// `GET /quotas`
pub(super) async fn show(State(portal): State<Arc<Portal>>, SignedIn(viewer): SignedIn) -> Response<Body> {
    match colleague(viewer) {
        Ok(viewer) => page(&portal, &viewer, None, Lift::empty(), None),
        Err((failure, viewer)) => failure.page(&portal, viewer.as_ref()),
    }
}

/// `POST /quotas`
pub(super) async fn lift(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    form: Result<Form<Lift>, FormRejection>,
) -> Response<Body> {
    let viewer = match colleague(viewer) {
        Ok(viewer) => viewer,
        Err((failure, viewer)) => return failure.page(&portal, viewer.as_ref()),
    };
    let Ok(Form(form)) = form else { return Failure::Form.page(&portal, Some(&viewer)) };
    if !is_token(&form.csrf, &viewer) {
        return Failure::Form.page(&portal, Some(&viewer));
    }
    if form.personne.is_empty() {
        return page(&portal, &viewer, Some("Choisissez la personne."), form, None);
    }
    if !REASON_CHARS.contains(&form.raison.trim().chars().count()) {
        return page(&portal, &viewer, Some("Écrivez pourquoi, de 10 à 200 caractères."), form, None);
    }
    match portal.store.lift_quota(&viewer.actor, &form.personne, form.raison.trim()).await {
        Ok(until) => page(&portal, &viewer, None, Lift::empty(), Some(french::hour(until))),
        Err(error) => failure(error).page(&portal, Some(&viewer)),
    }
}

impl Lift {
    fn empty() -> Self {
        Lift { csrf: String::new(), personne: String::new(), raison: String::new() }
    }
}

/// Somebody who works in a structure.
fn colleague(viewer: Option<Viewer>) -> Result<Viewer, (Failure, Option<Viewer>)> {
    let Some(viewer) = viewer else { return Err((Failure::SignIn, None)) };
    match viewer.actor {
        Actor::Professional(_) | Actor::Employee(_) | Actor::Referent(_) => Ok(viewer),
        _ => Err((Failure::UnknownAddress, Some(viewer))),
    }
}

fn page(
    portal: &Portal,
    viewer: &Viewer,
    error: Option<&'static str>,
    form: Lift,
    lifted_until: Option<String>,
) -> Response<Body> {
    let title = if error.is_some() { "Erreur : quotas" } else { "Quotas" };
    let mut shell = Shell::new(portal, Some(viewer), title);
    if matches!(viewer.actor, Actor::Referent(_)) {
        let place = |href: &str, label, icon, current| Place { href: href.to_owned(), label, icon, current };
        shell.places = vec![
            place("/referent", "Accès à examiner", "eye", false),
            place("/quotas", "Quotas", "clock", true),
        ];
    }
    let colleagues = portal.store.exhausted(&viewer.actor).into_iter().map(|who| Colleague {
        name: who.name.map_or_else(|| who.id.clone(), |n| format!("{} {}", n.given, n.family.to_uppercase())),
        id: who.id,
        since: french::hour(who.since),
    });
    let page = Quotas {
        shell,
        csrf: viewer.csrf.clone(),
        colleagues: colleagues.collect(),
        error,
        typed: form.raison,
        chosen: form.personne,
        lifted_until,
    };
    answer::page(if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}
