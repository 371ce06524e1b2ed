//! `/dossier/{reference}/documents/reglage`: who will see the documents that are still to come.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Command, Query, View, Visibility};
use serde::Deserialize;
use std::sync::Arc;

use super::done::{self, After};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::home::is_token;
use crate::open::{Open, Part, SignedIn};
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "patient/setting.html")]
struct Setting {
    shell: Shell,
    address: String,
    csrf: String,
    masked: bool,
    done: Option<&'static str>,
}

/// `GET`
pub(crate) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    after: Result<Parameters<After>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let after = after.map(|Parameters(after)| after).unwrap_or_default();
    let page = async {
        let open = own(&portal, signed_in, &reference)?;
        let now = current(&open).await?;
        Ok(Setting {
            shell: open.shell("Mes prochains documents", Part::Document),
            csrf: open.viewer.csrf.clone(),
            masked: now.masked,
            done: done::sentence(after.fait.as_deref()),
            address: open.address,
        })
    };
    match page.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => Failure::page(failure, &portal, viewer.as_ref()),
    }
}

fn own(portal: &Arc<Portal>, signed_in: SignedIn, reference: &str) -> Result<Open, Failure> {
    let open = Open::new(portal, signed_in, reference)?;
    if open.is_own() { Ok(open) } else { Err(Failure::UnknownAddress) }
}

async fn current(open: &Open) -> Result<Visibility, Failure> {
    match open.consult(Query::Rights).await?.view {
        View::Rights(rights) => Ok(rights.default_confidentiality),
        _ => Err(Failure::Ours),
    }
}

/// The form.
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
    Path(reference): Path<String>,
    chosen: Result<Form<Chosen>, FormRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let done = async {
        let open = own(&portal, signed_in, &reference)?;
        let Form(chosen) = chosen.map_err(|_| Failure::Form)?;
        if !is_token(&chosen.csrf, &open.viewer) {
            return Err(Failure::Form);
        }
        let masked = match chosen.qui.as_str() {
            "masque" => true,
            "autorises" => false,
            _ => return Err(Failure::Form),
        };
        let page = format!("{}/documents/reglage", open.address);
        let now = current(&open).await?;
        if now.masked == masked {
            return Ok(format!("{page}?fait=inchange"));
        }
        open.step_up(&page, vec![("qui".to_owned(), chosen.qui)])?;
        let to = Visibility { masked, ..now };
        open.execute(Command::SetDefaultConfidentiality(to), Vec::new()).await?;
        Ok(format!("{page}?fait=regle"))
    };
    match done.await {
        Ok(address) => answer::see_other(&address),
        Err(failure) => Failure::page(failure, &portal, viewer.as_ref()),
    }
}
