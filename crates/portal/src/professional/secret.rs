//! `/dossier/{reference}/secrete`: a *connexion secrète* (EX_0.1-1100). A minor may be cared for without the
//! representatives knowing: they see neither the accesses of this session nor what it deposits.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::Actor;
use serde::Deserialize;
use std::sync::Arc;

use super::{administrative, banner, enter, is_minor};
use crate::Portal;
use crate::answer;
use crate::banner::Banner;
use crate::failure::Failure;
use crate::home::is_token;
use crate::open::{Open, Part, SignedIn};
use crate::reference::{Reference, Way};
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "professional/secret.html")]
struct Secret {
    shell: Shell,
    banner: Option<Banner>,
    address: String,
    csrf: String,
    /// False for an adult: there is nobody to keep anything from.
    is_minor: bool,
}

/// A professional in normal mode: an emergency, or an employee, opens no secret session.
async fn page(open: &Open) -> Result<Secret, Failure> {
    if !matches!(open.actor, Actor::Professional(_)) || !open.is_normal() {
        return Err(Failure::UnknownAddress);
    }
    let view = administrative(open).await?;
    Ok(Secret {
        shell: open.shell("Ouvrir une session secrète", Part::Record),
        banner: banner(open, &view),
        address: open.address.clone(),
        csrf: open.viewer.csrf.clone(),
        is_minor: is_minor(open, &view),
    })
}

/// `GET`: what a secret session changes.
pub(super) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let found = async { page(&enter(&portal, signed_in, &reference)?).await };
    match found.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

/// The form.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    csrf: String,
}

/// `POST`: to the dossier, in secret.
pub(super) async fn open(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    form: Result<Form<Confirmed>, FormRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let opened = async {
        let open = enter(&portal, signed_in, &reference)?;
        let Ok(Form(form)) = form else { return Err(Failure::Form) };
        if !is_token(&form.csrf, &open.viewer) {
            return Err(Failure::Form);
        }
        // Who the patient is, is read in secret already: the opening itself leaves nothing.
        let secret = Reference { ins: open.reference.ins.clone(), way: Way::Secret };
        let reference = portal.references.seal(&open.viewer, &secret);
        let inside = Open::new(&portal, SignedIn(Some(open.viewer.clone())), &reference)?;
        if !is_minor(&inside, &administrative(&inside).await?) {
            return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page(&open).await?));
        }
        Ok(answer::see_other(&inside.address))
    };
    match opened.await {
        Ok(response) => response,
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}
