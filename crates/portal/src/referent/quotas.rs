//! `/quotas`: colleagues whose quota is reached, and the hour that another person of the same structure gives them.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
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
use crate::rights::settle;
use crate::shell::Shell;
use crate::viewer::Viewer;

/// Shortest and longest reason, in characters.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=200;

#[derive(Template)]
#[template(path = "referent/quotas.html")]
struct Quotas {
    shell: Shell,
    csrf: String,
    colleagues: Vec<Colleague>,
    errors: Vec<(&'static str, &'static str)>,
    typed: String,
    chosen: String,
    done: bool,
}

impl Quotas {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(name, _)| *name == field).map(|(_, says)| *says)
    }
}

struct Colleague {
    id: String,
    name: String,
    since: String,
    until: String,
}

/// `?fait`: a limit was just lifted.
#[derive(Deserialize, Default)]
pub(super) struct Done {
    fait: Option<String>,
}

/// What a colleague posts.
#[derive(Deserialize, Default)]
pub(super) struct Lift {
    csrf: String,
    #[serde(default)]
    personne: String,
    #[serde(default)]
    raison: String,
}

/// `GET /quotas`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    done: Result<Query<Done>, QueryRejection>,
) -> Response<Body> {
    let shown = async {
        let viewer = colleague(viewer.as_ref())?;
        let done = done.is_ok_and(|Query(done)| done.fait.is_some());
        Ok(page(&portal, viewer, Vec::new(), Lift::default(), done))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST /quotas`
pub(super) async fn lift(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    form: Result<Form<Lift>, FormRejection>,
) -> Response<Body> {
    let shown = async {
        let viewer = colleague(viewer.as_ref())?;
        let Form(mut form) = form.map_err(|_| Failure::Form)?;
        if !is_token(&form.csrf, viewer) {
            return Err(Failure::Form);
        }
        form.raison = form.raison.split_whitespace().collect::<Vec<_>>().join(" ");
        let errors = mistakes(&form);
        if !errors.is_empty() {
            return Ok(page(&portal, viewer, errors, form, false));
        }
        portal.store.lift_quota(&viewer.actor, &form.personne, &form.raison).await.map_err(failure)?;
        Ok(answer::see_other("/quotas?fait=1"))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

fn mistakes(form: &Lift) -> Vec<(&'static str, &'static str)> {
    let mut errors = Vec::new();
    if form.personne.is_empty() {
        errors.push(("personne", "Choisissez la personne."));
    }
    if !REASON_CHARS.contains(&form.raison.chars().count()) {
        errors.push(("raison", "Écrivez pourquoi, de 10 à 200 caractères."));
    } else if form.raison.chars().any(char::is_control) {
        errors.push(("raison", "Ce texte contient des caractères que l'on ne peut pas garder."));
    }
    errors
}

/// Somebody who works in a structure; for anybody else this page is not there.
fn colleague(viewer: Option<&Viewer>) -> Result<&Viewer, Failure> {
    let viewer = viewer.ok_or(Failure::SignIn)?;
    match viewer.actor {
        Actor::Professional(_) | Actor::Employee(_) | Actor::Referent(_) => Ok(viewer),
        _ => Err(Failure::UnknownAddress),
    }
}

fn page(
    portal: &Portal,
    viewer: &Viewer,
    errors: Vec<(&'static str, &'static str)>,
    form: Lift,
    done: bool,
) -> Response<Body> {
    let wrong = !errors.is_empty();
    let title = if wrong { "Erreur : quotas" } else { "Quotas" };
    let colleagues = portal.store.exhausted(&viewer.actor).into_iter().map(|who| Colleague {
        name: who.name.map_or_else(|| who.id.clone(), |n| format!("{} {}", n.given, n.family.to_uppercase())),
        id: who.id,
        since: french::hour(who.since),
        until: french::hour(who.until),
    });
    let page = Quotas {
        shell: Shell::new(portal, Some(viewer), title).at("/quotas"),
        csrf: viewer.csrf.clone(),
        colleagues: colleagues.collect(),
        errors,
        typed: form.raison.chars().take(2 * REASON_CHARS.end()).collect(),
        chosen: form.personne,
        done,
    };
    answer::page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}
