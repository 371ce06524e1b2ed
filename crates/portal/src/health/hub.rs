//! `/dossier/{reference}/sante`: what carers say, from the documents; what the patient wrote; and where to go from there.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use std::sync::Arc;

use super::items::{self, Item, Kind};
use super::own;
use crate::Portal;
use crate::answer;
use crate::open::{Open, Part, SignedIn};
use crate::patient::After;
use crate::record::read_synthesis;
use crate::rights::{own as own_dossier, settle};
use crate::shell::Shell;
use crate::synthesis::{Block, Fact, Results};

#[derive(Template)]
#[template(path = "health/sante.html")]
struct Page {
    shell: Shell,
    address: String,
    done: Option<&'static str>,
    subjects: Vec<Subject>,
    results: Block<Vec<Results>>,
    kinds: Vec<Written>,
    profile_version: String,
}

/// A subject of the synthesis, from carers' documents.
struct Subject {
    id: &'static str,
    title: &'static str,
    icon: &'static str,
    block: Block<Vec<Fact>>,
    none: &'static str,
}

/// What the patient wrote of one kind.
struct Written {
    kind: &'static Kind,
    items: Vec<Item>,
}

/// `GET`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    after: Result<Parameters<After>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own_dossier(&portal, signed_in, &reference)?;
        let word = after.ok().and_then(|Parameters(after)| after.fait);
        page(&open, word.as_deref()).await
    };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn page(open: &Open, word: Option<&str>) -> Result<Response<Body>, crate::failure::Failure> {
    let seen = own::seen(open).await?;
    let synthesis = read_synthesis(open, &seen).await;
    let held = own::held(open, &seen, &[own::PROFILE]).await?.pop();
    let items = held.as_ref().map(|held| items::of(&own::Profile::of(&held.entries))).unwrap_or_default();
    let subject = |id, title, icon, block, none| Subject { id, title, icon, block, none };
    let subjects = vec![
        subject("allergies", "Allergies", "alert", synthesis.allergies, "Aucune allergie connue"),
        subject("traitements", "Traitements en cours", "pill", synthesis.treatments, "Aucun connu"),
        subject("problemes", "Problèmes de santé", "pulse", synthesis.problems, "Aucun connu"),
        subject("vaccins", "Vaccins", "syringe", synthesis.vaccines, "Aucun connu"),
        subject("antecedents", "Antécédents", "clock", synthesis.history, "Aucun connu"),
    ];
    let kinds = items::KINDS
        .iter()
        .filter(|kind| kind.word != items::MEASURE)
        .map(|kind| Written {
            kind,
            items: items.iter().filter(|item| item.kind == kind.word).cloned().collect(),
        })
        .collect();
    let page = Page {
        shell: open.shell("Ma santé", Part::Health),
        address: open.address.clone(),
        done: items::sentence(word),
        subjects,
        results: synthesis.results,
        kinds,
        profile_version: items::version(held.as_ref().and_then(|held| held.entry.as_deref())),
    };
    Ok(answer::page(StatusCode::OK, &page))
}
