//! `…/document/{lid}/supprimer`: the patient deletes a document they added themselves; what will happen is said before.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Availability, ChangeStatus, Command, DocumentRef};
use serde::Deserialize;
use std::sync::Arc;

use super::{document, groups};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french::Day;
use crate::home::is_token;
use crate::open::{Open, Part, SignedIn};
use crate::shell::Shell;
use crate::timeline;

#[derive(Template)]
#[template(path = "patient/delete.html")]
struct Delete {
    shell: Shell,
    address: String,
    csrf: String,
    name: String,
    title: Option<String>,
    day: String,
}

/// `GET`
pub(crate) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid)): Path<(String, String)>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let page = async {
        let open = Open::new(&portal, signed_in, &reference)?;
        let seen = document::seen(&open, &lid).await?;
        if !groups::is_patients(&seen.entry) {
            return Err(Failure::UnknownAddress);
        }
        let name = timeline::name(&seen.entry);
        Ok(Delete {
            shell: open.shell("Supprimer un document", Part::Document),
            address: format!("{}/document/{}", open.address, seen.entry.lid),
            csrf: open.viewer.csrf.clone(),
            name: name.plain,
            title: name.title,
            day: Day::of(timeline::act_date(&seen.entry)).long(),
        })
    };
    match page.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Confirmed {
    csrf: String,
}

/// `POST`
pub(crate) async fn delete(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid)): Path<(String, String)>,
    confirmed: Result<Form<Confirmed>, FormRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let done = async {
        let open = Open::new(&portal, signed_in, &reference)?;
        let Form(confirmed) = confirmed.map_err(|_| Failure::Form)?;
        if !is_token(&confirmed.csrf, &open.viewer) {
            return Err(Failure::Form);
        }
        let seen = document::seen(&open, &lid).await?;
        let document = DocumentRef::Lid(seen.entry.lid);
        let command =
            Command::ChangeStatus(ChangeStatus { document, to: Availability::Deleted, from_version: None });
        open.execute(command, Vec::new()).await?;
        Ok(format!("{}/documents?fait=supprime", open.address))
    };
    match done.await {
        Ok(address) => answer::see_other(&address),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}
