//! `/ouvrir/fait/{reference}`: the dossier is open; each choice, the text that was read, when, who collected it.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Query, View};
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::open::SignedIn;
use crate::patient::choices::{self, Receipt};
use crate::people::Reader;
use crate::shell::Shell;

/// Who collected the choices of a patient who opens alone, as it is kept.
pub(in crate::patient) const ALONE: &str = "Le patient, seul, en ligne";

#[derive(Template)]
#[template(path = "patient/opened.html")]
struct Opened {
    shell: Shell,
    is_child: bool,
    receipts: Vec<Receipt>,
}

/// `GET`
pub(in crate::patient) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let page = async {
        let (viewer, own) = super::patient(&signed_in)?;
        let of = portal.references.open(&viewer, &reference).ok_or(Failure::UnknownAddress)?.ins;
        let open = super::way(&portal, &viewer, &own, &of)?;
        let View::Choices(view) = open.consult(Query::Choices).await?.view else { return Err(Failure::Ours) };
        Ok(Opened {
            shell: Shell::new(&portal, Some(&viewer), "Le dossier est ouvert"),
            is_child: open.reader == Reader::Representative,
            receipts: choices::receipts(&view, open.reader),
        })
    };
    match page.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, signed_in.0.as_ref()),
    }
}

/// `GET /ouvrir/depliant`: what was read, to keep; it holds nothing of anybody.
pub(in crate::patient) async fn leaflet(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
) -> Response<Body> {
    match dmp_paper::leaflet() {
        Ok(pdf) => answer::file(pdf, "application/pdf", "depliant.pdf"),
        Err(error) => {
            tracing::error!(%error, "the leaflet is not made");
            Failure::Ours.page(&portal, signed_in.0.as_ref())
        }
    }
}
