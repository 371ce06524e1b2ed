//! `POST …/document/{lid}/visibilite`: the patient masks a document, or shows it again.

use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::Response;
use dmp_dossier::{ChangeVisibility, Command, DocumentRef, Receipt, Visibility};
use serde::Deserialize;
use std::sync::Arc;

use super::document;
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::home::is_token;
use crate::open::{Open, SignedIn};

/// The form: one of two ways, none of them by default.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    csrf: String,
    #[serde(default)]
    qui: String,
}

/// `POST`
pub(crate) async fn set(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid)): Path<(String, String)>,
    chosen: Result<Form<Chosen>, FormRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let done = async {
        let open = Open::new(&portal, signed_in, &reference)?;
        let Form(chosen) = chosen.map_err(|_| Failure::Form)?;
        if !is_token(&chosen.csrf, &open.viewer) {
            return Err(Failure::Form);
        }
        let masked = match chosen.qui.as_str() {
            "masque" => true,
            "autorises" => false,
            _ => return Err(Failure::Form),
        };
        let seen = document::seen(&open, &lid).await?;
        let to = Visibility { masked, hidden_from_patient: false, ..seen.entry.visibility };
        let document = DocumentRef::Lid(seen.entry.lid);
        let command = Command::ChangeVisibility(ChangeVisibility { document, to, from_version: None });
        let word = match (seen.entry.visibility.masked == masked, masked) {
            (true, _) => "inchange",
            (false, true) => "masque",
            (false, false) => "visible",
        };
        match open.execute(command, Vec::new()).await? {
            Receipt::Updated(_) | Receipt::Done | Receipt::AlreadyDone => {}
            _ => return Err(Failure::Ours),
        }
        Ok(format!("{}/document/{}?fait={word}", open.address, seen.entry.lid))
    };
    match done.await {
        Ok(address) => answer::see_other(&address),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}
