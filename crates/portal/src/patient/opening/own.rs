//! `/ouvrir`: one's own dossier, with the identity that the identity provider gave.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{Response, StatusCode};
use std::sync::Arc;

use super::flow::{self, Step};
use super::{Already, Subject};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::home::is_token;
use crate::open::SignedIn;
use crate::patient::questions::Fields;
use crate::shell::Shell;

/// Fields beyond these are no form of ours.
pub(in crate::patient) const FIELDS_MAX: usize = 60;

#[derive(Template)]
#[template(path = "patient/no_identity.html")]
struct NoIdentity {
    shell: Shell,
}

/// Where one goes, or the subject of the screens.
async fn subject(
    portal: &Arc<Portal>,
    signed_in: &SignedIn,
) -> Result<Result<Subject, Response<Body>>, Failure> {
    let (viewer, own) = match super::patient(signed_in) {
        Ok(found) => found,
        Err(Failure::UnknownAddress) => return Ok(Err(answer::see_other("/"))),
        Err(failure) => return Err(failure),
    };
    let open = super::way(portal, &viewer, &own, &own)?;
    match super::already(&open).await? {
        Already::Nothing => {}
        Already::Open => return Ok(Err(answer::see_other("/"))),
        Already::Closed => return Ok(Err(answer::see_other(&format!("{}/rouvrir", open.address)))),
    }
    let Some(traits) = viewer.traits.clone() else {
        let page = NoIdentity { shell: Shell::new(portal, Some(&viewer), "Ouvrir mon dossier") };
        return Ok(Err(answer::page(StatusCode::FORBIDDEN, &page)));
    };
    Ok(Ok(Subject { open, traits, parent: None }))
}

/// `GET`
pub(in crate::patient) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
) -> Response<Body> {
    match subject(&portal, &signed_in).await {
        Ok(Ok(subject)) => {
            flow::shown(&flow::screen(&subject, Step::Identity, &Fields::default(), Vec::new()))
        }
        Ok(Err(response)) => response,
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
        let viewer = signed_in.0.as_ref().ok_or(Failure::SignIn)?;
        let Form(fields) = form.map_err(|_| Failure::Form)?;
        let fields = Fields(fields);
        if fields.0.len() > FIELDS_MAX || !is_token(fields.get("csrf"), viewer) {
            return Err(Failure::Form);
        }
        match subject(&portal, &signed_in).await? {
            Ok(subject) => flow::go(subject, fields).await,
            Err(response) => Ok(response),
        }
    };
    match done.await {
        Ok(response) => response,
        Err(failure) => failure.page(&portal, signed_in.0.as_ref()),
    }
}
