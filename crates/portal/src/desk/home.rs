//! `/guichet`: the reader, the form for who has no card, today's openings.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{Response, StatusCode};
use std::sync::Arc;

use super::draft::{Draft, Person};
use super::{Desk, identity, statement};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::home::is_token;
use crate::open::SignedIn;
use crate::patient::questions::{Fields, Wrong};
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "desk/guichet.html")]
struct Home {
    shell: Shell,
    csrf: String,
    place: &'static str,
    organisation: String,
    /// Key and label of each card of the simulated reader.
    cards: Vec<(String, String)>,
    today: String,
    fields: Fields,
    errors: Vec<Wrong>,
}

impl Home {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(known, _)| *known == field).map(|(_, says)| *says)
    }
}

/// `GET /guichet`
pub(super) async fn show(State(portal): State<Arc<Portal>>, SignedIn(viewer): SignedIn) -> Response<Body> {
    let desk = match Desk::of(&portal, viewer.clone()) {
        Ok(desk) => desk,
        Err(failure) => return failure.page(&portal, viewer.as_ref()),
    };
    page(&portal, &desk, Fields::default(), Vec::new()).await
}

async fn page(portal: &Portal, desk: &Desk, fields: Fields, errors: Vec<Wrong>) -> Response<Body> {
    let today = match statement::opened_today(portal, desk).await {
        Ok(count) => french::count(count, "dossier ouvert aujourd'hui", "dossiers ouverts aujourd'hui"),
        Err(failure) => return failure.page(portal, Some(&desk.viewer)),
    };
    let wrong = !errors.is_empty();
    let title = if wrong { "Erreur : ouvrir un dossier" } else { "Ouvrir un dossier" };
    let page = Home {
        shell: desk.shell(portal, title, "/guichet"),
        csrf: desk.viewer.csrf.clone(),
        place: desk.place(),
        organisation: desk.organisation.clone(),
        cards: portal.services.cards().into_iter().map(|card| (card.key, card.label)).collect(),
        today,
        fields,
        errors,
    };
    answer::page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// `POST /guichet/ouvrir`: a card was read (`carte`), or number and traits were typed. The clock starts.
pub(super) async fn start(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response<Body> {
    let desk = match Desk::of(&portal, viewer.clone()) {
        Ok(desk) => desk,
        Err(failure) => return failure.page(&portal, viewer.as_ref()),
    };
    let Some(fields) = posted(form, &desk) else { return Failure::Form.page(&portal, Some(&desk.viewer)) };
    let now = portal.store.now();
    let key = fields.get("carte");
    if !key.is_empty() {
        let Some(card) = portal.services.card(key) else {
            let unread: Wrong = ("cartes", "La carte n'a pas été lue. Recommencez.");
            return page(&portal, &desk, fields, vec![unread]).await;
        };
        let people = card.beneficiaries.into_iter().map(|b| Person { ins: b.ins, traits: b.traits });
        let draft = Draft::new(people.collect(), true, now);
        return answer::see_other(&draft.address(&portal, &desk));
    }
    match identity::read(&fields, &portal.store.parameters().realm) {
        Ok(person) => {
            let draft = Draft::new(vec![person], false, now);
            answer::see_other(&draft.address(&portal, &desk))
        }
        Err(errors) => page(&portal, &desk, fields, errors).await,
    }
}

/// The fields of a form that carries the token of the session.
pub(super) fn posted(
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
    desk: &Desk,
) -> Option<Fields> {
    let Ok(Form(pairs)) = form else { return None };
    let fields = Fields(pairs);
    let fits = fields.0.len() <= 40 && fields.0.iter().all(|(_, value)| value.len() <= 1_000);
    (fits && is_token(fields.get("csrf"), &desk.viewer)).then_some(fields)
}
