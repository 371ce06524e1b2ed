//! Adding a line to one's health profile, or taking one away: each makes a version that replaces the former.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use std::sync::Arc;

use super::items::{self, KINDS, Kind, MEASURE, MEASURES};
use super::own::{self, Profile, Written};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::open::{Open, Part, SignedIn};
use crate::rights::form::{Fields, Posted, Wrong};
use crate::rights::{own as own_dossier, settle};
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "health/ajouter.html")]
struct Page {
    shell: Shell,
    address: String,
    csrf: String,
    kind: &'static Kind,
    measures: Vec<(&'static str, String)>,
    today: String,
    back: String,
    /// The version the form was shown on: sent twice, it adds once.
    version: String,
    fields: Fields,
    errors: Vec<Wrong>,
}

impl Page {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, says)| *says)
    }
}

/// `GET /dossier/{reference}/sante/ajouter/{kind}`
pub(super) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, kind)): Path<(String, String)>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own_dossier(&portal, signed_in, &reference)?;
        let kind = KINDS.iter().find(|k| k.word == kind).ok_or(Failure::UnknownAddress)?;
        let seen = own::seen(&open).await?;
        let version = items::version(own::latest(&seen, own::PROFILE).map(|s| s.entry.as_ref()));
        Ok(page(&open, kind, version, Fields::none(), Vec::new()))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST /dossier/{reference}/sante/ajouter/{kind}`
pub(super) async fn add(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, kind)): Path<(String, String)>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own_dossier(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        let kind = KINDS.iter().find(|k| k.word == kind).ok_or(Failure::UnknownAddress)?;
        let seen = own::seen(&open).await?;
        let held = own::held(&open, &seen, &[own::PROFILE]).await?.pop().ok_or(Failure::Ours)?;
        let version = items::version(held.entry.as_deref());
        if fields.get("version") != version {
            return Ok(answer::see_other(&format!("{}?fait=ailleurs", back(&open, kind))));
        }
        let mut profile = Profile::of(&held.entries);
        if let Err(errors) = items::add(&mut profile, kind, &fields, open.now) {
            return Ok(page(&open, kind, version, fields, errors));
        }
        written(&open, Written::Profile(profile), held.entry.as_deref(), &back(&open, kind), "ajoute").await
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST /dossier/{reference}/sante/retirer`
pub(super) async fn remove(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own_dossier(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        let kind = KINDS.iter().find(|k| k.word == fields.get("quoi")).ok_or(Failure::UnknownAddress)?;
        let back = back(&open, kind);
        let seen = own::seen(&open).await?;
        let held = own::held(&open, &seen, &[own::PROFILE]).await?.pop().ok_or(Failure::Ours)?;
        // A place says something on the version it was read on, and on no other.
        let same = fields.get("version") == items::version(held.entry.as_deref());
        let mut profile = Profile::of(&held.entries);
        let index = fields.get("numero").parse().unwrap_or(usize::MAX);
        if !same || !items::remove(&mut profile, kind.word, index) {
            return Ok(answer::see_other(&format!("{back}?fait=ailleurs")));
        }
        written(&open, Written::Profile(profile), held.entry.as_deref(), &back, "retire").await
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// Deposits, and goes where the result is seen.
pub(super) async fn written(
    open: &Open,
    written: Written,
    before: Option<&dmp_dossier::DocumentEntry>,
    back: &str,
    word: &str,
) -> Result<Response<Body>, Failure> {
    match own::write(open, written, before).await {
        Ok(()) => Ok(answer::see_other(&format!("{back}?fait={word}"))),
        Err(failure) if own::is_conflict(&failure) => Ok(answer::see_other(&format!("{back}?fait=ailleurs"))),
        Err(failure) => Err(failure),
    }
}

fn back(open: &Open, kind: &Kind) -> String {
    let page = if kind.word == MEASURE { "/sante/mesures" } else { "/sante" };
    format!("{}{page}", open.address)
}

fn page(
    open: &Open,
    kind: &'static Kind,
    version: String,
    fields: Fields,
    errors: Vec<Wrong>,
) -> Response<Body> {
    let wrong = !errors.is_empty();
    let title = if wrong { format!("Erreur : {}", kind.one.to_lowercase()) } else { kind.one.to_owned() };
    let page = Page {
        shell: open.shell(&title, Part::Health),
        address: open.address.clone(),
        csrf: open.viewer.csrf.clone(),
        kind,
        measures: MEASURES
            .iter()
            .map(|(word, _, label, _, unit, ..)| (*word, format!("{label}, en {unit}")))
            .collect(),
        today: crate::french::machine_day(open.now),
        back: back(open, kind),
        version,
        fields,
        errors,
    };
    answer::page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}
