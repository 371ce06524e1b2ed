//! `/ouvrir/enfant`: a parent opens the dossier of a child who stands on their card. An identity that is typed proves
//! nothing of whose child it is: a desk then opens with the papers.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{Response, StatusCode};
use dmp_dossier::{Ins, age_years};
use std::sync::Arc;

use super::flow::{self, Step};
use super::own::FIELDS_MAX;
use super::{Already, Parent, Subject};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::home::is_token;
use crate::open::SignedIn;
use crate::patient::questions::Fields;
use crate::services::Beneficiary;
use crate::shell::Shell;
use crate::viewer::Viewer;

#[derive(Template)]
#[template(path = "patient/children.html")]
struct Children {
    shell: Shell,
    csrf: String,
    /// Place on the card, name, birth date, whether a dossier is there already.
    children: Vec<(String, String, String)>,
    error: Option<&'static str>,
}

/// The minors of the card of this parent, in its order.
fn children(portal: &Portal, own: &Ins) -> Vec<Beneficiary> {
    let majority = i32::from(portal.store.parameters().majority_age_years);
    let is_minor = |b: &Beneficiary| {
        age_years(&b.traits.birth_date, portal.store.now()).is_some_and(|age| age < majority)
    };
    let cards = portal.services.cards();
    let theirs = cards.into_iter().find(|c| c.beneficiaries.first().is_some_and(|holder| holder.ins == *own));
    theirs.map(|c| c.beneficiaries.into_iter().skip(1).filter(is_minor).collect()).unwrap_or_default()
}

fn list(portal: &Portal, viewer: &Viewer, own: &Ins, error: Option<&'static str>) -> Response<Body> {
    let told = |(place, child): (usize, Beneficiary)| {
        let name = format!("{} {}", child.traits.first_given(), child.traits.birth_name);
        (place.to_string(), name, french::birth_date(&child.traits.birth_date))
    };
    let title = if error.is_some() { "Erreur : quel enfant ?" } else { "Ouvrir le dossier de mon enfant" };
    let page = Children {
        shell: Shell::new(portal, Some(viewer), title),
        csrf: viewer.csrf.clone(),
        children: children(portal, own).into_iter().enumerate().map(told).collect(),
        error,
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    answer::page(status, &page)
}

/// `GET`
pub(in crate::patient) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
) -> Response<Body> {
    match super::patient(&signed_in) {
        Ok((viewer, own)) => list(&portal, &viewer, &own, None),
        Err(Failure::UnknownAddress) => answer::see_other("/"),
        Err(failure) => failure.page(&portal, signed_in.0.as_ref()),
    }
}

/// `POST`
pub(in crate::patient) async fn go(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response<Body> {
    let done = async {
        let (viewer, own) = super::patient(&signed_in)?;
        let Form(fields) = form.map_err(|_| Failure::Form)?;
        let fields = Fields(fields);
        if fields.0.len() > FIELDS_MAX || !is_token(fields.get("csrf"), &viewer) {
            return Err(Failure::Form);
        }
        let place: Option<usize> = fields.get("enfant").parse().ok();
        let chosen = place.and_then(|place| children(&portal, &own).into_iter().nth(place));
        let Some(child) = chosen else {
            return Ok(list(&portal, &viewer, &own, Some("Choisissez un enfant.")));
        };
        let open = super::way(&portal, &viewer, &own, &child.ins)?;
        // Somebody else may have opened it: whether it is there is not for this parent to learn, but for its own.
        match super::already(&open).await? {
            Already::Nothing => {}
            Already::Open | Already::Closed => {
                let says = "Cet enfant a déjà un dossier.";
                return Ok(list(&portal, &viewer, &own, Some(says)));
            }
        }
        let parent = Parent {
            person: own.value().to_owned(),
            family: viewer.traits.as_ref().map_or_else(|| viewer.name.clone(), |t| t.birth_name.clone()),
            given: viewer.traits.as_ref().map_or_else(String::new, |t| t.first_given().to_owned()),
        };
        let subject = Subject { open, traits: child.traits, parent: Some(parent) };
        if fields.get("etape").is_empty() {
            return Ok(flow::shown(&flow::screen(&subject, Step::Identity, &fields, Vec::new())));
        }
        flow::go(subject, fields).await
    };
    match done.await {
        Ok(response) => response,
        Err(failure) => failure.page(&portal, signed_in.0.as_ref()),
    }
}
